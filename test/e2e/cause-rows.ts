import type { JsonObject } from '../../shared/json/json.ts'
import type { Problem } from '../stack/lets-encrypt.ts'

/** What is broken for one domain, and what the plugin must make of it. Whatever is not said is as it should
 * be: DNS leads to Traefik, the route is a plain one, and Pebble signs. */
export type CauseRow = {
  readonly name: string
  /** Its first label names the route. */
  readonly domain: string
  readonly namespace?: string
  /** A ClusterIssuer. */
  readonly issuer?: string
  readonly dns?: 'fails' | 'no such name' | 'no answer'
  /** Where DNS leads instead. */
  readonly at?: string
  /** What Let's Encrypt says, and when. */
  readonly says?: Problem & { readonly to: 'order' | 'challenge' | 'signing' }
  readonly annotations?: Readonly<Record<string, string>>
  /** More of doctor's command line. */
  readonly doctorArgs?: readonly string[]
  /** Broken only once it has a certificate. */
  readonly later?: 'renewed' | 'expires' | 'Secret deleted'
  readonly want: Verdict
}

/** What the three commands say. */
export type Verdict = {
  readonly state: string
  /** The cause that status names; undefined: the one that describe does. */
  readonly status?: string
  /** The cause that describe names, and the object that it marks. */
  readonly cause: string
  readonly marked: string
  /** The first check of doctor's that finds something wrong. */
  readonly doctor: string
}

/** Addresses with strange servers on Traefik's port. */
export const NOBODY = '127.0.0.3'
export const ANSWERS_404 = '127.0.0.4'
export const ANSWERS_RUBBISH = '127.0.0.5'
export const ANSWERS_NEVER = '127.0.0.6'
export const HANGS_UP = '127.0.0.7'

/** What cert-manager's own check looks up by itself: all else the network in between does. */
export const SELF_RESOLVED = ['check-nowhere.example.com', 'check-unanswered.example.com']

const TRAEFIK = ['--address=127.0.0.1']
const FAILED = { state: 'failed', marked: 'Challenge' } as const
const WAITS = { state: 'stuck', marked: 'Challenge' } as const
const FAILED_STATUS = 'status: it is failed, the next try is at TIME'
const REDIRECTED = "path: the challenge's path is redirected"
const NOT_THE_SOLVER = "path: the challenge's path is not answered by the solver"

