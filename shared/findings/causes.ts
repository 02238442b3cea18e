/** What happens next by itself, while a cause lasts (cert-manager 1.21). */
export const NEXT = {
  // Trigger controller: min 1 h, doubled with each failure, max 32 h.
  Backoff: 'cert-manager tries again an hour after the first failure, and doubles that up to 32 h',
  Limit: 'any try before the limit has ended fails again, so the later of both times counts',
  // Challenge controller: DefaultACMERateLimiter, and its readiness check.
  SelfCheck: 'cert-manager looks again every 10 seconds, and goes on by itself once it works',
  Soon: 'cert-manager tries again after 5 seconds, and doubles that up to half an hour',
  // Requests and Orders are looked at again when their issuer changes.
  OnceFixed: 'it goes on by itself within minutes, once this is fixed',
  // webhook/controller/limits/certificate-limits.ts
  Turn: 'its turn comes by itself: as the hour goes on, the oldest routes of the namespace get theirs',
  // webhook/controller/limits/claim-turns.ts
  Room: 'it goes on by itself once the namespace has room for one more DomainClaim',
  Never: 'nothing until somebody fixes it',
} as const satisfies Readonly<Record<string, string>>

/** One cause of a certificate that does not come. */
export type CauseEntry = {
  /** Texts that say so, whatever their case; `…` stands for anything. */
  readonly signs: readonly string[]
  /** Reasons of a status that say so, where no text does: of a condition, or an ACME error's type. */
  readonly reasons?: readonly string[]
  /** Its texts are frames around others': they count only where nothing else is said. */
  readonly vague?: true
  /** What to do next; `{}` stands for the domain. */
  readonly whatToDo: string
  readonly next: keyof typeof NEXT
}

/** The catalogue: every text in which the ACME server (Let's Encrypt's Boulder, Pebble) or cert-manager
 * says why a certificate does not come. Of two that begin at the same place in a text the first counts. */
