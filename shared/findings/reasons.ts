/** One kind of thing to say about a route or a host. `{}` stands for what it is about. */
type ReasonEntry = {
  /** Whether `kubectl apply` prints it; what the user chose himself needs no comment. */
  readonly warns: boolean
  readonly text: string
  /** Whether a request that brings it in is denied: always; only where it stands in the object itself,
   * and not in its namespace, which is not its author's to fix; with `--host-claims=deny`; or with
   * `--unbounded-rules=deny`. */
  readonly denied?: 'always' | 'in-object' | 'by-claim' | 'by-reach'
}

/** The catalogue: every reason tlsauto gives, what it says, and what to do next. Each sentence fits
 * an admission warning (120 characters) with its subject cut short where need be. */
export const REASONS = {
  // Why a route is left alone
  Carrier: { warns: false, text: "this is tlsauto's own, for {}" },
  BeingDeleted: { warns: false, text: 'the route is being deleted' },
  OptedOut: { warns: false, text: 'opted out by {}; remove it to opt in' },
  CertResolver: { warns: false, text: "Traefik's resolver {} makes the certificate" },
  OwnSecret: { warns: false, text: 'the route brings its own Secret {}' },
  OtherIngressClass: { warns: false, text: 'ingress class {} is not the one tlsauto serves' },
  NoTls: {
    warns: false,
    text: 'a TCP route without tls is left alone; add tls: {} for a certificate',
  },
  Passthrough: {
    warns: false,
    text: 'TLS passes through to the service, with its own certificate',
  },
  ServedByTCP: {
    warns: true,
    text: 'no HTTPS: an IngressRouteTCP serves {} over TLS; remove it, or give this route tls: {}',
  },
  HasParents: {
    warns: true,
    text: 'a route with parentRefs cannot have TLS; the parent route can',
  },
  NoTlsEntryPoint: {
    warns: true,
    text: 'no HTTPS: none of its entry points ({}) speaks TLS; add websecure',
  },
  NoHost: {
    warns: true,
    text: 'no certificate: no rule names a host; add {}',
  },
  UnreadableSetting: {
    warns: true,
    text: 'no certificate: {}; correct it',
    denied: 'in-object',
  },
  IssuerNotAllowed: {
    warns: true,
    text: '{} is not in tlsauto.dev/allowed-issuers',
    denied: 'always',
  },
  TwoIssuers: { warns: true, text: '{}; remove one', denied: 'in-object' },
  NoMemory: {
    warns: true,
    text: 'no certificate: the routes of namespace {} take too much memory; make them shorter',
  },
  RouteTooLong: {
    warns: true,
    text: 'no certificate: more than {} in its rules or spec.tls.domains; split the route',
  },
  OlderThanTlsauto: {
    warns: false,
    text: 'older than tlsauto here; annotate tlsauto.dev/enabled: "true"',
  },

  // What is wrong with a rule or a host of a route
  UnreadableRule: { warns: true, text: 'Traefik refuses this rule at {}' },
  HugeUnreadableRule: {
    warns: true,
    text: 'Traefik refuses this rule of over 8 kB, at the cost of its memory: correct it at {}',
    denied: 'always',
  },
  UnknownMatcher: { warns: true, text: 'this rule brings no certificate, at {}' },
  RuleTooDeep: { warns: true, text: 'this rule is nested too deep to be read, at {}' },
  AddressHost: { warns: true, text: 'no certificate for the address {}; use a DNS name' },
  EveryHost: { warns: true, text: 'no certificate for every host (`*`): name the hosts' },
  MalformedHost: { warns: true, text: 'no certificate for {}: not a DNS name' },
  TooLongHost: { warns: true, text: 'no certificate: longer than DNS allows: {}' },
  PrivateHost: { warns: true, text: 'no public CA signs {}; an internal issuer may' },
  HostNotAllowed: {
    warns: true,
    text: "{} is not in the namespace's tlsauto.dev/allowed-domains: add it there",
    denied: 'always',
  },
  AddressNotAllowed: {
    warns: true,
    text: 'no address in a certificate where the namespace has tlsauto.dev/allowed-domains: {}',
    denied: 'always',
  },
  CommonNameNotAllowed: {
    warns: true,
    text: 'the common name must be one of the names of the certificate: {}',
    denied: 'always',
  },
  AnnotationNotAllowed: {
    warns: true,
    text: '{} is not allowed without --annotations=all of the server; remove it',
    denied: 'always',
  },
  AnnotationNeverAllowed: {
    warns: true,
    text: '{}: this value is never allowed in an annotation; remove it',
    denied: 'always',
  },
  HostHeldElsewhere: {
    warns: true,
    text: 'another namespace holds {}, and Traefik may serve either; use another host',
    denied: 'by-claim',
  },
  UnboundedRule: {
    warns: true,
    text: 'not limited to named hosts, which is not allowed here: add a Host or HostSNI to {}',
    denied: 'by-reach',
  },
  RouteNotChecked: {
    warns: true,
    text: 'more than {}: too long to be checked for hosts that are not allowed; split the route',
  },
  HostNotListed: { warns: true, text: 'no certificate for {}: spec.tls.domains leaves it out' },
  WildcardIssuerMissing: {
    warns: true,
    text: 'no certificate for {}: set --wildcard-cluster-issuer (DNS-01)',
  },

  // What the user should know of a managed route
  ParentRouter: {
    warns: true,
    text: 'no HTTPS on a router without services that speaks HTTP too; give HTTPS a route of its own',
  },
  StrangeRouter: {
    warns: true,
    text: 'no HTTPS beside HTTP with a rule that tlsauto cannot read; give HTTPS a route of its own',
  },
  CopiedSecret: {
    warns: true,
    text: 'spec.tls.secretName and tlsauto.dev/secret were copied: delete both lines',
  },
  NameTaken: {
    warns: true,
    text: 'Certificate {} is not ours; annotate it tlsauto.dev/adopt: "true", or delete it',
  },
  CompanionTaken: {
    warns: true,
    text: 'no HTTPS, which would end plain HTTP: {} exists and is not ours; delete or rename it',
  },
  CarrierTaken: {
    warns: true,
    text: 'IngressRoute {} exists and is not ours; delete or rename it',
  },
} as const satisfies Readonly<Record<string, ReasonEntry>>