/** The ACME server fetched the challenge; Pebble's own words. */
const CHALLENGES: readonly CauseRow[] = [
  {
    name: 'there is no such name in the DNS',
    domain: 'no-name.example.com',
    dns: 'no such name',
    want: { ...FAILED, cause: 'DnsUnresolved', doctor: 'dns: no-name.example.com has no address' },
  },
  {
    name: 'the DNS servers of the domain fail',
    domain: 'dead.example.com',
    dns: 'fails',
    want: {
      ...FAILED,
      cause: 'DnsUnresolved',
      doctor: 'dns: the DNS servers of dead.example.com fail',
    },
  },
  {
    name: 'the connection is refused where DNS leads',
    domain: 'refused.example.com',
    at: NOBODY,
    want: {
      ...FAILED,
      cause: 'ConnectionRefused',
      doctor: `port: plain HTTP at ${NOBODY}:PORT does not answer`,
    },
  },
  {
    name: 'a server takes the connection and never answers',
    domain: 'silent.example.com',
    at: ANSWERS_NEVER,
    want: {
      ...FAILED,
      cause: 'ConnectionTimeout',
      doctor: `port: plain HTTP at ${ANSWERS_NEVER}:PORT does not answer`,
    },
  },
  {
    name: 'a server hangs up',
    domain: 'reset.example.com',
    at: HANGS_UP,
    want: {
      ...FAILED,
      cause: 'ConnectionBroken',
      doctor: `port: plain HTTP at ${HANGS_UP}:PORT does not answer`,
    },
  },
  {
    name: 'another server answers 404',
    domain: 'not-found.example.com',
    at: ANSWERS_404,
    doctorArgs: TRAEFIK,
    want: {
      ...FAILED,
      cause: 'WrongStatus',
      doctor: 'dns: not-found.example.com leads elsewhere',
    },
  },
  {
    name: 'another server answers something else',
    domain: 'rubbish.example.com',
    at: ANSWERS_RUBBISH,
    doctorArgs: TRAEFIK,
    want: { ...FAILED, cause: 'WrongContent', doctor: 'dns: rubbish.example.com leads elsewhere' },
  },
  {
    name: 'another server answers something else, and nobody says where Traefik is',
    domain: 'stranger.example.com',
    at: ANSWERS_RUBBISH,
    want: { ...FAILED, cause: 'WrongContent', doctor: FAILED_STATUS },
  },
  {
    name: "the challenge's path is redirected to a port where nobody listens",
    domain: 'redirected.example.com',
    want: { ...FAILED, cause: 'BadRedirect', doctor: REDIRECTED },
  },
  {
    name: "the challenge's path is redirected for ever",
    domain: 'loop.example.com',
    want: { ...FAILED, cause: 'BadRedirect', doctor: REDIRECTED },
  },
  {
    name: "another route answers the challenge in the solver's place",
    domain: 'taken.example.com',
    want: {
      ...FAILED,
      cause: 'WrongContent',
      doctor: "rule: a route would answer the challenge in the solver's place",
    },
  },
  {
    name: "the solver's ingress class is not Traefik's",
    domain: 'class.example.com',
    issuer: 'wrong-class',
    want: {
      ...FAILED,
      cause: 'WrongStatus',
      doctor: "class: Traefik does not serve the solver's ingress class nginx",
    },
  },
  {
    name: 'the record of DNS-01 is written into a zone that nobody asks',
    domain: 'lost-record.example.com',
    issuer: 'lost-updates',
    want: { ...FAILED, cause: 'DnsChallengeRecord', doctor: FAILED_STATUS },
  },
]

const LE = 'lets-encrypt'
const ERROR = 'urn:ietf:params:acme:error'

function failure(
  name: string,
  domain: string,
  row: Pick<CauseRow, 'dns' | 'at'> & {
    readonly cause: string
    readonly doctor: string
    readonly type: string
    readonly detail: string
  },
): CauseRow {
  const { cause, doctor, type, detail, ...broken } = row
  const status = type === 'unauthorized' ? 403 : 400
  const says = { to: 'challenge', type: `${ERROR}:${type}`, status, detail } as const
  return { name, domain, issuer: LE, ...broken, says, want: { ...FAILED, cause, doctor } }
}

