import {
  readSpecAnnotations,
  type AnnotationRights,
  type SpecSettings,
} from '../certmanager/annotations/spec-annotations.ts'
import type { IssuerRef } from '../certmanager/certificate.ts'
import { isAllowedIssuer, issuerText, parseIssuerPatterns } from './issuer-patterns.ts'
import { isObjectName } from '../names/names.ts'
import { LONGEST, lengthProblem } from '../json/text-limits.ts'
import type { Finding, UnboundedRules } from '../findings/reasons.ts'
import { hostPatterns } from '../traefik/host-patterns.ts'

export const APP = 'tlsauto.dev/app'
export const ENABLED = 'tlsauto.dev/enabled'
export const ATTACH = 'tlsauto.dev/attach'
export const HTTP = 'tlsauto.dev/http'
export const ALLOWED_DOMAINS = 'tlsauto.dev/allowed-domains'
export const ALLOWED_ISSUERS = 'tlsauto.dev/allowed-issuers'
/** Written by tlsauto beside `spec.tls.secretName`: the Secret name that is ours. */
export const SECRET = 'tlsauto.dev/secret'
const CLUSTER_ISSUER = 'cert-manager.io/cluster-issuer'
const ISSUER = 'cert-manager.io/issuer'
const ISSUER_KIND = 'cert-manager.io/issuer-kind'
const ISSUER_GROUP = 'cert-manager.io/issuer-group'

/** `inject` names the Secret in the route; `carry` leaves routes as they are. */
export type Attach = 'inject' | 'carry'

/** What becomes of plain HTTP on a route that gets TLS: a companion serves it until each host has its
 * certificate and redirects from then on; or serves it for ever; or there is none, and HTTP ends. */
export type Http = 'redirect' | 'serve' | 'off'

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
  readonly annotations: AnnotationRights
  /** What becomes of rules that are not limited to named hosts, where hosts are limited. */
  readonly unboundedRules: UnboundedRules
}

/** What namespace and route annotations make of them, for one route. */
export type Settings = {
  readonly cluster: ClusterSettings
  readonly app: string | undefined
  readonly enabled: boolean | undefined
  readonly attach: Attach
  readonly http: Http
  readonly issuer: IssuerRef
  /** undefined: no issuer here can sign wildcards. */
  readonly wildcardIssuer: IssuerRef | undefined
  /** Whether the route itself names its issuer. */
  readonly routeNamesIssuer: boolean
  /** What else the route says about its Certificates, as far as it may. */
  readonly spec: SpecSettings
  /** What it says, and may not: no Certificate carries it, and the route is taken care of without. */
  readonly refused: readonly Finding[]
  /** undefined: any host is allowed. */
  readonly allowedDomains: ReadonlySet<string> | undefined
  readonly findings: readonly Finding[]
}

type Annotations = Readonly<Record<string, string>>

/** What a namespace says: its annotations, and the labels among them that are settings. */
export type NamespaceSettings = {
  readonly labels: Annotations
  readonly annotations: Annotations
}

const NAME = '[a-z0-9]([a-z0-9-]*[a-z0-9])?'
const DOMAIN_PATTERN = new RegExp(`^(\\*\\.)?${NAME}(\\.${NAME})*$`)

/** How each setting's text is read (undefined: it can't be), what it should be, and how long it may be. */
const PARSERS = {
  [APP]: {
    wants: 'lower-case letters, digits, - and .',
    longest: LONGEST.name,
    parse: (text: string) => (isObjectName(text) ? text : undefined),
  },
  [ENABLED]: {
    wants: '"true" or "false"',
    longest: LONGEST.value,
    parse: (text: string) => (text === 'true' || text === 'false' ? text === 'true' : undefined),
  },
  [ATTACH]: {
    wants: 'inject or carry',
    longest: LONGEST.value,
    parse: (text: string): Attach | undefined =>
      text === 'inject' || text === 'carry' ? text : undefined,
  },
  [HTTP]: {
    wants: 'redirect, serve or off',
    longest: LONGEST.value,
    parse: (text: string): Http | undefined =>
      text === 'redirect' || text === 'serve' || text === 'off' ? text : undefined,
  },
  [ALLOWED_DOMAINS]: {
    wants: 'domains with commas between',
    longest: LONGEST.domains,
    parse: (text: string): ReadonlySet<string> | undefined => {
      const patterns = patternsIn(text)
      return patterns.every(isPattern) ? new Set(patterns) : undefined
    },
  },
  [ALLOWED_ISSUERS]: {
    wants: 'Kind/name with commas between',
    longest: LONGEST.value,
    parse: parseIssuerPatterns,
  },
}