/** A CamelCase word of the catalogue. */
export type Reason = keyof typeof REASONS

/** One thing to say: the reason, the field it is at, and what it is about. */
export type Finding = {
  readonly reason: Reason
  /** A field path such as `spec.routes[0].match`, or empty for the whole object. */
  readonly path: string
  /** What stands for `{}` in the sentence. */
  readonly about: string
}

/** Reasons to leave a route alone that are slips of its author or its namespace's: what it had stays
 * until they are fixed. */
const MISTAKES: ReadonlySet<Reason> = new Set<Reason>([
  'NoMemory',
  'RouteTooLong',
  'UnreadableSetting',
  'TwoIssuers',
  'IssuerNotAllowed',
  'UnreadableRule',
  'HugeUnreadableRule',
  'UnknownMatcher',
  'RuleTooDeep',
])

/** Whether a reason is a slip, rather than a choice. */
export function isMistake(reason: Reason): boolean {
  return MISTAKES.has(reason)
}

/** Whether a word is a reason to leave a route alone that somebody chose, or that will pass: there is nothing
 * to fix. A route that is only too old may be waiting for its owner. */
export function isChoice(word: string): boolean {
  return CHOICES.has(word)
}

const CHOICES: ReadonlySet<string> = new Set<Reason>([
  'Carrier',
  'BeingDeleted',
  'OptedOut',
  'CertResolver',
  'OwnSecret',
  'OtherIngressClass',
  'NoTls',
  'Passthrough',
])

/** What happens to a host that another namespace holds. */
export const HOST_CLAIMS = ['warn', 'deny'] as const
export type HostClaims = (typeof HOST_CLAIMS)[number]

/** What happens to a rule that is not limited to named hosts, where its namespace is. */
export const UNBOUNDED_RULES = ['deny', 'warn', 'allow'] as const
export type UnboundedRules = (typeof UNBOUNDED_RULES)[number]

/** What the flags deny. */
export type Denials = { readonly hostClaims: HostClaims; readonly unboundedRules: UnboundedRules }

/** Whether a request that brings this in is denied: it can't work, or isn't allowed. */
export function isDenied({ reason, path }: Finding, flags: Denials): boolean {
  const { denied }: ReasonEntry = REASONS[reason]
  switch (denied) {
    case 'always':
      return true
    case 'in-object':
      return path !== ''
    case 'by-claim':
      return flags.hostClaims === 'deny'
    case 'by-reach':
      return flags.unboundedRules === 'deny'
    case undefined:
      return false
    default:
      return denied satisfies never
  }
}

const LONGEST_WARNING = 120

/** The finding as one printable line of at most 120 characters: field, what is wrong, what to do. */
export function wording(finding: Finding): string {
  const prefix = finding.path === '' ? '' : `${finding.path}: `
  const text = `${prefix}${REASONS[finding.reason].text}`
  const room = LONGEST_WARNING - (text.length - '{}'.length)
  return text.replace('{}', () => shorten(printable(finding.about), room))
}

/** Whether `kubectl apply` should print it. */
export function warns(finding: Finding): boolean {
  return REASONS[finding.reason].warns
}

/** Characters that move a terminal's cursor, or that hide themselves or others: controls, formats
 * (bidirectional, zero width), half surrogate pairs, what is assigned to nobody, line separators, and
 * those that a font leaves out (fillers, variation selectors). */
export const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

/** Text without such characters: each becomes `?`. */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, '?')
}

/** Cut between characters: half a surrogate pair is no text. */
function shorten(text: string, room: number): string {
  if (text.length <= room) return text
  const cut = text.slice(0, Math.max(0, room - 1))
  return `${cut.replace(/[\ud800-\udbff]$/, '')}…`
}
