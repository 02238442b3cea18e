/** One kind of thing to say about a route or a host. `{}` stands for what it is about. */
type ReasonEntry = {
  /** Whether `kubectl apply` prints it; what the user chose himself needs no comment. */
  readonly warns: boolean
  readonly text: string
}

/** The catalogue: every reason tlsauto gives, what it says, and what to do next. Each sentence fits
 * an admission warning (120 characters) with its subject cut short where need be. */
export const REASONS = {
  // Why a route is left alone
  Carrier: { warns: false, text: "this is tlsauto's own carrier for {}" },
  BeingDeleted: { warns: false, text: 'the route is being deleted' },
  OptedOut: { warns: false, text: 'opted out by {}; remove it to opt in' },
  CertResolver: { warns: false, text: "Traefik's resolver {} makes the certificate" },
  OwnSecret: { warns: false, text: 'the route brings its own Secret {}' },
  OtherIngressClass: { warns: false, text: 'ingress class {} is not the one tlsauto serves' },
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
    text: 'no certificate: no rule names a host; add Host(`shop.example.com`)',
  },
  UnreadableSetting: { warns: true, text: 'no certificate: {} is unreadable; correct it' },
  TwoIssuers: {
    warns: true,
    text: 'no certificate: cert-manager.io/cluster-issuer stands beside {}; remove one',
  },
  OlderThanTlsauto: {
    warns: false,
    text: 'older than tlsauto here; annotate tlsauto.dev/enabled: "true"',
  },

  // What is wrong with a rule or a host of a route
  UnreadableRule: { warns: true, text: 'Traefik refuses this rule at {}' },
  UnknownMatcher: { warns: true, text: 'this rule brings no certificate, at {}' },
  RuleTooDeep: { warns: true, text: 'this rule is nested too deep to be read, at {}' },
  AddressHost: { warns: true, text: 'no certificate for the address {}; use a DNS name' },
  EveryHost: { warns: true, text: 'no certificate for Host(`*`): name the hosts' },
  MalformedHost: { warns: true, text: 'no certificate for {}: not a DNS name' },
  TooLongHost: { warns: true, text: 'no certificate: longer than DNS allows: {}' },
  PrivateHost: { warns: true, text: 'no public CA signs {}; an internal issuer may' },
  HostNotAllowed: {
    warns: true,
    text: "no certificate for {}: not in the namespace's allowed-domains",
  },
  HostHeldElsewhere: {
    warns: true,
    text: 'another namespace has the certificate for {}; Traefik may serve either route',
  },
  WildcardIssuerMissing: {
    warns: true,
    text: 'no certificate for {}: set --wildcard-cluster-issuer (DNS-01)',
  },

  // What the user should know of a managed route
  HttpsOnly: { warns: true, text: 'with TLS this route no longer answers plain HTTP on {}' },
  CopiedSecret: {
    warns: true,
    text: 'spec.tls.secretName and tlsauto.dev/secret were copied: delete both lines',
  },
  NameTaken: { warns: true, text: 'Certificate {} exists and is not ours; delete or rename it' },
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
 * until they are mended. */
const MISTAKES: ReadonlySet<Reason> = new Set<Reason>([
  'UnreadableSetting',
  'TwoIssuers',
  'UnreadableRule',
  'UnknownMatcher',
  'RuleTooDeep',
])

/** Whether a reason is a slip, rather than a choice. */
export function isMistake(reason: Reason): boolean {
  return MISTAKES.has(reason)
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

/** Text without characters that move a terminal's cursor or hide what they are: control, format
 * (bidirectional, zero width) and line separators become `?`. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu, '?')
}

/** Cut between characters: half a surrogate pair is no text. */
function shorten(text: string, room: number): string {
  if (text.length <= room) return text
  const cut = text.slice(0, Math.max(0, room - 1))
  return `${cut.replace(/[\ud800-\udbff]$/, '')}…`
}