/** The same, in Let's Encrypt's words (facts/acme.md). */
const FAILURES: readonly CauseRow[] = [
  failure("there is no such name, in Let's Encrypt's words", 'le-no-name.example.com', {
    dns: 'no such name',
    type: 'dns',
    detail:
      'DNS problem: NXDOMAIN looking up A for le-no-name.example.com - check that a DNS record exists for this domain; DNS problem: NXDOMAIN looking up AAAA for le-no-name.example.com - check that a DNS record exists for this domain',
    cause: 'DnsNoRecord',
    doctor: 'dns: le-no-name.example.com has no address',
  }),
  failure("the DNS servers fail, in Let's Encrypt's words", 'le-dead.example.com', {
    dns: 'fails',
    type: 'dns',
    detail:
      "DNS problem: SERVFAIL looking up A for le-dead.example.com - the domain's nameservers may be malfunctioning",
    cause: 'DnsServerFailure',
    doctor: 'dns: the DNS servers of le-dead.example.com fail',
  }),
  failure('the DNS servers answer too late', 'le-late.example.com', {
    dns: 'fails',
    type: 'dns',
    detail: 'DNS problem: query timed out looking up A for le-late.example.com',
    cause: 'DnsTimeout',
    doctor: 'dns: the DNS servers of le-late.example.com fail',
  }),
  failure('DNS has a private address only', 'le-inside.example.com', {
    at: NOBODY,
    type: 'dns',
    detail:
      'no valid A records found for le-inside.example.com; no valid AAAA records found for le-inside.example.com',
    cause: 'DnsNoPublicAddress',
    doctor: `port: plain HTTP at ${NOBODY}:PORT does not answer`,
  }),
  failure('a server takes the request and never answers', 'le-slow.example.com', {
    at: ANSWERS_NEVER,
    type: 'connection',
    detail: `${ANSWERS_NEVER}: Fetching http://le-slow.example.com/.well-known/acme-challenge/TOKEN: Timeout during read (your server may be slow or overloaded)`,
    cause: 'ServerTooSlow',
    doctor: `port: plain HTTP at ${ANSWERS_NEVER}:PORT does not answer`,
  }),
  failure("the connection is refused, in Let's Encrypt's words", 'le-refused.example.com', {
    at: NOBODY,
    type: 'connection',
    detail: `${NOBODY}: Fetching http://le-refused.example.com/.well-known/acme-challenge/TOKEN: Connection refused`,
    cause: 'ConnectionRefused',
    doctor: `port: plain HTTP at ${NOBODY}:PORT does not answer`,
  }),
  failure("a firewall, in Let's Encrypt's words", 'le-firewall.example.com', {
    at: ANSWERS_NEVER,
    type: 'connection',
    detail: `${ANSWERS_NEVER}: Fetching http://le-firewall.example.com/.well-known/acme-challenge/TOKEN: Timeout during connect (likely firewall problem)`,
    cause: 'ConnectionTimeout',
    doctor: `port: plain HTTP at ${ANSWERS_NEVER}:PORT does not answer`,
  }),
  failure("another server answers 404, in Let's Encrypt's words", 'le-not-found.example.com', {
    at: ANSWERS_404,
    type: 'unauthorized',
    detail: `${ANSWERS_404}: Invalid response from http://le-not-found.example.com/.well-known/acme-challenge/TOKEN: 404`,
    cause: 'WrongStatus',
    doctor: FAILED_STATUS,
  }),
  failure("another server answers, in Let's Encrypt's words", 'le-rubbish.example.com', {
    at: ANSWERS_RUBBISH,
    type: 'unauthorized',
    detail:
      'The key authorization file from the server did not match this challenge. Expected "TOKEN.KEY" (got "It works!")',
    cause: 'WrongContent',
    doctor: FAILED_STATUS,
  }),
  failure('only some places of the world get through', 'le-somewhere.example.com', {
    at: NOBODY,
    type: 'connection',
    detail: `During secondary validation: ${NOBODY}: Fetching http://le-somewhere.example.com/.well-known/acme-challenge/TOKEN: Timeout during connect (likely firewall problem)`,
    cause: 'OnlyFromSomePlaces',
    doctor: `port: plain HTTP at ${NOBODY}:PORT does not answer`,
  }),
]

function refusal(
  name: string,
  domain: string,
  row: {
    readonly cause: string
    readonly type: string
    readonly status: number
    readonly detail: string
    readonly retryAfter?: number
    readonly state?: string
    readonly doctor?: string
    readonly to?: 'signing'
  },
): CauseRow {
  const { cause, type, state = 'failed', to = 'order' as const, ...rest } = row
  const { doctor = FAILED_STATUS, ...problem } = rest
  const says = { ...problem, to, type: `${ERROR}:${type}` } as const
  return { name, domain, issuer: LE, says, want: { state, cause, marked: 'Order', doctor } }
}

const LIMITED = {
  type: 'rateLimited',
  status: 429,
  retryAfter: 7200,
  state: 'rate-limited',
  doctor: "limit: a rate limit of the ACME server's is reached",
} as const
const LIMITS = 'see https://letsencrypt.org/docs/rate-limits/'
/** When the limits end. */
export const LIMIT_ENDS = '2099-01-02T03:04:05Z'
const UNTIL = 'retry after 2099-01-02 03:04:05 UTC'

