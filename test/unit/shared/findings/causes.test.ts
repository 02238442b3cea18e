import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { adviceOn, causeOf } from '../../../../shared/findings/cause-of.ts'
import { CAUSES, type Cause, type CauseEntry } from '../../../../shared/findings/causes.ts'

const FETCH = '203.0.113.7: Fetching http://shop.example.com/.well-known/acme-challenge/tok'
const REFUSES = 'Error creating new order :: Cannot issue for "shop.example.com": '
const SELF_CHECK =
  'Waiting for HTTP-01 challenge propagation: failed to perform self check GET request \'http://shop.example.com/.well-known/acme-challenge/tok\': Get "http://shop.example.com/.well-known/acme-challenge/tok": '
const PEBBLE_GET = 'Get "http://shop.example.com:5002/.well-known/acme-challenge/tok": '
const WEEK = 'in the last 168h0m0s, retry after 2026-03-02 09:30:00 UTC'
const NXDOMAIN =
  'DNS problem: NXDOMAIN looking up A for shop.example.com - check that a DNS record exists for this domain; DNS problem: NXDOMAIN looking up AAAA for shop.example.com - check that a DNS record exists for this domain'
const REFUSED_CONNECTION = 'dial tcp 203.0.113.7:80: connect: connection refused'

/** One row for each text: the ACME server's, in the order of facts/acme.md 8. */
const ACME: readonly (readonly [type: string, text: string, want: Cause])[] = [
  ['dns', NXDOMAIN, 'DnsNoRecord'],
  [
    'dns',
    "DNS problem: SERVFAIL looking up A for shop.example.com - the domain's nameservers may be malfunctioning",
    'DnsServerFailure',
  ],
  ['dns', 'DNS problem: query timed out looking up A for shop.example.com', 'DnsTimeout'],
  [
    'dns',
    'DNS problem: looking up A for shop.example.com: DNSSEC Bogus: no SEP matching the DS found',
    'DnsServerFailure',
  ],
  [
    'dns',
    'no valid A records found for shop.example.com; no valid AAAA records found for shop.example.com',
    'DnsNoPublicAddress',
  ],
  ['dns', 'DNS problem: something new about shop.example.com', 'DnsServerFailure'],
  [
    'dns',
    'DNS problem: NXDOMAIN looking up TXT for _acme-challenge.shop.example.com - check that a DNS record exists',
    'DnsChallengeRecord',
  ],
  ['connection', `${FETCH}: Connection refused`, 'ConnectionRefused'],
  ['connection', `${FETCH}: Timeout during connect (likely firewall problem)`, 'ConnectionTimeout'],
  [
    'connection',
    `${FETCH}: Timeout during read (your server may be slow or overloaded)`,
    'ServerTooSlow',
  ],
  [
    'connection',
    `${FETCH}: Timeout after connect (your server may be slow or overloaded)`,
    'ServerTooSlow',
  ],
  ['connection', `${FETCH}: Connection reset by peer`, 'ConnectionBroken'],
  ['connection', `${FETCH}: Network unreachable`, 'ConnectionBroken'],
  ['connection', `${FETCH}: Error getting validation data`, 'ConnectionBroken'],
  [
    'unauthorized',
    '203.0.113.7: Invalid response from http://shop.example.com/.well-known/acme-challenge/tok: 404',
    'WrongStatus',
  ],
  [
    'unauthorized',
    'The key authorization file from the server did not match this challenge. Expected "X" (got "Y")',
    'WrongContent',
  ],
  [
    'connection',
    `${FETCH}: Invalid port in redirect target. Only ports 80 and 443 are supported, not 8443`,
    'BadRedirect',
  ],
  ['connection', `${FETCH}: Too many redirects`, 'BadRedirect'],
  ['connection', `${FETCH}: Redirect loop detected`, 'BadRedirect'],
  ['connection', `${FETCH}: received disallowed redirect status code`, 'BadRedirect'],
  [
    'connection',
    `${FETCH}: Invalid host in redirect target "a b". Check webserver config`,
    'BadRedirect',
  ],
  [
    'connection',
    `During secondary validation: ${FETCH}: Timeout during connect (likely firewall problem)`,
    'OnlyFromSomePlaces',
  ],
  ['caa', 'CAA record for shop.example.com prevents issuance', 'CaaForbids'],
  [
    'caa',
    'While processing CAA for shop.example.com: CAA record for shop.example.com prevents issuance',
    'CaaForbids',
  ],
  [
    'dns',
    'While processing CAA for shop.example.com: DNS problem: SERVFAIL looking up CAA for shop.example.com',
    'CaaUnreadable',
  ],
  [
    'caa',
    'Error finalizing order :: rechecking caa: CAA record for example.com prevents issuance',
    'CaaForbids',
  ],
  [
    'dns',
    'Error finalizing order :: rechecking caa: DNS problem: query timed out looking up CAA for example.com',
    'CaaUnreadable',
  ],
  [
    'caa',
    'Error finalizing order :: Rechecking CAA for "shop.example.com" and 3 more identifiers failed. Refer to sub-problems for more information',
    'CaaForbids',
  ],
  [
    'rejectedIdentifier',
    `${REFUSES}The ACME server refuses to issue a certificate for this domain name, because it is forbidden by policy`,
    'NameForbidden',
  ],
  [
    'rejectedIdentifier',
    `${REFUSES}Domain name does not end with a valid public suffix (TLD)`,
    'NameNotPublic',
  ],
  ['rejectedIdentifier', `${REFUSES}Domain name needs at least one dot`, 'NameNotPublic'],
  ['rejectedIdentifier', `${REFUSES}Domain name is an ICANN TLD`, 'NameNotPublic'],
  ...[
    'contains an invalid character',
    'is longer than 253 bytes',
    'has more than 10 labels (parts)',
    'has label which is longer than 63 bytes',
    'ends in a dot',
    'contains malformed punycode',
    'has more than one wildcard',
    'has a wildcard anywhere but before the first dot',
    'contains an invalid character (and 2 more problems. Refer to sub-problems for more information.)',
  ].map(
    (text) => ['rejectedIdentifier', `${REFUSES}Domain name ${text}`, 'NameMalformed'] as const,
  ),
  [
    'rateLimited',
    `too many certificates (5) already issued for this exact set of identifiers ${WEEK}: see https://letsencrypt.org/docs/rate-limits/#new-certificates-per-exact-set-of-identifiers`,
    'LimitSameNames',
  ],
  [
    'rateLimited',
    `too many certificates (50) already issued for "example.com" ${WEEK}: see https://letsencrypt.org/docs/rate-limits/#new-certificates-per-registered-domain`,
    'LimitRegisteredDomain',
  ],
  [
    'rateLimited',
    'too many failed authorizations (5) for "shop.example.com" in the last 1h0m0s, retry after 2026-03-02 09:30:00 UTC',
    'LimitFailures',
  ],
  [
    'rateLimited',
    'too many new orders (300) from this account in the last 3h0m0s, retry after 2026-03-02 09:30:00 UTC',
    'LimitOrders',
  ],
  [
    'rateLimited',
    'too many new registrations (10) from this IP address in the last 3h0m0s, retry after 2026-03-02 09:30:00 UTC',
    'LimitAccounts',
  ],
  [
    'rateLimited',
    'Your account is temporarily prevented from requesting certificates for shop.example.com and possibly others. Please visit: https://portal.letsencrypt.org/sfe/v1/unpause?jwt=x',
    'AccountPaused',
  ],
  ['rateLimited', 'too many of something new', 'RateLimited'],
  ['unauthorized', 'Account is not valid, has status "deactivated"', 'AccountInvalid'],
  ['accountDoesNotExist', 'Account "https://ca/acct/1" not found', 'AccountInvalid'],
  ['invalidContact', 'contact email has forbidden domain "example.com"', 'EmailRefused'],
  [
    'invalidContact',
    'invalid contact domain. Contact emails @example.com are forbidden',
    'EmailRefused',
  ],
  ['invalidProfile', 'profile name "nope" not recognized', 'ProfileUnknown'],
  ['malformed', 'NotBefore and NotAfter are not supported', 'DurationRefused'],
  // Pebble's
  [
    'unauthorized',
    'Non-200 status code from HTTP: http://shop.example.com:5002/.well-known/acme-challenge/tok returned 404',
    'WrongStatus',
  ],
  [
    'unauthorized',
    'The key authorization file from the server did not match this challenge "X" != "Y"',
    'WrongContent',
  ],
  ['connection', `${PEBBLE_GET}${REFUSED_CONNECTION}`, 'ConnectionRefused'],
  ['connection', `${PEBBLE_GET}dial tcp 203.0.113.7:5002: i/o timeout`, 'ConnectionTimeout'],
  ['malformed', 'Could not resolve URL "shop.example.com"', 'DnsUnresolved'],
  ['connection', `${PEBBLE_GET}could not resolve URL "http://shop.example.com"`, 'DnsUnresolved'],
  [
    'malformed',
    'Error occurred while resolving URL "shop.example.com": "lookup failed"',
    'DnsServerFailure',
  ],
  [
    'rejectedIdentifier',
    'Order included an identifier for which issuance is forbidden by policy: "shop.example.com"',
    'NameForbidden',
  ],
  ['invalidProfile', 'Order includes unrecognized profile name "nope"', 'ProfileUnknown'],
  ['unauthorized', 'No TXT records found for DNS challenge', 'DnsChallengeRecord'],
  ['unauthorized', 'Correct value not found for DNS challenge', 'DnsChallengeRecord'],
  ['serverInternal', 'Error creating authorizations for order', 'AcmeServerFault'],
]