export const CAUSES = {
  // The ACME server asked the DNS
  DnsChallengeRecord: {
    signs: [
      'DNS problem: NXDOMAIN looking up TXT',
      'No TXT record found at',
      'Incorrect TXT record',
      'No TXT records found for DNS challenge',
      'Correct value not found for DNS challenge',
      'Error retrieving TXT records for DNS challenge',
    ],
    whatToDo:
      'Let the DNS-01 solver write into the zone that the world asks for _acme-challenge.{}, then run kubectl tlsauto recreate {}',
    next: 'Backoff',
  },
  DnsNoRecord: {
    signs: ['DNS problem: NXDOMAIN looking up'],
    whatToDo:
      'Create an A or AAAA record for {} that leads to Traefik, then run kubectl tlsauto recreate {}',
    next: 'Backoff',
  },
  // Pebble says no more, whether there is no record or no answer.
  DnsUnresolved: {
    signs: ['Could not resolve URL'],
    whatToDo:
      'Make {} resolve to an address of Traefik (dig {} shows what the DNS answers), then run kubectl tlsauto recreate {}',
    next: 'Backoff',
  },
  DnsNoPublicAddress: {
    signs: ['no valid A records found for', 'no valid AAAA records found for'],
    whatToDo:
      "Give {} an A or AAAA record with Traefik's public address (private ones don't count), then run kubectl tlsauto recreate {}",
    next: 'Backoff',
  },
  DnsTimeout: {
    signs: ['DNS problem: query timed out looking up'],
    whatToDo:
      'Make the nameservers of {} answer the whole internet within seconds, then run kubectl tlsauto recreate {}',
    next: 'Backoff',
  },
  DnsServerFailure: {
    signs: [
      'DNS problem: SERVFAIL looking up',
      'DNS problem: looking up',
      'Error occurred while resolving URL',
    ],
    reasons: ['Dns'],
    whatToDo:
      'Fix the nameservers or the DNSSEC of {} (dig {} shows what they answer), then run kubectl tlsauto recreate {}',
    next: 'Backoff',
  },
  CaaForbids: {
    signs: [
      'While processing CAA for … prevents issuance',
      'CAA record for … prevents issuance',
      'rechecking caa: … prevents issuance',
      'Rechecking CAA for "',
    ],
    reasons: ['Caa'],
    whatToDo:
      'Add the CA to the CAA records of {} or its parent (0 issue "letsencrypt.org"), then run kubectl tlsauto recreate {}',
    next: 'Backoff',
  },
  CaaUnreadable: {
    signs: ['While processing CAA for', 'rechecking caa:'],
    whatToDo:
      'Make the nameservers of {} answer a question for CAA (an empty answer will do), then run kubectl tlsauto recreate {}',
    next: 'Backoff',
  },

  // The ACME server fetched the challenge
  OnlyFromSomePlaces: {
    signs: ['During secondary validation:'],
    whatToDo:
      'Open port 80 of {} to the whole world (no filter by country or provider), then run kubectl tlsauto recreate {}',
    next: 'Backoff',
  },
  // Before those that tell only how it ended.
  BadRedirect: {
    signs: [
      'Invalid port in redirect target',
      'Too many redirects',
      'Redirect loop detected',
      'received disallowed redirect status code',
      'in redirect target',
      // Go's client: Pebble's
      'stopped after 10 redirects',
      'Get "https:// … /.well-known/acme-challenge/',
    ],
    whatToDo:
      'Leave http://{}/.well-known/acme-challenge/ free of redirects, or redirect to port 80 or 443, then run kubectl tlsauto recreate {}',
    next: 'Backoff',
  },
  ConnectionRefused: {
    signs: ['Fetching http … Connection refused', 'Get "http … connect: connection refused'],
    whatToDo:
      'Make Traefik listen on port 80 of the address that {} leads to, then run kubectl tlsauto recreate {}',
    next: 'Backoff',
  },
  ConnectionTimeout: {
    signs: [
      'Timeout during connect',
      'Get "http … i/o timeout',
      'Get "http … context deadline exceeded',
    ],
    whatToDo:
      'Open port 80 of the address that {} leads to in every firewall, then run kubectl tlsauto recreate {}',
    next: 'Backoff',
  },
  ServerTooSlow: {
    signs: ['Timeout during read', 'Timeout after connect'],
    whatToDo:
      'Find out why whoever answers for {} on port 80 takes over 10 seconds, then run kubectl tlsauto recreate {}',
    next: 'Backoff',
  },
  ConnectionBroken: {
    signs: [
      'Connection reset by peer',
      'Network unreachable',
      'network is unreachable',
      'Error getting validation data',
    ],
    reasons: ['Connection'],
    whatToDo:
      'See that the way to port 80 of {} (routes, IPv6, load balancer) leads to Traefik, then run kubectl tlsauto recreate {}',
    next: 'Backoff',
  },
  WrongStatus: {
    signs: ['Invalid response from http', 'Non-200 status code from HTTP'],
    whatToDo:
      'Let {} lead to this Traefik, and no other route answer its /.well-known/acme-challenge/, then run kubectl tlsauto recreate {}',
    next: 'Backoff',
  },
  WrongContent: {
    signs: ['The key authorization file from the server did not match this challenge'],
    whatToDo:
      'Let every A and AAAA record of {} lead to this Traefik and no other server, then run kubectl tlsauto recreate {}',
    next: 'Backoff',
  },
  ChallengeExpired: {
    signs: [],
    reasons: ['ChallengeExpired'],
    whatToDo:
      'Fix what kept the challenge of {} waiting until it expired, then run kubectl tlsauto recreate {}',
    next: 'Backoff',
  },
  AcceptedTwice: {
    signs: ['Cannot update challenge with status', 'challenge is not pending'],
    vague: true,
    whatToDo:
      'Read the Events of the Challenge for what failed before this, then run kubectl tlsauto recreate {}',
    next: 'Backoff',
  },

  // The ACME server does not want the order
  NameForbidden: {
    signs: ['Cannot issue for … forbidden by policy', 'issuance is forbidden by policy'],
    whatToDo: 'Use another domain than {} or another CA: this one never signs it',
    next: 'Backoff',
  },
  NameNotPublic: {
    signs: [
      'Cannot issue for … does not end with a valid public suffix',
      'Cannot issue for … needs at least one dot',
      'Cannot issue for … is an ICANN TLD',
    ],
    whatToDo: 'Use a public domain instead of {}, or an issuer for internal names',
    next: 'Backoff',
  },
  NameMalformed: {
    signs: [
      'Cannot issue for "',
      'Order included DNS',
      'Order included a DNS identifier',
      'Order included malformed',
    ],
    reasons: ['RejectedIdentifier'],
    whatToDo: 'Correct the host {} in the route: no public CA signs it as it is written',
    next: 'Backoff',
  },
  DurationRefused: {
    signs: ['NotBefore and NotAfter are not supported'],
    whatToDo: 'Remove cert-manager.io/duration from the route of {}: the CA sets the lifetime',
    next: 'Backoff',
  },
  ProfileUnknown: {
    signs: [
      'does not advertise a profile with name',
      'does not support profiles',
      'profile name … not recognized',
      'unrecognized profile name',
    ],
    whatToDo: "Name one of the CA's profiles in the issuer's spec.acme.profile, or none",
    next: 'Backoff',
  },
  CommonNameAlone: {
    signs: ['requests a commonName that is not present'],
    whatToDo: 'Remove cert-manager.io/common-name from the route of {}, or name one of its hosts',
    next: 'Backoff',
  },

  // Limits (letsencrypt.org/docs/rate-limits)
  LimitSameNames: {
    signs: ['already issued for this exact set of identifiers'],
    whatToDo:
      'Wait for the end of the limit (five a week for {}), and keep the Secrets that were issued',
    next: 'Limit',
  },
  LimitRegisteredDomain: {
    signs: ['too many certificates … already issued for "'],
    whatToDo:
      'Wait for the end of the limit (50 a week for the registered domain of {}), use a wildcard, or ask the CA for more',
    next: 'Limit',
  },
  LimitFailures: {
    signs: ['too many failed authorizations'],
    whatToDo: 'Find out with kubectl tlsauto describe {} why its challenges fail, and try no more',
    next: 'Limit',
  },
  LimitOrders: {
    signs: ['too many new orders'],
    whatToDo:
      'Wait for the end of the limit (300 orders in 3 hours), and take on fewer domains at once',
    next: 'Limit',
  },
  LimitAccounts: {
    signs: ['too many new registrations', 'too many new accounts'],
    whatToDo: 'Keep the Secret with the ACME account, and wait three hours for a new one',
    next: 'Limit',
  },
  AccountPaused: {
    signs: ['temporarily prevented from requesting certificates'],
    whatToDo: 'Fix why {} failed so often, then visit the URL in the message to go on',
    next: 'Backoff',
  },
  RateLimited: {
    signs: [],
    reasons: ['RateLimited'],
    whatToDo: 'Wait for the end of the limit that the message names',
    next: 'Limit',
  },

  // The account and the issuer
  AccountInvalid: {
    signs: ['Account is not valid, has status'],
    reasons: ['AccountDoesNotExist'],
    whatToDo:
      "Delete the Secret in the issuer's spec.acme.privateKeySecretRef, so that cert-manager registers a new account",
    next: 'Backoff',
  },
  EmailRefused: {
    signs: [
      'contact email has forbidden domain',
      'invalid contact domain',
      'contact email "',
      'contact method',
    ],
    reasons: ['InvalidContact', 'UnsupportedContact'],
    whatToDo: "Put an e-mail address of your own into the issuer's spec.acme.email",
    next: 'OnceFixed',
  },
  AcmeServerUntrusted: {
    signs: ['ACME account: … x509:'],
    whatToDo:
      "Let cert-manager trust the ACME server's certificate (the issuer's spec.acme.caBundle), or correct spec.acme.server",
    next: 'Soon',
  },
  AcmeServerUnreachable: {
    signs: ['ACME account: … dial tcp', 'ACME account: … deadline exceeded'],
    whatToDo:
      "Let cert-manager reach the issuer's spec.acme.server (DNS, proxy, network policies), or correct it",
    next: 'Soon',
  },
  AccountNotRegistered: {
    signs: [
      'Failed to register ACME account',
      'Failed to verify ACME account',
      'Failed to update ACME account',
    ],
    reasons: ['ErrRegisterACMEAccount', 'ErrVerifyACMEAccount', 'ErrUpdateACMEAccount'],
    vague: true,
    whatToDo: "Correct the issuer's spec.acme as its Ready condition says",
    next: 'OnceFixed',
  },
  IssuerMisconfigured: {
    signs: [],
    reasons: ['InvalidConfig', 'InvalidURL', 'InvalidSolver'],
    whatToDo: "Correct the issuer's spec as its Ready condition says",
    next: 'OnceFixed',
  },
  IssuerMissing: {
    signs: ['Referenced " … " not found'],
    reasons: ['IssuerNotFound'],
    whatToDo: 'Create the issuer that the message names, or name another on the route of {}',
    next: 'OnceFixed',
  },
  IssuerNotReady: {
    signs: ['Referenced issuer does not have a Ready status condition'],
    reasons: ['IssuerNotReady'],
    whatToDo: "See with kubectl tlsauto describe {} what the issuer's Ready condition says",
    next: 'OnceFixed',
  },
  NoSolver: {
    signs: ['no configured challenge solvers can be used', 'has no challenge yet'],
    whatToDo:
      'Give the issuer a solver for {} (a wildcard needs DNS-01; see its selectors), or name another issuer',
    next: 'OnceFixed',
  },

  // cert-manager's own part
  NotApproved: {
    signs: ['Not signing CertificateRequest until it is Approved'],
    reasons: ['WaitingForApproval'],
    whatToDo:
      "Approve the CertificateRequest of {} (cmctl approve), or start cert-manager's approver again",
    next: 'OnceFixed',
  },
  RequestDenied: {
    signs: ['The CertificateRequest was denied by an approval controller'],
    reasons: ['Denied'],
    whatToDo:
      'Change the policy that denied {}, or its route, then run kubectl tlsauto recreate {}',
    next: 'Backoff',
  },
  SelfCheckRedirected: {
    signs: ['self check … Get "https://', 'self check … stopped after 10 redirects'],
    whatToDo:
      'Leave http://{}/.well-known/acme-challenge/ free of redirects: where this one leads, nobody answers',
    next: 'SelfCheck',
  },
  SelfCheckNoDns: {
    signs: [
      'self check … dial tcp: lookup … connection refused',
      'self check … dial tcp: lookup … i/o timeout',
    ],
    whatToDo:
      "Let cert-manager reach a DNS server: the cluster's own, or those of --acme-http01-solver-nameservers",
    next: 'SelfCheck',
  },
  SelfCheckNoAddress: {
    signs: ['self check … no such host', 'self check … server misbehaving'],
    whatToDo:
      "Create the DNS record of {}, or let cert-manager ask public nameservers (--acme-http01-solver-nameservers) if only its own don't know it",
    next: 'SelfCheck',
  },
  SelfCheckRefused: {
    signs: ['self check … connection refused'],
    whatToDo:
      'Make Traefik listen on port 80 of the address that {} leads to, also from within the cluster',
    next: 'SelfCheck',
  },
  SelfCheckTimeout: {
    signs: [
      'self check … Client.Timeout exceeded',
      'self check … deadline exceeded',
      'self check … i/o timeout',
    ],
    whatToDo:
      'Open port 80 of {} to the cluster itself as well (firewall, hairpin NAT, network policies)',
    next: 'SelfCheck',
  },
  SelfCheckStatus: {
    signs: ['wrong status code'],
    whatToDo:
      "Let {} lead to this Traefik, with the solver's ingress class, and no other route answer its /.well-known/acme-challenge/",
    next: 'SelfCheck',
  },
  SelfCheckContent: {
    signs: ['did not get expected response'],
    whatToDo: 'Let every A and AAAA record of {} lead to this Traefik and no other server',
    next: 'SelfCheck',
  },
  DnsNotPropagated: {
    signs: ['Waiting for DNS-01 challenge propagation'],
    vague: true,
    whatToDo:
      'Ask the nameservers of {} for TXT of _acme-challenge.{}: the solver must write into the zone that they serve',
    next: 'SelfCheck',
  },
  SelfCheckFailed: {
    signs: ['self check', 'challenge propagation'],
    vague: true,
    whatToDo:
      'Open http://{}/.well-known/acme-challenge/ from within the cluster, and fix what fails',
    next: 'SelfCheck',
  },
  // tlsauto's own Events; what the API server says comes after these words.
  CertificateRefused: {
    signs: ['the API server refuses a Certificate'],
    reasons: ['CertificateRefused'],
    whatToDo:
      'Raise the ResourceQuota, or change the policy, that the message names, so that Certificates can be made in the namespace',
    next: 'OnceFixed',
  },
  CertificateLimited: {
    signs: ['certificates wait:'],
    reasons: ['CertificateLimited'],
    whatToDo:
      "Wait for the namespace's turn, or raise --max-certificates-per-namespace of the server",
    next: 'Turn',
  },
  ClaimLimited: {
    signs: ['hosts wait for a DomainClaim'],
    reasons: ['ClaimLimited'],
    whatToDo:
      'Remove hosts that nobody needs, or ask the administrator to raise --max-claims-per-namespace of the server',
    next: 'Room',
  },
  ClaimNameTaken: {
    signs: ['is for another host; ask the administrator to delete it'],
    reasons: ['ClaimNameTaken'],
    whatToDo:
      'Ask the administrator to delete the DomainClaim that the Event names: its name does not match its host',
    next: 'OnceFixed',
  },
  QuotaExceeded: {
    signs: ['is forbidden: exceeded quota', 'exceeded quota'],
    whatToDo:
      "Raise the namespace's ResourceQuota by one Pod, Service and Ingress, as the message says",
    next: 'Soon',
  },
  SolverRefused: {
    signs: ['admission webhook … denied the request', 'is forbidden:'],
    whatToDo:
      "Let the solver's Pod, Service and Ingress (label acme.cert-manager.io/http01-solver) pass the policy in the message",
    next: 'Soon',
  },
  SolverFailed: {
    signs: ['Error presenting challenge'],
    reasons: ['PresentError'],
    vague: true,
    whatToDo: 'Fix what the message says about presenting the challenge of {}',
    next: 'Soon',
  },
  RequestUnmade: {
    signs: [
      'Failed to create CertificateRequest … denied',
      'Failed to create CertificateRequest … cannot create',
      'Failed to generate CSR',
    ],
    reasons: ['RequestFailed'],
    whatToDo:
      'Fix what the message says: who refuses CertificateRequests in the namespace, or a cert-manager.io annotation on the route of {}',
    next: 'OnceFixed',
  },
  AcmeServerFault: {
    signs: ['unexpected non-ACME API error'],
    reasons: ['ServerInternal'],
    whatToDo: "See the CA's status page, then run kubectl tlsauto recreate {}",
    next: 'Backoff',
  },
  OrderFailed: {
    signs: [
      'Failed to create Order',
      'Failed to finalize Order',
      'Failed to retrieve Order resource',
      'Failed to fetch authorization',
      'Failed to retrieve signed certificate',
      'Failed to wait for order resource',
      'Error accepting',
    ],
    reasons: ['OrderFailed'],
    vague: true,
    whatToDo: 'Fix what the message says, then run kubectl tlsauto recreate {}',
    next: 'Backoff',
  },

  // The Certificate
  SecretShared: {
    signs: ['you might have two conflicting Certificates pointing to the same secret'],
    reasons: ['SecretShared'],
    whatToDo: 'Delete one of the two Certificates, or give one of them another spec.secretName',
    next: 'Never',
  },
  SecretUnwritten: {
    signs: [],
    reasons: ['SecretUnwritten'],
    whatToDo:
      'Delete the Secret, name another one, or hand it over: kubectl annotate secret NAME cert-manager.io/certificate-name=CERTIFICATE',
    next: 'OnceFixed',
  },
  HostHeldElsewhere: {
    signs: [],
    reasons: ['HostHeldElsewhere'],
    whatToDo:
      'Use another host than {}, or ask the cluster’s administrator, who can change its DomainClaim: kubectl tlsauto doctor {} names it',
    next: 'Never',
  },
  RenewalOverdue: {
    signs: [],
    reasons: ['RenewalOverdue'],
    whatToDo: 'See that cert-manager runs (kubectl get pods -n cert-manager), and read its log',
    next: 'OnceFixed',
  },
  CertManagerSilent: {
    signs: [],
    reasons: ['NotBegun'],
    whatToDo: 'See that cert-manager runs (kubectl get pods -n cert-manager), and read its log',
    next: 'OnceFixed',
  },
  TlsautoSilent: {
    signs: [],
    reasons: ['NoCertificate'],
    whatToDo: 'See that tlsauto runs (kubectl get pods -n tlsauto), and read its log',
    next: 'OnceFixed',
  },
  Expired: {
    signs: [],
    reasons: ['Expired'],
    whatToDo: 'Run kubectl tlsauto recreate {} --wait, and fix what it says',
    next: 'Never',
  },
} as const satisfies Readonly<Record<string, CauseEntry>>

/** A CamelCase word of the catalogue. */
export type Cause = keyof typeof CAUSES
