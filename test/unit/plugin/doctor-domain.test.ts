import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runChecks } from '../../../plugin/probe/check.ts'
import { checksWithTodo, complaintsOf } from '../../fixtures/complaints.ts'
import { DOMAIN_CHECKS, type DomainFacts } from '../../../plugin/doctor/domain-checks.ts'
import type { AcmePath } from '../../../plugin/doctor/path-checks.ts'
import {
  dns01,
  domainFactsOf,
  FORBIDDEN,
  http01,
  ingressClass,
  issuer,
  MISSING,
  route,
} from '../../fixtures/doctor-facts.ts'
import { issuedItem } from '../../fixtures/verify-facts.ts'

const WILD = '*.example.com'

function path(
  answer: Partial<Extract<AcmePath['answer'], { kind: 'answered' }>>,
  key?: string,
): DomainFacts['paths'] {
  const whole = { kind: 'answered', status: 404, location: null, body: '', ...answer } as const
  return [{ endpoint: { host: '203.0.113.7', port: 80 }, answer: whole, key }]
}

const silent: DomainFacts['paths'] = [
  {
    endpoint: { host: '203.0.113.7', port: 80 },
    answer: { kind: 'silent', error: 'connect ECONNREFUSED' },
    key: undefined,
  },
]

const notReady = {
  conditions: [{ type: 'Ready', status: 'False', reason: 'ErrRegisterACMEAccount', message: 'x' }],
}

