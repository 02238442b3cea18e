import { ANNOTATION_RIGHTS } from '../certmanager/annotations/spec-annotations.ts'
import { UNBOUNDED_RULES } from '../findings/reasons.ts'
import type { ClusterSettings } from './settings.ts'

/** The flags that say what happens to routes: the server has them, and so has `kubectl tlsauto plan`.
 * Each is also an environment variable of the server: `--cluster-issuer` is TLSAUTO_CLUSTER_ISSUER. */
export const SETTINGS_FLAGS = {
  'cluster-issuer': {
    describe: 'ClusterIssuer that signs, unless a namespace or route names another',
    default: 'letsencrypt-prod',
  },
  'wildcard-cluster-issuer': {
    describe: 'ClusterIssuer for wildcard hosts (DNS-01); without it they get no certificate',
    default: '',
  },
  'http-entrypoints': {
    describe: "Traefik's plain HTTP entry points, comma-separated",
    default: 'web',
  },
  'tls-entrypoints': {
    describe: "Traefik's HTTPS entry points, comma-separated",
    default: 'websecure',
  },
  'default-entrypoints': {
    describe: 'entry points of a route that names none, comma-separated',
    default: 'web,websecure',
  },
  attach: {
    describe:
      'carry: leave routes as they are, where Traefik’s HTTPS entry points terminate TLS (http.tls); inject: add TLS to routes, which drops TLS options (mTLS) of the entry point',
    default: 'carry',
    choices: ['inject', 'carry'],
  },
  'default-tls-options': {
    describe: "TLSOption added with the Secret, such as mtls@file; a route's own stays",
    default: '',
  },
  'ingress-class': {
    describe: "Traefik's ingress class; empty: routes of none and of `traefik`",
    default: '',
  },
  annotations: {
    describe:
      'what routes may set by annotations: names (hosts and harmless fields) or all (also subjects, usages, addresses)',
    default: 'names',
    choices: ANNOTATION_RIGHTS,
  },
  'unbounded-rules': {
    describe:
      'rules not limited to named hosts, with allowed-domains or --host-claims=deny: deny, warn or allow',
    default: 'deny',
    choices: UNBOUNDED_RULES,
  },
} as const satisfies Readonly<Record<string, Flag>>

/** One flag that takes text: what it means, what it is when absent, what it may be. */
export type Flag = {
  readonly describe: string
  readonly default: string
  readonly choices?: readonly string[]
}

export type SettingsFlag = keyof typeof SETTINGS_FLAGS

/** The cluster's settings from the flags' texts. Throws one Error that lists every mistake. */
export function clusterSettings(texts: Readonly<Record<SettingsFlag, string>>): ClusterSettings {
  const mistakes: string[] = []
  const list = (flag: SettingsFlag): readonly string[] => {
    const names = texts[flag]
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '')
    if (names.length === 0) mistakes.push(`--${flag} names no entry point`)
    return names
  }
  const optional = (flag: SettingsFlag): string | undefined => texts[flag] || undefined
  const choice = <T extends string>(flag: SettingsFlag, all: readonly [T, ...T[]]): T => {
    const found = all.find((one) => one === texts[flag])
    if (found === undefined) mistakes.push(`--${flag} ${texts[flag]} is none of ${all.join(', ')}`)
    return found ?? all[0]
  }
  if (texts['cluster-issuer'] === '') mistakes.push('--cluster-issuer is empty')
  const settings: ClusterSettings = {
    clusterIssuer: texts['cluster-issuer'],
    wildcardClusterIssuer: optional('wildcard-cluster-issuer'),
    httpEntryPoints: list('http-entrypoints'),
    tlsEntryPoints: list('tls-entrypoints'),
    defaultEntryPoints: list('default-entrypoints'),
    attach: choice('attach', ['inject', 'carry']),
    defaultTlsOptions: optional('default-tls-options'),
    ingressClass: optional('ingress-class'),
    annotations: choice('annotations', ANNOTATION_RIGHTS),
    unboundedRules: choice('unbounded-rules', UNBOUNDED_RULES),
  }
  if (mistakes.length > 0) throw new Error(mistakes.join('\n'))
  return settings
}

/** The variable that stands for a flag: `--cluster-issuer` is TLSAUTO_CLUSTER_ISSUER. */
export function variableOf(flag: string): string {
  return `TLSAUTO_${flag.toUpperCase().replaceAll('-', '_')}`
}

/** The texts of all flags, each asked for by its name. */
export function settingsTexts(
  text: (flag: SettingsFlag) => string,
): Readonly<Record<SettingsFlag, string>> {
  return {
    'cluster-issuer': text('cluster-issuer'),
    'wildcard-cluster-issuer': text('wildcard-cluster-issuer'),
    'http-entrypoints': text('http-entrypoints'),
    'tls-entrypoints': text('tls-entrypoints'),
    'default-entrypoints': text('default-entrypoints'),
    attach: text('attach'),
    'default-tls-options': text('default-tls-options'),
    'ingress-class': text('ingress-class'),
    annotations: text('annotations'),
    'unbounded-rules': text('unbounded-rules'),
  }
}

/** The texts of all flags at their defaults. */
export function defaultTexts(): Readonly<Record<SettingsFlag, string>> {
  return settingsTexts((flag) => SETTINGS_FLAGS[flag].default)
}
