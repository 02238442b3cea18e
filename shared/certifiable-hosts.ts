import { isPrivateName, isWildcard, parseDnsName, type DnsName } from './dns-name.ts'
import type { Finding, Reason } from './findings/reasons.ts'
import { isAllowed, type Settings } from './settings.ts'
import { positiveHosts } from './traefik/hosts.ts'
import type { IngressRoute, RouteEntry } from './traefik/ingressroute.ts'
import { parseRule, ruleSyntax, type RuleError } from './traefik/rule.ts'

/** Hosts that can have a certificate, and what is wrong with the others. */
export type CertifiableHosts = {
  readonly hosts: readonly DnsName[]
  readonly findings: readonly Finding[]
}

/** The hosts of a route's rules that get certificates, in the order of its rules, each once. */
export function certifiableHosts(route: IngressRoute, settings: Settings): CertifiableHosts {
  const perEntry = route.spec.routes.map((entry, index) =>
    hostsOfEntry(entry, { path: `spec.routes[${index}].match`, settings }),
  )
  return {
    hosts: [...new Set(perEntry.flatMap((entry) => entry.hosts))],
    findings: perEntry.flatMap((entry) => entry.findings),
  }
}

function hostsOfEntry(
  entry: RouteEntry,
  at: { path: string; settings: Settings },
): CertifiableHosts {
  const parsed = parseRule(entry.match, ruleSyntax(entry.syntax))
  if (parsed.kind === 'refused')
    return { hosts: [], findings: [ruleFinding(parsed.error, at.path)] }
  const readings = positiveHosts(parsed.rule).map((host) => readHost(host, at))
  return {
    hosts: readings.flatMap((reading) => reading.host ?? []),
    findings: readings.flatMap((reading) => reading.finding ?? []),
  }
}

const RULE_REASONS = {
  malformed: 'UnreadableRule',
  'unknown-matcher': 'UnknownMatcher',
  'too-deep': 'RuleTooDeep',
} as const satisfies Record<RuleError['kind'], Reason>

function ruleFinding(error: RuleError, path: string): Finding {
  const { kind, line, column, message } = error
  return { reason: RULE_REASONS[kind], path, about: `${line}:${column}: ${message}` }
}

type HostReading = { readonly host?: DnsName; readonly finding?: Finding }

const HOST_REASONS = {
  address: 'AddressHost',
  everything: 'EveryHost',
  'too-long': 'TooLongHost',
  malformed: 'MalformedHost',
} as const

function readHost(text: string, at: { path: string; settings: Settings }): HostReading {
  const finding = (reason: Reason): Finding => ({ reason, path: at.path, about: text })
  const result = parseDnsName(text)
  if (result.kind !== 'name') return { finding: finding(HOST_REASONS[result.kind]) }
  const host = result.name
  if (!isAllowed(host, at.settings.allowedDomains)) return { finding: finding('HostNotAllowed') }
  if (isWildcard(host) && at.settings.wildcardIssuer === undefined) {
    return { finding: finding('WildcardIssuerMissing') }
  }
  return isPrivateName(host) ? { host, finding: finding('PrivateHost') } : { host }
}