/** What is wrong (`!`) or unknown (`?`): check, what, evidence. */
const rows: readonly (readonly [
  name: string,
  facts: Partial<DomainFacts>,
  want: readonly string[],
])[] = [
  ['all is well', {}, []],
  [
    'a route that its user took out',
    { item: issuedItem({ state: 'unmanaged', reason: 'OptedOut', message: 'opted out' }) },
    ['? route: tlsauto leaves route team/shop alone: opted out'],
  ],
  [
    'a mistake in the route',
    {
      item: issuedItem({ state: 'unmanaged', reason: 'NoTlsEntryPoint', message: 'add websecure' }),
    },
    ['! route: tlsauto leaves route team/shop alone (NoTlsEntryPoint)'],
  ],
  [
    'a host of another namespace',
    { holder: 'other' },
    [
      '! host: another namespace holds shop.example.com (it belongs to namespace other, and not to team)',
    ],
  ],
  [
    'a Secret that two Certificates want',
    { rival: 'mine' },
    [
      '! secret: two Certificates have the same Secret (mine has Secret tls-shop-shop-example-com, too)',
    ],
  ],
  [
    'an issuer that is not there',
    { issuer: MISSING },
    [
      '! issuer: ClusterIssuer letsencrypt-prod does not exist (nobody signs, and requests wait for it for ever)',
    ],
  ],
  [
    'an issuer that may not be read',
    { issuer: FORBIDDEN },
    ['? issuer: you are not allowed to read ClusterIssuer letsencrypt-prod'],
  ],
  [
    "another group's issuer",
    { issuer: MISSING, ref: { name: 'ca', kind: 'Authority', group: 'example.org' } },
    ["? issuer: Authority ca is example.org's: ask it"],
  ],
  [
    'an issuer that could not register, whatever its message says',
    { issuer: issuer([http01()], notReady) },
    [
      '! issuer: ClusterIssuer letsencrypt-prod is not ready (ErrRegisterACMEAccount: x)',
      '! account: it has no account at its ACME server (no account at https://acme-v02.api.letsencrypt.org/directory)',
    ],
  ],
  [
    'an issuer that cert-manager has not looked at',
    { issuer: issuer([http01()], { acme: { uri: 'https://a' } }) },
    ['! issuer: ClusterIssuer letsencrypt-prod is not ready (cert-manager has not looked at it)'],
  ],
  [
    'a wildcard without DNS-01',
    { domain: WILD, paths: [] },
    [
      '! solver: a wildcard needs a DNS-01 solver, and the issuer has none for it (no solver with dns01 fits *.example.com)',
    ],
  ],
  [
    'a wildcard with DNS-01 needs no address',
    {
      domain: WILD,
      issuer: issuer([http01(), dns01()]),
      paths: [],
      answer: { kind: 'missing', code: 'NXDOMAIN' },
    },
    [],
  ],
  [
    'solvers for other zones',
    { issuer: issuer([http01('traefik', { dnsZones: ['example.net', 'p.example.com'] })]) },
    [
      '! solver: the issuer has no solver for shop.example.com (no entry of spec.acme.solvers fits)',
    ],
  ],
  [
    'the longer zone counts, and needs no port',
    {
      issuer: issuer([http01(), dns01({ dnsZones: ['example.com'] })]),
      paths: silent,
    },
    [],
  ],
  [
    'of two zones the longer one counts, whatever their order',
    {
      issuer: issuer([
        http01('traefik', { dnsZones: ['example.com'] }),
        dns01({ dnsZones: ['shop.example.com'] }),
      ]),
      paths: silent,
    },
    [],
  ],
  [
    'an exact name counts before the longest zone',
    {
      issuer: issuer([
        http01('traefik', { dnsZones: ['shop.example.com'] }),
        dns01({ dnsNames: ['shop.example.com'] }),
      ]),
      paths: silent,
    },
    [],
  ],
  [
    'a class that is not Traefik’s',
    {
      issuer: issuer([http01('nginx')]),
      ingressClasses: [ingressClass('nginx', 'k8s.io/ingress-nginx')],
    },
    [
      "! class: Traefik does not serve the solver's ingress class nginx (its controller is k8s.io/ingress-nginx)",
    ],
  ],
  [
    'a class that does not exist',
    { ingressClasses: [] },
    [
      "! class: Traefik does not serve the solver's ingress class traefik (there is no IngressClass of that name)",
    ],
  ],
  [
    'classes that may not be listed',
    { ingressClasses: undefined },
    ['? class: you are not allowed to list ingressclasses'],
  ],
  [
    'a request that nobody approved',
    { unapproved: 'cert-1' },
    [
      '! approval: nobody has approved the request (CertificateRequest cert-1 has neither the condition Approved nor Denied)',
    ],
  ],
  [
    'a quota that is used up',
    {
      quotas: [
        { spec: { hard: { pods: '2', cpu: '1' } }, status: { used: { pods: '2', cpu: '1' } } },
        {
          spec: { hard: { 'count/orders.acme.cert-manager.io': '5' } },
          status: { used: { 'count/orders.acme.cert-manager.io': '4' } },
        },
      ],
    },
    [
      '! quota: a quota of namespace team is used up (pods: no Certificate, request or solver can be made)',
    ],
  ],
  [
    'a request that could not be made',
    { unmade: 'Failed to create CertificateRequest: by policy' },
    [
      '! request: cert-manager can not make a CertificateRequest (Failed to create CertificateRequest: by policy)',
    ],
  ],
  [
    'a challenge whose solver has no Pod',
    { podless: 'cert-1-2-3' },
    [
      "! pod: the challenge's solver has no Pod (no Pod belongs to Challenge cert-1-2-3: a quota or a policy refuses it, or it was deleted)",
    ],
  ],
  [
    'quotas that may not be listed',
    { quotas: undefined },
    ['? quota: you are not allowed to list resourcequotas'],
  ],
  [
    'a name that DNS does not know',
    { answer: { kind: 'missing', code: 'NXDOMAIN' } },
    ['! dns: shop.example.com has no address (DNS says NXDOMAIN)'],
  ],
  [
    'a name that leads elsewhere',
    { traefik: ['198.51.100.1', '10.0.0.1'] },
    [
      '! dns: shop.example.com leads elsewhere (shop.example.com is 203.0.113.7; Traefik is 198.51.100.1)',
    ],
  ],
  ['a name that leads to the router of a Traefik behind NAT', { traefik: ['192.168.1.10'] }, []],
  [
    'a name that leads elsewhere within one network',
    {
      answer: { kind: 'found', addresses: ['192.168.1.20'], alias: null },
      traefik: ['192.168.1.10'],
    },
    [
      '! dns: shop.example.com leads elsewhere (shop.example.com is 192.168.1.20; Traefik is 192.168.1.10)',
    ],
  ],
  [
    'CAA that names another CA',
    { caa: [{ at: 'example.com', tag: 'issue', value: 'pki.example; x=1' }] },
    ["! caa: CAA forbids Let's Encrypt (example.com lets pki.example sign)"],
  ],
  [
    'CAA that names nobody for wildcards',
    {
      domain: WILD,
      issuer: issuer([dns01()]),
      paths: [],
      caa: [
        { at: 'example.com', tag: 'issue', value: 'letsencrypt.org' },
        { at: 'example.com', tag: 'issuewild', value: ';' },
      ],
    },
    ["! caa: CAA forbids Let's Encrypt (example.com lets nobody sign)"],
  ],
  [
    'CAA that names us',
    { caa: [{ at: 'example.com', tag: 'issue', value: 'letsencrypt.org; a=b' }] },
    [],
  ],
  [
    'CAA for another ACME server is nobody’s to judge',
    {
      issuer: issuer([http01()], undefined, 'https://acme.example/dir'),
      caa: [{ at: 'example.com', tag: 'issue', value: 'pki.example' }],
    },
    [],
  ],
  [
    'a closed port',
    { paths: silent },
    ['! port: plain HTTP at 203.0.113.7:80 does not answer (connect ECONNREFUSED)'],
  ],
  [
    'a redirect of the challenge’s path',
    { paths: path({ status: 301, location: 'https://shop.example.com:8443/' }) },
    [
      "! path: the challenge's path is redirected (203.0.113.7:80 answers 301, to https://shop.example.com:8443/)",
    ],
  ],
  [
    'a redirect that nobody is behind, since the solver has no TLS',
    { paths: path({ status: 302, location: 'https://shop.example.com/' }) },
    [
      "! path: the challenge's path is redirected (203.0.113.7:80 answers 302, to https://shop.example.com/)",
    ],
  ],
  [
    'a redirect that Let’s Encrypt follows, to an entry point that has TLS of its own',
    {
      attach: 'carry',
      paths: path({ status: 302, location: 'https://shop.example.com/' }),
    },
    [
      "? path: the challenge's path is redirected (203.0.113.7:80 answers 302, to https://shop.example.com/): that works only where the solver is served there, too (http.tls on the HTTPS entry point)",
    ],
  ],
  ['an app that answers whatever it is asked', { paths: path({ status: 200, body: 'hello' }) }, []],
  ['a solver that answers', { paths: path({ status: 200, body: 'token.key\n' }, 'token.key') }, []],
  [
    'a solver that does not answer while its challenge is open',
    { paths: path({ status: 404 }, 'token.key') },
    ["! path: the challenge's path is not answered by the solver (203.0.113.7:80 answers 404)"],
  ],
  [
    'an app that answers in the solver’s place',
    { paths: path({ status: 200, body: 'hello' }, 'token.key') },
    ["! path: the challenge's path is not answered by the solver (203.0.113.7:80 answers 200)"],
  ],
  [
    'a plain route with a longer rule than the solver’s',
    {
      routes: [
        route({ rules: ['Host(`shop.example.com`)'] }),
        route({ name: 'secure', rules: [long('shop')], spec: { tls: {} } }),
        route({ name: 'elsewhere', rules: [long('other')] }),
        route({ name: 'beside', rules: ['Host(`shop.example.com`)', long('other')] }),
        route({
          name: 'below',
          rules: [`Host(\`shop.example.com\`) && PathPrefix(\`/${'long/'.repeat(30)}\`)`],
        }),
        route({ name: 'other-door', rules: [long('shop')], spec: { entryPoints: ['internal'] } }),
        route({ name: 'long', rules: [long('shop')] }),
      ],
    },
    [
      "! rule: a route would answer the challenge in the solver's place (IngressRoute team/long has a rule for shop.example.com that is longer than the solver's, or a higher priority)",
    ],
  ],
  [
    'a rate limit, with its end',
    {
      item: issuedItem({
        state: 'rate-limited',
        tlsStatus: 'failed',
        message: 'too many certificates',
        nextRetry: '2026-03-02T00:00:00Z',
      }),
    },
    ["! limit: a rate limit of the ACME server's is reached (too many certificates)"],
  ],
  [
    'an account that is paused',
    {
      item: issuedItem({
        state: 'rate-limited',
        tlsStatus: 'failed',
        message: 'paused: visit https://x',
        cause: 'AccountPaused',
        whatToDo: 'visit the URL',
        nextRetry: '2026-03-02T00:00:00Z',
      }),
    },
    ["! limit: a rate limit of the ACME server's is reached (paused: visit https://x)"],
  ],
  [
    'a failure that nothing here explains',
    {
      item: issuedItem({
        state: 'failed',
        tlsStatus: 'failed',
        message: 'x',
        nextRetry: '2026-03-01T13:00:00Z',
      }),
    },
    ['! status: it is failed, the next try is at 2026-03-01T13:00:00Z (x)'],
  ],
]

function long(host: string): string {
  return `Host(\`${host}.example.com\`) && !PathPrefix(\`/${'long/'.repeat(30)}\`)`
}

for (const [name, facts, want] of rows) {
  test(`doctor DOMAIN: ${name}`, () => {
    const results = runChecks(DOMAIN_CHECKS, domainFactsOf(facts))
    assert.deepEqual(complaintsOf(results), want)
  })
}

test('each check that can be wrong is wrong in some row, and says what to do', () => {
  const names = new Set(
    rows.flatMap(([, facts]) => {
      const results = runChecks(DOMAIN_CHECKS, domainFactsOf(facts))
      return checksWithTodo(results)
    }),
  )
  assert.deepEqual([...names].sort(), DOMAIN_CHECKS.map(({ name }) => name).sort())
})