/** One row for each text: cert-manager's own, in the order of facts/cert-manager.md 6. */
const CERT_MANAGER: readonly (readonly [text: string, want: Cause])[] = [
  ['Not signing CertificateRequest until it is Approved', 'NotApproved'],
  ['Referenced "ClusterIssuer" not found: clusterissuer "nope" not found', 'IssuerMissing'],
  ['Referenced issuer does not have a Ready status condition', 'IssuerNotReady'],
  [
    'Failed to wait for order resource "x" to become ready: order is in "errored" state: Failed to create Order: 500',
    'OrderFailed',
  ],
  [
    'The CSR PEM requests a commonName that is not present in the list of dnsNames or ipAddresses',
    'CommonNameAlone',
  ],
  ['The CertificateRequest was denied by an approval controller', 'RequestDenied'],
  ['Failed to create Order: something new', 'OrderFailed'],
  ['Failed to finalize Order: something new', 'OrderFailed'],
  ['Failed to retrieve Order resource: something new', 'OrderFailed'],
  ['Failed to fetch authorization: something new', 'OrderFailed'],
  [
    'Failed to create Order: acme: certificate authority does not advertise a profile with name nope',
    'ProfileUnknown',
  ],
  [
    'Failed to create Order: acme: certificate authority does not support profiles',
    'ProfileUnknown',
  ],
  [
    'the API server refuses a Certificate: certificates.cert-manager.io "c" is forbidden: exceeded quota: few, requested: count/certificates.cert-manager.io=1',
    'CertificateRefused',
  ],
  [
    'certificates wait: 300 were made for this namespace in the last hour, the most it may have',
    'CertificateLimited',
  ],
  [
    'hosts wait for a DomainClaim, and get no certificate: this namespace has 5000, the most it may have',
    'ClaimLimited',
  ],
  [
    'a host waits, and gets no certificate: the DomainClaim shop.example.com is for another host; ask the administrator to delete it',
    'ClaimNameTaken',
  ],
  [
    'Failed to determine a valid solver configuration for the set of domains on the Order: no configured challenge solvers can be used for this challenge',
    'NoSolver',
  ],
  ['the order is pending and has no challenge yet; has the issuer a solver for it?', 'NoSolver'],
  [
    `${SELF_CHECK}dial tcp: lookup shop.example.com on 10.0.0.10:53: no such host`,
    'SelfCheckNoAddress',
  ],
  [`${SELF_CHECK}${REFUSED_CONNECTION}`, 'SelfCheckRefused'],
  [
    `${SELF_CHECK}dial tcp: lookup shop.example.com on 10.0.0.10:53: read udp 10.0.0.9:4711->10.0.0.10:53: read: connection refused`,
    'SelfCheckNoDns',
  ],
  [
    `${SELF_CHECK}dial tcp: lookup shop.example.com on 10.0.0.10:53: read udp 10.0.0.9:4711->10.0.0.10:53: i/o timeout`,
    'SelfCheckNoDns',
  ],
  [
    `${SELF_CHECK}Get "https://shop.example.com/.well-known/acme-challenge/T": dial tcp 192.0.2.1:443: connect: connection refused`,
    'SelfCheckRedirected',
  ],
  [`${SELF_CHECK}stopped after 10 redirects`, 'SelfCheckRedirected'],
  [`${PEBBLE_GET}stopped after 10 redirects`, 'BadRedirect'],
  [
    'Get "https://shop.example.com/.well-known/acme-challenge/tok": dial tcp 192.0.2.1:443: connect: connection refused',
    'BadRedirect',
  ],
  [
    `${SELF_CHECK}context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
    'SelfCheckTimeout',
  ],
  [
    "Waiting for HTTP-01 challenge propagation: wrong status code '404', expected '200'",
    'SelfCheckStatus',
  ],
  [
    'Waiting for HTTP-01 challenge propagation: did not get expected response when querying endpoint, expected "KEY" but got: hello',
    'SelfCheckContent',
  ],
  ['Waiting for HTTP-01 challenge propagation: something new', 'SelfCheckFailed'],
  [
    'Waiting for DNS-01 challenge propagation: DNS record for "shop.example.com" not yet propagated',
    'DnsNotPropagated',
  ],
  ['Error presenting challenge: something new', 'SolverFailed'],
  [
    'Error presenting challenge: pods "cm-acme-http-solver-x" is forbidden: exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1',
    'QuotaExceeded',
  ],
  [
    'Error presenting challenge: admission webhook "policy.example.com" denied the request: no Ingress here',
    'SolverRefused',
  ],
  ['unexpected non-ACME API error: dial tcp: connection refused', 'AcmeServerFault'],
  [
    'Failed to register ACME account: Get "https://acme.example.com/dir": dial tcp: lookup acme.example.com: no such host',
    'AcmeServerUnreachable',
  ],
  [
    'Failed to register ACME account: Get "https://acme.example.com/dir": tls: failed to verify certificate: x509: certificate signed by unknown authority',
    'AcmeServerUntrusted',
  ],
  [
    'Failed to register ACME account: 400 urn:ietf:params:acme:error:invalidContact: contact email has forbidden domain "example.com"',
    'EmailRefused',
  ],
  ['Failed to verify ACME account: something new', 'AccountNotRegistered'],
  ['Failed to update ACME account:something new', 'AccountNotRegistered'],
  ['Failed to generate CSR: something new - will not retry', 'RequestUnmade'],
  [
    `Failed to create CertificateRequest: certificaterequests.cert-manager.io "a-1" is forbidden: ValidatingAdmissionPolicy 'a' with binding 'a' denied request: no`,
    'RequestUnmade',
  ],
  [
    'Failed to create CertificateRequest: certificaterequests.cert-manager.io is forbidden: User "cert-manager" cannot create resource "certificaterequests" in API group "cert-manager.io" in the namespace "a"',
    'RequestUnmade',
  ],
  [
    'Failed to create CertificateRequest: certificaterequests.cert-manager.io "a-1" is forbidden: exceeded quota: small, requested: count/certificaterequests.cert-manager.io=1, used: count/certificaterequests.cert-manager.io=1, limited: count/certificaterequests.cert-manager.io=1',
    'QuotaExceeded',
  ],
  [
    'Secret was issued for "other". If this message is not transient, you might have two conflicting Certificates pointing to the same secret.',
    'SecretShared',
  ],
]

/** What is told by a reason alone. */
const REASONS: readonly (readonly [reason: string, want: Cause])[] = [
  ['WaitingForApproval', 'NotApproved'],
  ['Denied', 'RequestDenied'],
  ['ErrRegisterACMEAccount', 'AccountNotRegistered'],
  ['InvalidConfig', 'IssuerMisconfigured'],
  ['InvalidURL', 'IssuerMisconfigured'],
  ['InvalidSolver', 'IssuerMisconfigured'],
  ['ChallengeExpired', 'ChallengeExpired'],
  ['SecretShared', 'SecretShared'],
  ['SecretUnwritten', 'SecretUnwritten'],
  ['RenewalOverdue', 'RenewalOverdue'],
  ['NotBegun', 'CertManagerSilent'],
  ['NoCertificate', 'TlsautoSilent'],
  ['HostHeldElsewhere', 'HostHeldElsewhere'],
  ['Expired', 'Expired'],
]

suite('the cause of a failure', () => {
  for (const [type, text, want] of ACME) {
    test(`${want}: ${text}`, () => {
      const frame = `400 urn:ietf:params:acme:error:${type}: ${text}`
      const whole = `Error accepting authorization: acme: authorization error for shop.example.com: ${frame}`
      const reason = `${type.charAt(0).toUpperCase()}${type.slice(1)}`
      assert.equal(
        causeOf({ reason: 'Failed', message: whole }),
        causeOf({ reason, message: text }),
      )
      assert.equal(causeOf({ reason, message: text }), want)
    })
  }
  for (const [message, want] of CERT_MANAGER) {
    test(`${want}: ${message}`, () => {
      assert.equal(causeOf({ reason: null, message }), want)
      assert.equal(causeOf({ reason: 'Failed', message: message.toUpperCase() }), want)
    })
  }
  for (const [reason, want] of REASONS) {
    test(`${want}: by the reason ${reason}`, () => {
      assert.equal(causeOf({ reason, message: 'something new' }), want)
    })
  }

  test('words that nobody knows have no cause', () => {
    assert.equal(causeOf({ reason: 'Failed', message: 'something new' }), undefined)
    assert.equal(causeOf({ reason: null, message: null }), undefined)
  })

  test('what a stranger’s server says is not heard over the ACME server', () => {
    const message = `The key authorization file from the server did not match this challenge. Expected "X" (got "${NXDOMAIN}")`
    assert.equal(causeOf({ reason: 'Unauthorized', message }), 'WrongContent')
  })

  test('the fragments of a sign count in their order alone', () => {
    const message = 'connection refused, and then a self check that says nothing'
    assert.equal(causeOf({ reason: null, message }), 'SelfCheckFailed')
  })

  test('every cause has a row above, so that none is there for nothing', () => {
    const told = new Set<string>(
      [...ACME.map(([, , want]) => want), ...CERT_MANAGER.map(([, want]) => want)].concat(
        REASONS.map(([, want]) => want),
      ),
    )
    const missing = Object.keys(CAUSES).filter((cause) => !told.has(cause))
    assert.deepEqual(missing, ['AcceptedTwice'])
    const twice = 'Cannot update challenge with status invalid, only status pending'
    assert.equal(causeOf({ reason: 'Malformed', message: twice }), 'AcceptedTwice')
  })

  test('advice is one sentence about the domain, and short', () => {
    for (const [cause, { whatToDo }] of Object.entries<CauseEntry>(CAUSES)) {
      assert.match(whatToDo, /^[A-Z][^\n]+[^.]$/, cause)
      assert.ok(whatToDo.length <= 160, `${cause}: ${whatToDo.length} characters`)
    }
    assert.deepEqual(adviceOn('DnsTimeout', '$&.example.com'), {
      cause: 'DnsTimeout',
      whatToDo:
        'Make the nameservers of $&.example.com answer the whole internet within seconds, then run kubectl tlsauto recreate $&.example.com',
      next: 'cert-manager tries again an hour after the first failure, and doubles that up to 32 h',
    })
  })

  test('a text of a megabyte that almost matches takes no more than its length in time', () => {
    const message = 'Cannot issue for "fetching http get "http self check '.repeat(20_000)
    const start = performance.now()
    assert.equal(causeOf({ reason: null, message }), 'NameMalformed')
    assert.ok(performance.now() - start < 5000)
  })
})