function patternsIn(text: string): readonly string[] {
  return text.split(',').map((pattern) => pattern.trim().toLowerCase())
}

function isPattern(text: string): boolean {
  return DOMAIN_PATTERN.test(text)
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
  const ofRoute = { texts: route, pathOf: annotationPath }
  const ofNamespace = { texts: annotations, pathOf: noPath }
  const ofLabels = { texts: labels, pathOf: noPath }
  const app = read(APP, ofRoute)
  const enabled = read(ENABLED, route[ENABLED] === undefined ? ofLabels : ofRoute)
  const attach = read(ATTACH, route[ATTACH] === undefined ? ofLabels : ofRoute)
  const http = read(HTTP, route[HTTP] === undefined ? ofNamespace : ofRoute)
  const allowedDomains = readAllowedDomains(annotations)
  const allowedIssuers = read(ALLOWED_ISSUERS, ofNamespace)
  const routeNamesIssuer = namesIssuer(route)
  const issuer = readAllowedIssuer({ ofRoute, ofNamespace, cluster }, allowedIssuers.value)
  const { spec, mistakes, refusals } = readSpecAnnotations(route, cluster.annotations)
  const unreadables = mistakes.map(({ key, problem }) =>
    mistake('UnreadableSetting', key, ofRoute, `${problem}: ${quoted(route[key])}`),
  )
  const namespaces = [allowedDomains, allowedIssuers]
  const readings = [app, enabled, attach, http, ...namespaces, issuer, ...unreadables]
  return {
    cluster,
    app: app.value,
    enabled: enabled.value,
    attach: attach.value ?? cluster.attach,
    http: http.value ?? 'redirect',
    issuer: issuer.value ?? clusterIssuer(cluster.clusterIssuer),
    wildcardIssuer: issuer.value ?? optionalClusterIssuer(cluster.wildcardClusterIssuer),
    routeNamesIssuer,
    spec,
    refused: refusals.map(({ reason, key }) => ({ reason, path: '', about: key })),
    allowedDomains: allowedDomains.value,
    findings: readings.flatMap((reading) => reading.findings),
  }
}

/** The patterns of a namespace's allowed-domains; none where it has no list. Of one that can't be read, those that
 * can: a slip of an administrator must give none of its hosts to others. */
export function allowedDomainsOf(settings: NamespaceSettings): ReadonlySet<string> {
  return limitsOf(settings) ?? NO_DOMAINS
}

const NO_DOMAINS: ReadonlySet<string> = new Set()

/** What has been read of each namespace's annotations: a long list is not read again for every route. */
const alreadyRead = new WeakMap<Annotations, Reading<ReadonlySet<string>>>()

function readAllowedDomains(annotations: Annotations): Reading<ReadonlySet<string>> {
  if (annotations[ALLOWED_DOMAINS] === undefined) return { value: undefined, findings: [] }
  const known = alreadyRead.get(annotations)
  if (known !== undefined) return known
  const reading = read(ALLOWED_DOMAINS, { texts: annotations, pathOf: noPath })
  alreadyRead.set(annotations, reading)
  return reading
}

/** The patterns that a namespace is limited to; undefined: it is not. Of a list that can't be read, those that
 * can: what nobody can read allows nothing. */
export function limitsOf({ annotations }: NamespaceSettings): ReadonlySet<string> | undefined {
  const text = annotations[ALLOWED_DOMAINS]
  if (text === undefined) return undefined
  const { value } = readAllowedDomains(annotations)
  return value ?? new Set(patternsIn(text).filter(isPattern))
}

/** Whether a namespace's allowed-domains name a host; `*.a.example` stands for one label below. */
export function isAllowed(host: string, allowedDomains: ReadonlySet<string> | undefined): boolean {
  if (allowedDomains === undefined) return true
  return hostPatterns(host).some((pattern) => allowedDomains.has(pattern))
}

/** Where settings stand: the texts, and the path of each in the object that a user applies; none for
 * those of the namespace, which no route's author can correct in his route. */
type Source = { readonly texts: Annotations; readonly pathOf: (key: string) => string }

/** The path of an annotation in its object. */
export function annotationPath(key: string): string {
  return `metadata.annotations[${key}]`
}

function noPath(): string {
  return ''
}

type Reading<T> = { readonly value: T | undefined; readonly findings: readonly Finding[] }

