import type { IssuerRef } from './certmanager/certificate.ts'
import type { Finding } from './findings/reasons.ts'

export const APP = 'tlsauto.dev/app'
export const ENABLED = 'tlsauto.dev/enabled'
export const ATTACH = 'tlsauto.dev/attach'
export const ALLOWED_DOMAINS = 'tlsauto.dev/allowed-domains'
/** Written by tlsauto beside `spec.tls.secretName`: the Secret name that is ours. */
export const SECRET = 'tlsauto.dev/secret'
const CLUSTER_ISSUER = 'cert-manager.io/cluster-issuer'
const ISSUER = 'cert-manager.io/issuer'
const ISSUER_KIND = 'cert-manager.io/issuer-kind'
const ISSUER_GROUP = 'cert-manager.io/issuer-group'

/** `inject` names the Secret in the route; `carry` leaves routes as they are. */
export type Attach = 'inject' | 'carry'

/** What the server's flags say about every route of the cluster. */
export type ClusterSettings = {
  readonly clusterIssuer: string
  readonly wildcardClusterIssuer: string | undefined
  readonly httpEntryPoints: readonly string[]
  readonly tlsEntryPoints: readonly string[]
  readonly defaultEntryPoints: readonly string[]
  readonly attach: Attach
  readonly defaultTlsOptions: string | undefined
  readonly ingressClass: string | undefined
}

/** What namespace and route annotations make of them, for one route. */
export type Settings = {
  readonly cluster: ClusterSettings
  readonly app: string | undefined
  readonly enabled: boolean | undefined
  readonly attach: Attach
  readonly issuer: IssuerRef
  /** undefined: no issuer here can sign wildcards. */
  readonly wildcardIssuer: IssuerRef | undefined
  /** Whether the route itself names its issuer. */
  readonly routeNamesIssuer: boolean
  /** undefined: any host is allowed. */
  readonly allowedDomains: readonly string[] | undefined
  readonly findings: readonly Finding[]
}

type Annotations = Readonly<Record<string, string>>

/** What a namespace says: its annotations, and the labels among them that are settings. */
export type NamespaceSettings = {
  readonly labels: Annotations
  readonly annotations: Annotations
}

const NAME = '[a-z0-9]([a-z0-9-]*[a-z0-9])?'
const SUBDOMAIN = new RegExp(`^${NAME}(\\.${NAME})*$`)
const DOMAIN_PATTERN = new RegExp(`^(\\*\\.)?${NAME}(\\.${NAME})*$`)

/** How each setting's text is read; undefined means that it can't be. */
const PARSERS = {
  [APP]: (text: string) => (SUBDOMAIN.test(text) && text.length <= 253 ? text : undefined),
  [ENABLED]: (text: string) => (text === 'true' || text === 'false' ? text === 'true' : undefined),
  [ATTACH]: (text: string): Attach | undefined =>
    text === 'inject' || text === 'carry' ? text : undefined,
  [ALLOWED_DOMAINS]: (text: string) => {
    const patterns = text.split(',').map((pattern) => pattern.trim().toLowerCase())
    return patterns.every((pattern) => DOMAIN_PATTERN.test(pattern)) ? patterns : undefined
  },
}

/** The settings of one route: flags, then its namespace, then its own annotations; the later wins.
 * What can't be read is a finding, and such a route is left alone until it can. */
export function resolveSettings(input: {
  readonly cluster: ClusterSettings
  readonly namespace: NamespaceSettings | undefined
  readonly route: Annotations
}): Settings {
  const { cluster, route } = input
  const { labels, annotations } = input.namespace ?? { labels: {}, annotations: {} }
  const app = read(APP, route)
  const enabled = read(ENABLED, route[ENABLED] === undefined ? labels : route)
  const attach = read(ATTACH, route[ATTACH] === undefined ? labels : route)
  const allowedDomains = read(ALLOWED_DOMAINS, annotations)
  const routeNamesIssuer = namesIssuer(route)
  const issuer = readIssuer(routeNamesIssuer ? route : annotations)
  const readings = [app, enabled, attach, allowedDomains, issuer]
  return {
    cluster,
    app: app.value,
    enabled: enabled.value,
    attach: attach.value ?? cluster.attach,
    issuer: issuer.value ?? clusterIssuer(cluster.clusterIssuer),
    wildcardIssuer: issuer.value ?? optionalClusterIssuer(cluster.wildcardClusterIssuer),
    routeNamesIssuer,
    allowedDomains: allowedDomains.value,
    findings: readings.flatMap((reading) => reading.findings),
  }
}

/** Whether a namespace's allowed-domains name a host; `*.a.example` stands for one label below. */
export function isAllowed(host: string, allowedDomains: readonly string[] | undefined): boolean {
  if (allowedDomains === undefined) return true
  const parent = host.slice(host.indexOf('.'))
  return allowedDomains.some((pattern) => pattern === host || pattern === `*${parent}`)
}

type Reading<T> = { readonly value: T | undefined; readonly findings: readonly Finding[] }

function read<K extends keyof typeof PARSERS>(
  key: K,
  from: Annotations,
): Reading<NonNullable<ReturnType<(typeof PARSERS)[K]>>>
function read(key: keyof typeof PARSERS, from: Annotations): Reading<unknown> {
  const text = from[key]
  if (text === undefined) return { value: undefined, findings: [] }
  const value = PARSERS[key](text)
  return value === undefined ? unreadable(key, text) : { value, findings: [] }
}

function unreadable(key: string, text: string): Reading<never> {
  const finding: Finding = { reason: 'UnreadableSetting', path: '', about: `${key}: ${text}` }
  return { value: undefined, findings: [finding] }
}

function namesIssuer(from: Annotations): boolean {
  return from[CLUSTER_ISSUER] !== undefined || from[ISSUER] !== undefined
}

/** The issuer annotations, as cert-manager's ingress-shim reads them (certificate-shim/sync.go,
 * issuerForIngressLike): a ClusterIssuer stands alone, an empty kind or group is the default one. */
function readIssuer(from: Annotations): Reading<IssuerRef> {
  if (!namesIssuer(from)) return { value: undefined, findings: [] }
  const cluster = from[CLUSTER_ISSUER]
  const key = cluster === undefined ? ISSUER : CLUSTER_ISSUER
  const name = from[key] ?? ''
  if (name === '') return unreadable(key, name)
  if (cluster === undefined) {
    const kind = from[ISSUER_KIND] || 'Issuer'
    return { value: { name, kind, group: from[ISSUER_GROUP] || 'cert-manager.io' }, findings: [] }
  }
  const beside = [ISSUER, ISSUER_KIND, ISSUER_GROUP].find((other) => from[other] !== undefined)
  if (beside === undefined) return { value: clusterIssuer(name), findings: [] }
  return {
    value: undefined,
    findings: [{ reason: 'TwoIssuers', path: '', about: beside }],
  }
}

function clusterIssuer(name: string): IssuerRef {
  return { name, kind: 'ClusterIssuer', group: 'cert-manager.io' }
}

function optionalClusterIssuer(name: string | undefined): IssuerRef | undefined {
  return name === undefined ? undefined : clusterIssuer(name)
}