/** What Let's Encrypt refuses from the beginning, or in the end, and Pebble does not. */
const REFUSALS: readonly CauseRow[] = [
  refusal('five certificates a week for the same names', 'le-same.example.com', {
    ...LIMITED,
    detail: `Error creating new order :: too many certificates (5) already issued for this exact set of identifiers in the last 168h0m0s, ${UNTIL}: ${LIMITS}#new-certificates-per-exact-set-of-identifiers`,
    cause: 'LimitSameNames',
  }),
  refusal('fifty certificates a week for the registered domain', 'le-fifty.example.com', {
    ...LIMITED,
    detail: `Error creating new order :: too many certificates (50) already issued for "example.com" in the last 168h0m0s, ${UNTIL}: ${LIMITS}#new-certificates-per-registered-domain`,
    cause: 'LimitRegisteredDomain',
  }),
  refusal('five failures an hour', 'le-failures.example.com', {
    ...LIMITED,
    detail: `Error creating new order :: too many failed authorizations (5) for "le-failures.example.com" in the last 1h0m0s, ${UNTIL}: ${LIMITS}#authorization-failures-per-identifier-per-account`,
    cause: 'LimitFailures',
  }),
  refusal('300 orders in three hours', 'le-orders.example.com', {
    ...LIMITED,
    detail: `Error creating new order :: too many new orders (300) from this account in the last 3h0m0s, ${UNTIL}: ${LIMITS}#new-orders-per-account`,
    cause: 'LimitOrders',
  }),
  refusal('the account is paused for the domain', 'le-paused.example.com', {
    ...LIMITED,
    detail:
      'Error creating new order :: Your account is temporarily prevented from requesting certificates for le-paused.example.com and possibly others. Please visit: https://portal.letsencrypt.org/sfe/v1/unpause?jwt=x',
    cause: 'AccountPaused',
  }),
  refusal('the CA never signs the name', 'le-forbidden.example.com', {
    type: 'rejectedIdentifier',
    status: 400,
    detail:
      'Error creating new order :: Cannot issue for "le-forbidden.example.com": The ACME server refuses to issue a certificate for this domain name, because it is forbidden by policy',
    cause: 'NameForbidden',
  }),
  refusal('the name is not public', 'le-private.example.com', {
    type: 'rejectedIdentifier',
    status: 400,
    detail:
      'Error creating new order :: Cannot issue for "le-private.example.com": Domain name does not end with a valid public suffix (TLD)',
    cause: 'NameNotPublic',
  }),
  refusal('the name is malformed', 'le-malformed.example.com', {
    type: 'rejectedIdentifier',
    status: 400,
    detail:
      'Error creating new order :: Cannot issue for "le-malformed.example.com": Domain name contains an invalid character',
    cause: 'NameMalformed',
  }),
  refusal('the account was deactivated', 'le-account.example.com', {
    type: 'unauthorized',
    status: 403,
    detail: 'Account is not valid, has status "deactivated"',
    cause: 'AccountInvalid',
  }),
  refusal('the CA sets the lifetime itself', 'le-lifetime.example.com', {
    type: 'malformed',
    status: 400,
    detail: 'NotBefore and NotAfter are not supported',
    cause: 'DurationRefused',
  }),
  refusal('CAA can not be read', 'le-caa-dead.example.com', {
    type: 'caa',
    status: 403,
    detail:
      "Error finalizing order :: rechecking caa: While processing CAA for le-caa-dead.example.com: DNS problem: SERVFAIL looking up CAA for le-caa-dead.example.com - the domain's nameservers may be malfunctioning",
    to: 'signing',
    cause: 'CaaUnreadable',
  }),
  refusal('CAA lets another CA sign', 'le-caa.example.com', {
    type: 'caa',
    status: 403,
    detail:
      'Error finalizing order :: rechecking caa: CAA record for le-caa.example.com prevents issuance',
    to: 'signing',
    cause: 'CaaForbids',
    doctor: "caa: CAA forbids Let's Encrypt",
  }),
]

