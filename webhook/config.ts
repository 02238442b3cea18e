import yargs from 'yargs'
import {
  clusterSettings,
  SETTINGS_FLAGS,
  variableOf,
  type Flag,
  type SettingsFlag,
} from '../shared/settings/flags.ts'
import type { ClusterSettings } from '../shared/settings/settings.ts'
import { HOST_CLAIMS, type HostClaims } from '../shared/findings/reasons.ts'
import { INSTALLATION } from '../shared/kube/installation.ts'
import { LOG_LEVELS } from './runtime/logger.ts'

/** Everything the server is told at its start. */
export type Config = {
  readonly kubeconfig: string | undefined
  /** An empty host means every address. */
  readonly listen: { readonly host: string; readonly port: number }
  /** Where metrics are served, over plain HTTP; undefined: nowhere. */
  readonly metricsListen: Config['listen'] | undefined
  /** A file with the CAs of those who may send reviews; undefined: anybody may. */
  readonly clientCa: string | undefined
  /** For `clientConfig.url`; undefined: the API server comes by the Service. */
  readonly webhookUrl: string | undefined
  readonly namespace: string
  readonly identity: string
  /** Seconds, as all durations here. */
  readonly leaseDuration: number
  readonly servingLifetime: number
  readonly servingOverlap: number
  readonly drainDelay: number
  readonly stallTimeout: number
  readonly relistPeriod: number
  readonly hostClaims: HostClaims
  /** Seconds. */
  readonly claimGrace: number
  /** Routes an hour. */
  readonly backfill: number
  /** Certificates an hour for one namespace; 0: no limit. */
  readonly maxCertificates: number
  /** DomainClaims for one namespace; 0: no limit. */
  readonly maxClaims: number
  readonly logLevel: string
  readonly settings: ClusterSettings
}

/** The server's own flags, beside those of `SETTINGS_FLAGS`. */
export const SERVER_FLAGS = {
  kubeconfig: { describe: 'kubeconfig file; empty: the Pod’s ServiceAccount', default: '' },
  listen: { describe: 'address (none: all) and port of the HTTPS server', default: ':8443' },
  'metrics-listen': {
    describe: 'address and port of /metrics, over plain HTTP; empty: no metrics',
    default: ':9402',
  },
  'client-ca': {
    describe:
      'file with the CAs (PEM) of client certificates: reviews of callers without one are refused; empty: nobody is asked',
    default: '',
  },
  'webhook-url': {
    describe: 'URL under which the API server reaches this server; empty: by the Service',
    default: '',
  },
  namespace: {
    describe: 'namespace of the Service, the Secret and the Lease',
    default: INSTALLATION.namespace,
  },
  'host-claims': {
    describe: `a host that another namespace holds: ${HOST_CLAIMS.join(' or ')}`,
    default: 'warn',
  },
  'claim-grace': {
    describe: 'how long a host stays claimed for a namespace in which nothing names it any more',
    default: '24h',
  },
  backfill: {
    describe:
      'routes older than tlsauto to take on, an hour (Let’s Encrypt takes 100 new orders); 0: those that ask',
    default: '0',
  },
  'max-certificates-per-namespace': {
    describe:
      'Certificates made an hour for one namespace, those of the oldest routes first; 0: no limit',
    default: '300',
  },
  'max-claims-per-namespace': {
    describe:
      'DomainClaims for one namespace; hosts beyond stay unclaimed, without a certificate; 0: no limit',
    default: '20000',
  },
  identity: { describe: 'name in the Lease; empty: the host name (the Pod’s)', default: '' },
  'lease-duration': { describe: 'how long a leader is believed without a sign', default: '15s' },
  'serving-lifetime': {
    describe: 'how long a serving certificate lives; its CA lives ten times as long',
    default: '90d',
  },
  'serving-overlap': {
    describe: 'how long the API server hears of a new CA before it signs',
    default: '60s',
  },
  'drain-delay': {
    describe: 'how long the server goes on after SIGTERM, for those who have not heard of it',
    default: '5s',
  },
  'stall-timeout': {
    describe: 'how long a watch lasts; one that is silent for longer is given up',
    default: '30s',
  },
  'relist-period': {
    describe: 'how often everything is listed again, in case an event was lost on the way',
    default: '30m',
  },
  'log-level': { describe: `what is logged: ${LOG_LEVELS.join(', ')}`, default: 'info' },
} as const satisfies Readonly<Record<string, Flag>>

const FLAGS = { ...SETTINGS_FLAGS, ...SERVER_FLAGS }

type Texts = Readonly<Record<SettingsFlag | keyof typeof SERVER_FLAGS, string>>

/** Reads flags, then TLSAUTO_… variables, then defaults. Throws one Error that lists all mistakes. */
export function readConfig(input: {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly hostname: string
}): Config {
  const mistakes: string[] = []
  const texts = readTexts(input, mistakes)
  const config = {
    kubeconfig: texts.kubeconfig || undefined,
    listen: readListen('listen', texts.listen, mistakes),
    metricsListen:
      texts['metrics-listen'] === ''
        ? undefined
        : readListen('metrics-listen', texts['metrics-listen'], mistakes),
    clientCa: texts['client-ca'] || undefined,
    webhookUrl: readUrl(texts['webhook-url'], mistakes),
    namespace: texts.namespace,
    identity: texts.identity || input.hostname,
    hostClaims: readHostClaims(texts['host-claims'], mistakes),
    backfill: readRate('backfill', 'routes an hour', { texts, mistakes }),
    maxCertificates: readRate('max-certificates-per-namespace', 'Certificates an hour', {
      texts,
      mistakes,
    }),
    maxClaims: readRate('max-claims-per-namespace', 'DomainClaims', { texts, mistakes }),
    ...readDurations(texts, mistakes),
    logLevel: readLogLevel(texts['log-level'], mistakes),
    settings: readSettings(texts, mistakes),
  }
  const { settings } = config
  if (mistakes.length > 0 || settings === undefined) {
    throw new Error(`the server can't start:\n${mistakes.map((line) => `  ${line}`).join('\n')}`)
  }
  return { ...config, settings }
}