function read<K extends keyof typeof PARSERS>(
  key: K,
  from: Source,
): Reading<NonNullable<ReturnType<(typeof PARSERS)[K]['parse']>>>
function read(key: keyof typeof PARSERS, from: Source): Reading<unknown> {
  const text = from.texts[key]
  if (text === undefined) return { value: undefined, findings: [] }
  const { parse, wants, longest } = PARSERS[key]
  const tooLong = tooLongAt(key, from, longest)
  if (tooLong !== undefined) return tooLong
  const value = parse(text)
  return value === undefined ? unreadable(key, from, wants) : { value, findings: [] }
}

function tooLongAt(key: string, from: Source, longest: number): Reading<never> | undefined {
  const text = from.texts[key] ?? ''
  const problem = lengthProblem(text, longest)
  if (problem === undefined) return undefined
  return mistake('UnreadableSetting', key, from, `${quoted(text)} is ${problem}`)
}

const LONGEST_QUOTE = 30

function unreadable(key: string, from: Source, wants: string): Reading<never> {
  return mistake('UnreadableSetting', key, from, `${quoted(from.texts[key])} is not ${wants}`)
}

function quoted(text = ''): string {
  return `"${text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE - 1)}…` : text}"`
}

function mistake(
  reason: 'UnreadableSetting' | 'TwoIssuers' | 'IssuerNotAllowed',
  key: string,
  from: Source,
  what: string,
): Reading<never> {
  const path = from.pathOf(key)
  const about = path === '' ? `the namespace's ${key}: ${what}` : what
  return { value: undefined, findings: [{ reason, path, about }] }
}

function namesIssuer(from: Annotations): boolean {
  return from[CLUSTER_ISSUER] !== undefined || from[ISSUER] !== undefined
}

function readIssuer(from: Source): Reading<IssuerRef> {
  if (!namesIssuer(from.texts)) return { value: undefined, findings: [] }
  const [tooLong] = [CLUSTER_ISSUER, ISSUER, ISSUER_KIND, ISSUER_GROUP].flatMap(
    (key) => tooLongAt(key, from, LONGEST.name) ?? [],
  )
  return tooLong ?? issuerIn(from)
}

/** The issuer annotations, as cert-manager's ingress-shim reads them (certificate-shim/sync.go,
 * issuerForIngressLike): a ClusterIssuer stands alone, an empty kind or group is the default one. */
function issuerIn(from: Source): Reading<IssuerRef> {
  const { texts } = from
  const cluster = texts[CLUSTER_ISSUER]
  const key = cluster === undefined ? ISSUER : CLUSTER_ISSUER
  const name = texts[key] ?? ''
  if (name === '') return unreadable(key, from, "an issuer's name")
  if (cluster === undefined) {
    const kind = texts[ISSUER_KIND] || 'Issuer'
    const group = texts[ISSUER_GROUP] || 'cert-manager.io'
    return { value: { name, kind, group }, findings: [] }
  }
  const beside = [ISSUER, ISSUER_KIND, ISSUER_GROUP].find((other) => texts[other] !== undefined)
  if (beside === undefined) return { value: clusterIssuer(name), findings: [] }
  return mistake('TwoIssuers', CLUSTER_ISSUER, from, `stands beside ${beside}`)
}

type IssuerSources = {
  readonly ofRoute: Source
  readonly ofNamespace: Source
  readonly cluster: ClusterSettings
}

/** Who signs: as the route says, else its namespace. Where the namespace has allowed issuers the route's is one of
 * them, or one that the namespace or a flag names: no tenant chose these. */
function readAllowedIssuer(
  { ofRoute, ofNamespace, cluster }: IssuerSources,
  patterns: readonly string[] | undefined,
): Reading<IssuerRef> {
  const ofItsNamespace = readIssuer(ofNamespace)
  if (!namesIssuer(ofRoute.texts)) return ofItsNamespace
  const asked = readIssuer(ofRoute)
  if (asked.value === undefined || patterns === undefined) return asked
  if (isAllowedIssuer(asked.value, patterns)) return asked
  const text = issuerText(asked.value)
  const flagged = [cluster.clusterIssuer, cluster.wildcardClusterIssuer].map(optionalClusterIssuer)
  const isGiven = [ofItsNamespace.value, ...flagged].some(
    (issuer) => issuer !== undefined && issuerText(issuer) === text,
  )
  if (isGiven) return asked
  const key = ofRoute.texts[CLUSTER_ISSUER] === undefined ? ISSUER : CLUSTER_ISSUER
  return mistake('IssuerNotAllowed', key, ofRoute, text)
}

function clusterIssuer(name: string): IssuerRef {
  return { name, kind: 'ClusterIssuer', group: 'cert-manager.io' }
}

function optionalClusterIssuer(name: string | undefined): IssuerRef | undefined {
  return name === undefined ? undefined : clusterIssuer(name)
}