/** cert-manager checks a challenge itself before it tells the ACME server. */
const SELF_CHECKS: readonly CauseRow[] = [
  {
    name: "cert-manager's own check is refused",
    domain: 'check-refused.example.com',
    issuer: 'checking',
    at: NOBODY,
    want: {
      ...WAITS,
      cause: 'SelfCheckRefused',
      doctor: `port: plain HTTP at ${NOBODY}:PORT does not answer`,
    },
  },
  {
    name: "cert-manager's own check gets no answer",
    domain: 'check-silent.example.com',
    issuer: 'checking',
    at: ANSWERS_NEVER,
    want: {
      ...WAITS,
      cause: 'SelfCheckTimeout',
      doctor: `port: plain HTTP at ${ANSWERS_NEVER}:PORT does not answer`,
    },
  },
  {
    name: "cert-manager's own check gets a 404",
    domain: 'check-not-found.example.com',
    issuer: 'checking',
    at: ANSWERS_404,
    want: { ...WAITS, cause: 'SelfCheckStatus', doctor: NOT_THE_SOLVER },
  },
  {
    name: "cert-manager's own check gets something else",
    domain: 'check-rubbish.example.com',
    issuer: 'checking',
    at: ANSWERS_RUBBISH,
    want: { ...WAITS, cause: 'SelfCheckContent', doctor: NOT_THE_SOLVER },
  },
  {
    name: "cert-manager's own check is redirected to where nobody listens",
    domain: 'check-redirected.example.com',
    issuer: 'checking',
    want: { ...WAITS, cause: 'SelfCheckRedirected', doctor: REDIRECTED },
  },
  {
    name: "cert-manager's own check is redirected for ever",
    domain: 'check-loop.example.com',
    issuer: 'checking',
    want: { ...WAITS, cause: 'SelfCheckRedirected', doctor: REDIRECTED },
  },
  {
    name: "cert-manager's own check finds no such name in the DNS",
    domain: 'check-nowhere.example.com',
    issuer: 'checking',
    dns: 'no such name',
    want: {
      ...WAITS,
      cause: 'SelfCheckNoAddress',
      doctor: 'dns: check-nowhere.example.com has no address',
    },
  },
  {
    name: "cert-manager's own check gets no answer from the DNS",
    domain: 'check-unanswered.example.com',
    issuer: 'checking',
    dns: 'no answer',
    want: {
      ...WAITS,
      cause: 'SelfCheckNoDns',
      doctor: 'status: it is pending',
    },
  },
  {
    name: 'the record of DNS-01 is not to be seen',
    domain: 'check-record.example.com',
    issuer: 'unseen-updates',
    want: { ...WAITS, cause: 'DnsNotPropagated', doctor: 'status: it is pending' },
  },
]

const NOT_READY = { state: 'stuck', status: 'IssuerNotReady', marked: 'ClusterIssuer' } as const