function readTexts(
  input: {
    readonly argv: readonly string[]
    readonly env: Readonly<Record<string, string | undefined>>
  },
  mistakes: string[],
): Texts {
  const parser = yargs([...input.argv])
    .usage('tlsauto: the admission webhook and controller of automatic TLS for Traefik')
    // Whatever the machine's language is: these lines are looked up.
    .locale('en')
    .parserConfiguration({ 'camel-case-expansion': false, 'duplicate-arguments-array': false })
    .options(
      Object.fromEntries(
        Object.entries<Flag>(FLAGS).map(([flag, { describe, ...rest }]) => [
          flag,
          {
            describe: `${describe} [${variableOf(flag)}]`,
            type: 'string' as const,
            requiresArg: true,
            default: input.env[variableOf(flag)] ?? rest.default,
          },
        ]),
      ),
    )
    .strict()
    .wrap(100)
    .fail((message, error) => mistakes.push(message ?? error.message))
  const values: Readonly<Record<string, unknown>> = parser.parseSync()
  const entries = Object.keys(FLAGS).map((flag) => [flag, textOf(values[flag])])
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- fromEntries forgets its keys
  return Object.fromEntries(entries) as Texts
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function readListen(flag: string, text: string, mistakes: string[]): Config['listen'] {
  const [, host = '', port = ''] = /^(.*):(\d{1,5})$/.exec(text) ?? []
  if (port === '' || Number(port) > 65_535) mistakes.push(`--${flag} ${text} is not HOST:PORT`)
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) }
}

function readUrl(text: string, mistakes: string[]): string | undefined {
  if (text === '') return undefined
  if (!URL.canParse(text) || new URL(text).protocol !== 'https:') {
    mistakes.push(`--webhook-url ${text} is not an https URL`)
  }
  return text.replace(/\/$/, '')
}

const SECONDS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 }

type Duration =
  | 'claimGrace'
  | 'leaseDuration'
  | 'servingLifetime'
  | 'servingOverlap'
  | 'drainDelay'
  | 'stallTimeout'
  | 'relistPeriod'

function readDurations(texts: Texts, mistakes: string[]): Pick<Config, Duration> {
  const read = (flag: keyof Texts, { from, to }: { from: string; to: string }): number => {
    const seconds = secondsOf(texts[flag])
    const isRight = seconds >= secondsOf(from) && seconds <= secondsOf(to)
    if (!isRight) mistakes.push(`--${flag} ${texts[flag]} is not a duration from ${from} to ${to}`)
    return seconds
  }
  const durations = {
    claimGrace: read('claim-grace', { from: '0s', to: '30d' }),
    leaseDuration: read('lease-duration', { from: '1s', to: '1h' }),
    servingLifetime: read('serving-lifetime', { from: '10s', to: '365d' }),
    servingOverlap: read('serving-overlap', { from: '1s', to: '1d' }),
    drainDelay: read('drain-delay', { from: '0s', to: '1h' }),
    stallTimeout: read('stall-timeout', { from: '1s', to: '1h' }),
    relistPeriod: read('relist-period', { from: '1s', to: '7d' }),
  }
  // Renewed when a third is left: that third must be long enough for a new CA, too.
  if (durations.servingLifetime < 10 * durations.servingOverlap) {
    mistakes.push('--serving-lifetime is less than ten times --serving-overlap')
  }
  return durations
}

/** NaN when it is no duration. A number alone is seconds. */
function secondsOf(text: string): number {
  const [, value, unit = ''] = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(text) ?? []
  return Number(value ?? Number.NaN) * (SECONDS[unit] ?? Number.NaN)
}

function readRate(
  flag: 'backfill' | 'max-certificates-per-namespace' | 'max-claims-per-namespace',
  what: string,
  { texts, mistakes }: { readonly texts: Texts; readonly mistakes: string[] },
): number {
  const text = texts[flag]
  const rate = Number(text)
  if (text === '' || !(rate >= 0 && rate <= 1_000_000)) {
    mistakes.push(`--${flag} ${text} is not a number of ${what}`)
  }
  return rate
}

function readLogLevel(text: string, mistakes: string[]): string {
  const levels: readonly string[] = LOG_LEVELS
  if (!levels.includes(text)) mistakes.push(`--log-level ${text} is none of ${levels.join(', ')}`)
  return text
}

function readHostClaims(text: string, mistakes: string[]): HostClaims {
  const found = HOST_CLAIMS.find((one) => one === text)
  if (found === undefined) mistakes.push(`--host-claims ${text} is not ${HOST_CLAIMS.join(' or ')}`)
  return found ?? 'warn'
}

function readSettings(texts: Texts, mistakes: string[]): ClusterSettings | undefined {
  try {
    return clusterSettings(texts)
  } catch (error) {
    mistakes.push(...(error instanceof Error ? error.message.split('\n') : [String(error)]))
    return undefined
  }
}
