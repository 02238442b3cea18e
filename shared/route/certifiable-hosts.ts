import {
  ALT_NAMES,
  COMMON_NAME,
  EMAIL_SANS,
  IP_SANS,
} from '../certmanager/annotations/spec-annotations.ts'
import { isPrivateName, isWildcard, parseDnsName, type DnsName } from '../names/dns-name.ts'
import type { Finding, Reason } from '../findings/reasons.ts'
import { listAt, textAt, type JsonObject } from '../json/json.ts'
import { annotationPath, isAllowed, type Settings } from '../settings/settings.ts'
import { hostPatterns } from '../traefik/host-patterns.ts'
import { normalHost } from '../traefik/hosts.ts'
import type { Route } from '../traefik/route.ts'
import { ruleHosts, type RuleHosts } from '../traefik/rule-hosts.ts'
import type { RuleError } from '../traefik/rule.ts'

/** Hosts that can have a certificate, and what is wrong with the others. */
export type CertifiableHosts = {
  readonly hosts: readonly DnsName[]
  readonly findings: readonly Finding[]
}

/** The hosts of a route that get certificates, each once: those of its rules, in their order, or those
 * that its user lists in `spec.tls.domains`. */
export function certifiableHosts(route: Route, settings: Settings): CertifiableHosts {
  const readings = readRoute(route, settings)
  return {
    hosts: [...new Set(readings.flatMap((reading) => reading.host ?? []))],
    findings: readings.flatMap((reading) => reading.finding ?? []),
  }
}

/** What a route's annotations add to the Certificate of its primary host. */
export type PrimaryNames = {
  /** More names for it; they are nobody's hosts. */
  readonly altNames: readonly DnsName[]
  /** Fields of its spec that name it otherwise: common name, addresses. */
  readonly fields: JsonObject
  readonly findings: readonly Finding[]
}

/** The names beside its hosts that a route asks for, as far as a certificate can carry them and its
 * namespace may have them. */
export function primaryNames(settings: Settings, hosts: readonly DnsName[]): PrimaryNames {
  const { dnsNames = [], ...fields } = settings.spec.primary
  const path = annotationPath(ALT_NAMES)
  const readings = listAt({ dnsNames }, 'dnsNames').map((name) =>
    readHost({ path, name: normalHost(String(name)) }, settings),
  )
  const altNames = [...new Set(readings.flatMap((reading) => reading.host ?? []))]
  const names = new Set<string>([...hosts, ...altNames])
  const refused = FIELD_CHECKS.flatMap((check) => check(fields, settings, names))
  const fieldsRefused = new Set(refused.map(({ field }) => field))
  return {
    altNames,
    fields: Object.fromEntries(Object.entries(fields).filter(([key]) => !fieldsRefused.has(key))),
    findings: [
      ...readings.flatMap((reading) => reading.finding ?? []),
      ...refused.map(({ finding }) => finding),
    ],
  }
}

/** A field that no Certificate may have, and why. */
type RefusedField = { readonly field: string; readonly finding: Finding }

type FieldCheck = (
  fields: JsonObject,
  settings: Settings,
  names: ReadonlySet<string>,
) => readonly RefusedField[]

const FIELD_CHECKS: readonly FieldCheck[] = [commonNameOfNobody, addressOfNobody, emailOfNobody]

/** A common name is an identity to many who check client certificates. Where names are all that a route may
 * set, it is one of the certificate's own; in a namespace with allowed domains a host of these. */
function commonNameOfNobody(
  fields: JsonObject,
  settings: Settings,
  names: ReadonlySet<string>,
): readonly RefusedField[] {
  const commonName = textAt(fields, 'commonName')
  if (commonName === undefined) return []
  const host = normalHost(commonName)
  const refuse = (reason: Reason): readonly RefusedField[] => [
    {
      field: 'commonName',
      finding: { reason, path: annotationPath(COMMON_NAME), about: commonName },
    },
  ]
  if (!isAllowedName(host, settings)) {
    return refuse(parseDnsName(host).kind === 'name' ? 'HostNotAllowed' : 'CommonNameNotAllowed')
  }
  // A name without a dot may be a user's.
  const isHost = names.has(host) && (host.includes('.') || settings.allowedDomains !== undefined)
  const isFree = settings.cluster.annotations === 'all' || isHost
  return isFree ? [] : refuse('CommonNameNotAllowed')
}