/** The issuer can't begin. */
const ISSUERS: readonly CauseRow[] = [
  {
    name: 'the issuer is missing',
    domain: 'missing.example.com',
    issuer: 'nope',
    want: {
      state: 'stuck',
      cause: 'IssuerMissing',
      marked: 'ClusterIssuer',
      doctor: 'issuer: ClusterIssuer nope does not exist',
    },
  },
  {
    name: "the issuer's ACME server is not reached",
    domain: 'unreached.example.com',
    issuer: 'nobody-there',
    want: {
      ...NOT_READY,
      cause: 'AcmeServerUnreachable',
      doctor: 'issuer: ClusterIssuer nobody-there is not ready',
    },
  },
  {
    name: "the issuer's ACME server is not trusted",
    domain: 'untrusted.example.com',
    issuer: 'untrusted',
    want: {
      ...NOT_READY,
      cause: 'AcmeServerUntrusted',
      doctor: 'issuer: ClusterIssuer untrusted is not ready',
    },
  },
  {
    name: "the issuer's e-mail address is refused",
    domain: 'email.example.com',
    issuer: 'bad-email',
    want: {
      ...NOT_READY,
      cause: 'EmailRefused',
      doctor: 'issuer: ClusterIssuer bad-email is not ready',
    },
  },
  {
    name: 'the CA registers no more accounts for now',
    domain: 'accounts.example.com',
    issuer: 'unregistered',
    want: {
      ...NOT_READY,
      cause: 'LimitAccounts',
      doctor: 'issuer: ClusterIssuer unregistered is not ready',
    },
  },
  {
    name: 'the issuer names an ACME server of the first version',
    domain: 'old-acme.example.com',
    issuer: 'old-acme',
    want: {
      ...NOT_READY,
      cause: 'IssuerMisconfigured',
      doctor: 'issuer: ClusterIssuer old-acme is not ready',
    },
  },
  {
    name: 'the issuer names a profile that the CA does not have',
    domain: 'profile.example.com',
    issuer: 'no-profile',
    want: {
      state: 'failed',
      cause: 'ProfileUnknown',
      marked: 'Order',
      doctor: FAILED_STATUS,
    },
  },
  {
    name: 'no solver of the issuer is for the domain',
    domain: 'selector.example.com',
    issuer: 'other-zone',
    want: {
      state: 'stuck',
      cause: 'NoSolver',
      marked: 'Order',
      doctor: 'solver: the issuer has no solver for selector.example.com',
    },
  },
  {
    name: 'a wildcard, and the issuer has no DNS-01',
    domain: '*.wild.example.com',
    issuer: 'letsencrypt-prod',
    want: {
      state: 'stuck',
      cause: 'NoSolver',
      marked: 'Order',
      doctor: 'solver: a wildcard needs a DNS-01 solver, and the issuer has none for it',
    },
  },
  {
    name: 'a wildcard, and no issuer for wildcards',
    domain: '*.none.example.com',
    want: {
      state: 'unmanaged',
      cause: 'none',
      marked: 'IngressRoute',
      doctor: 'route: tlsauto leaves route default/none alone',
    },
  },
]

/** cert-manager can't go on, or will not. */
const HELD_UP: readonly CauseRow[] = [
  {
    name: 'nobody approves the request',
    domain: 'approval.example.com',
    namespace: 'unapproved',
    want: {
      state: 'stuck',
      cause: 'NotApproved',
      marked: 'CertificateRequest',
      doctor: 'approval: nobody has approved the request',
    },
  },
  {
    name: 'an approver denies the request',
    domain: 'denied.example.com',
    namespace: 'denied',
    want: {
      state: 'failed',
      cause: 'RequestDenied',
      marked: 'CertificateRequest',
      doctor: FAILED_STATUS,
    },
  },
  {
    name: 'the quota of the namespace is used up',
    domain: 'quota.example.com',
    namespace: 'full',
    want: {
      ...WAITS,
      cause: 'QuotaExceeded',
      doctor: 'quota: a quota of namespace full is used up',
    },
  },
  {
    name: "a policy refuses the solver's Pod",
    domain: 'policy.example.com',
    namespace: 'strict',
    want: { ...WAITS, cause: 'SolverRefused', doctor: "pod: the challenge's solver has no Pod" },
  },
  {
    name: 'a policy refuses the CertificateRequest',
    domain: 'unasked.example.com',
    namespace: 'unasked',
    want: {
      state: 'stuck',
      status: 'none',
      cause: 'RequestUnmade',
      marked: 'Certificate',
      doctor: 'request: cert-manager can not make a CertificateRequest',
    },
  },
  {
    name: 'the common name is no host of the Certificate',
    domain: 'common.example.com',
    annotations: { 'cert-manager.io/common-name': 'uncommon.example.com' },
    want: {
      state: 'failed',
      cause: 'CommonNameAlone',
      marked: 'CertificateRequest',
      doctor: FAILED_STATUS,
    },
  },
  {
    name: 'another Certificate has the same Secret',
    domain: 'twin.example.com',
    want: {
      state: 'conflict',
      cause: 'SecretShared',
      marked: 'Certificate',
      doctor: 'secret: two Certificates have the same Secret',
    },
  },
  {
    name: 'another namespace holds the host',
    domain: 'held.example.com',
    namespace: 'late',
    want: {
      state: 'conflict',
      cause: 'HostHeldElsewhere',
      marked: 'IngressRoute',
      doctor: 'host: another namespace holds held.example.com',
    },
  },
]

/** It had a certificate. */
const LATER: readonly CauseRow[] = [
  {
    name: 'the renewal fails, since DNS does',
    domain: 'renewal.example.com',
    dns: 'fails',
    later: 'renewed',
    want: {
      ...FAILED,
      state: 'renew-failing',
      cause: 'DnsUnresolved',
      doctor: 'dns: the DNS servers of renewal.example.com fail',
    },
  },
  {
    name: 'the certificate has expired, since its renewal failed',
    domain: 'expired.example.com',
    issuer: 'short-lived',
    dns: 'fails',
    later: 'expires',
    want: {
      ...FAILED,
      state: 'expired',
      cause: 'DnsUnresolved',
      doctor: 'dns: the DNS servers of expired.example.com fail',
    },
  },
  {
    name: 'the Secret was deleted, and no new one comes',
    domain: 'deleted.example.com',
    dns: 'fails',
    later: 'Secret deleted',
    want: {
      ...FAILED,
      cause: 'DnsUnresolved',
      doctor: 'dns: the DNS servers of deleted.example.com fail',
    },
  },
  {
    name: "the renewal waits for cert-manager's own check",
    domain: 'renewing.example.com',
    issuer: 'checking',
    at: ANSWERS_404,
    later: 'renewed',
    want: { state: 'renewing', cause: 'none', marked: 'nothing', doctor: NOT_THE_SOLVER },
  },
]

/** Every cause, as far as a stack without the internet can have it. */
export const CAUSE_ROWS: readonly CauseRow[] = [
  ...CHALLENGES,
  ...FAILURES,
  ...REFUSALS,
  ...SELF_CHECKS,
  ...ISSUERS,
  ...HELD_UP,
  ...LATER,
  {
    name: 'nothing is wrong',
    domain: 'well.example.com',
    want: { state: 'issued', cause: 'none', marked: 'nothing', doctor: 'nothing' },
  },
]

/** What is broken beside the rows' own routes. */
export const BESIDE: readonly JsonObject[] = [
  redirect('elsewhere', '^http://([^/:]+)(?::[0-9]+)?/(.*)$', 'https://${1}:1/${2}'),
  // Traefik passes on what would be redirected to where it is.
  redirect('further', '^http://([^/]+)/(.*)$', 'http://${1}/${2}/on'),
  ...['redirected', 'check-redirected'].map((name) => taker(name, { middlewares: ['elsewhere'] })),
  ...['loop', 'check-loop'].map((name) => taker(name, { middlewares: ['further'] })),
  taker('taken', { middlewares: [] }),
]

function redirect(name: string, regex: string, replacement: string): JsonObject {
  return {
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'Middleware',
    metadata: { namespace: 'default', name },
    spec: { redirectRegex: { regex, replacement } },
  }
}

/** A route that takes the challenge's path on plain HTTP. */
function taker(name: string, about: { readonly middlewares: readonly string[] }): JsonObject {
  const middlewares = about.middlewares.map((middleware) => ({ name: middleware }))
  return {
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'IngressRoute',
    metadata: {
      namespace: 'default',
      name: `${name}-taker`,
      annotations: { 'tlsauto.dev/enabled': 'false' },
    },
    spec: {
      entryPoints: ['web'],
      routes: [
        {
          kind: 'Rule',
          match: `Host(\`${name}.example.com\`)`,
          priority: 5000,
          middlewares,
          services: [{ name: 'web', port: 8080 }],
        },
      ],
    },
  }
}