/** Nobody can tell whose an address is by domains. */
function addressOfNobody(
  fields: JsonObject,
  { allowedDomains }: Settings,
): readonly RefusedField[] {
  if (allowedDomains === undefined) return []
  return listAt(fields, 'ipAddresses').map((address) => ({
    field: 'ipAddresses',
    finding: { reason: 'AddressNotAllowed', path: annotationPath(IP_SANS), about: String(address) },
  }))
}

function emailOfNobody(fields: JsonObject, settings: Settings): readonly RefusedField[] {
  return listAt(fields, 'emailAddresses')
    .map(String)
    .filter((email) => !isAllowedName(email.slice(email.lastIndexOf('@') + 1), settings))
    .map((about) => ({
      field: 'emailAddresses',
      finding: { reason: 'HostNotAllowed', path: annotationPath(EMAIL_SANS), about },
    }))
}

function isAllowedName(name: string, { allowedDomains }: Settings): boolean {
  if (allowedDomains === undefined) return true
  const parsed = parseDnsName(normalHost(name))
  return parsed.kind === 'name' && isAllowed(parsed.name, allowedDomains)
}

/** A host that gets a certificate, a thing that is wrong, or both. */
type Reading = { readonly host?: DnsName; readonly finding?: Finding }

function readRoute(route: Route, settings: Settings): readonly Reading[] {
  const rules = ruleHosts(route)
  const listed = (route.spec.tls?.domains ?? []).map(({ path, name }) => ({
    path,
    name: normalHost(name),
  }))
  if (listed.length === 0) {
    return rules.flatMap((rule) => [
      ...faultsOf(rule),
      ...placesOf(rule).map((place) => readHost(place, settings)),
    ])
  }
  return [
    ...rules.flatMap(faultsOf),
    ...listed.map((place) => readHost(place, settings)),
    ...notListed(rules.flatMap(placesOf), listed),
  ]
}

function faultsOf(rule: RuleHosts): readonly Reading[] {
  return ruleFindings(rule).map((finding) => ({ finding }))
}

type Place = { readonly path: string; readonly name: string }

function placesOf({ path, hosts }: RuleHosts): readonly Place[] {
  return hosts.map((name) => ({ path, name }))
}

/** Malformed rules of this many bytes take Traefik memory by the square of their length: it wraps its
 * error once for each level of the tree (facts measured on 3.7: 1.6 GB at 80 kB). */
const LARGEST_MALFORMED_BYTES = 8192

const RULE_REASONS = {
  malformed: 'UnreadableRule',
  'unknown-matcher': 'UnknownMatcher',
  'too-deep': 'RuleTooDeep',
} as const satisfies Record<RuleError['kind'], Reason>

/** What is wrong with a rule itself. */
export function ruleFindings({ path, match, error }: RuleHosts): readonly Finding[] {
  if (error === undefined) return []
  const { kind, line, column, message } = error
  const isHuge = kind === 'malformed' && Buffer.byteLength(match) > LARGEST_MALFORMED_BYTES
  const reason = isHuge ? 'HugeUnreadableRule' : RULE_REASONS[kind]
  return [{ reason, path, about: `${line}:${column}: ${message}` }]
}

const HOST_REASONS = {
  address: 'AddressHost',
  everything: 'EveryHost',
  'too-long': 'TooLongHost',
  malformed: 'MalformedHost',
} as const

function readHost({ path, name }: Place, settings: Settings): Reading {
  const finding = (reason: Reason): Finding => ({ reason, path, about: name })
  const result = parseDnsName(name)
  if (result.kind !== 'name') return { finding: finding(HOST_REASONS[result.kind]) }
  const host = result.name
  if (!isAllowed(host, settings.allowedDomains)) return { finding: finding('HostNotAllowed') }
  if (isWildcard(host) && settings.wildcardIssuer === undefined) {
    return { finding: finding('WildcardIssuerMissing') }
  }
  return isPrivateName(host) ? { host, finding: finding('PrivateHost') } : { host }
}

/** Hosts of the rules that the user's own list leaves without a certificate. */
function notListed(named: readonly Place[], listed: readonly Place[]): readonly Reading[] {
  const names = new Set(listed.map(({ name }) => name))
  return named
    .filter(({ name }) => parseDnsName(name).kind === 'name')
    .filter(({ name }) => !hostPatterns(name).some((pattern) => names.has(pattern)))
    .map(({ path, name }) => ({ finding: { reason: 'HostNotListed', path, about: name } }))
}
