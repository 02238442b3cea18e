import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runChecks } from '../../../plugin/probe/check.ts'
import type { CertificateFacts } from '../../../plugin/probe/certificate-facts.ts'
import { leadsHere, VERIFY_CHECKS } from '../../../plugin/verify/checks.ts'
import type { Place, VerifyFacts } from '../../../plugin/verify/facts.ts'
import { certificateFacts, issuedItem, place, verifyFactsOf } from '../../fixtures/verify-facts.ts'

function serving(changes: Partial<CertificateFacts>, untrusted?: string): Place {
  return place({
    served: { kind: 'served', certificate: certificateFacts(changes), untrusted },
  })
}

const found = (...addresses: readonly string[]): VerifyFacts['answer'] => ({
  kind: 'found',
  addresses,
  alias: null,
})

/** What is wrong or unknown: check, what, evidence, what to do. */
type Row = readonly [
  name: string,
  facts: Partial<VerifyFacts>,
  want: readonly (readonly (string | null)[])[],
]

const rows: readonly Row[] = [
  ['all is well', {}, []],
  [
    'no such name',
    { answer: { kind: 'missing', code: 'NXDOMAIN' } },
    [
      [
        'dns',
        'shop.example.com has no address',
        'DNS says NXDOMAIN',
        'create an A or AAAA record for shop.example.com to 203.0.113.7',
      ],
    ],
  ],
  [
    "the name's servers fail",
    { answer: { kind: 'failed', code: 'SERVFAIL' } },
    [
      [
        'dns',
        'the DNS servers of shop.example.com fail',
        'DNS says SERVFAIL',
        'fix its zone: its name servers, its delegation, DNSSEC',
      ],
    ],
  ],
  [
    'nobody answers about DNS',
    { answer: { kind: 'silent', code: 'TIMEOUT' } },
    [['dns', 'no DNS server answered (TIMEOUT); try --resolver 1.1.1.1', null, null]],
  ],
  [
    'one of two addresses is not Traefik’s',
    { answer: found('203.0.113.7', '198.51.100.1') },
    [
      [
        'dns',
        'shop.example.com leads elsewhere',
        'shop.example.com is 203.0.113.7, 198.51.100.1; Traefik is 203.0.113.7',
        'point it to 203.0.113.7, and remove 198.51.100.1',
      ],
    ],
  ],
  ['behind a CDN that passes TLS through', { traefik: ['10.0.0.1'] }, []],
  [
    'Traefik’s addresses are not known',
    { traefik: [], issued: undefined },
    [
      [
        'issued',
        'until 2026-05-30T00:00:00Z; its CertificateRequest is gone, or not yours to read',
        null,
        null,
      ],
    ],
  ],
  [
    'nobody tells where Traefik is',
    { answer: { kind: 'silent', code: 'TIMEOUT' }, traefik: [], places: [] },
    [
      ['dns', 'no DNS server answered (TIMEOUT); try --resolver 1.1.1.1', null, null],
      ['tls', 'nobody tells where Traefik is; try --address HOST[:PORT]', null, null],
    ],
  ],
  [
    'nobody listens',
    {
      places: [
        place({
          served: { kind: 'silent', error: 'connect ECONNREFUSED' },
          http: { kind: 'silent', error: 'connect ECONNREFUSED' },
        }),
      ],
    },
    [
      [
        'tls',
        '203.0.113.7:443 does not speak TLS with us',
        'connect ECONNREFUSED',
        "is it Traefik's HTTPS entry point, and open in the firewall? --address says another",
      ],
      [
        'http',
        'plain HTTP at 203.0.113.7 does not answer',
        'connect ECONNREFUSED',
        "open Traefik's HTTP entry point, or say --http-port",
      ],
    ],
  ],
  [
    'Traefik’s default certificate, before anything was issued',
    {
      item: issuedItem({ state: 'failed', tlsStatus: 'failed', notAfter: null }),
      issued: undefined,
      places: [serving({ subject: 'CN=TRAEFIK DEFAULT CERT', names: ['x.traefik.default'] })],
    },
    [
      [
        'issued',
        'no certificate was issued yet',
        'it is failed',
        'kubectl tlsauto doctor shop.example.com says why',
      ],
      [
        'names',
        "203.0.113.7:443 serves Traefik's default certificate",
        'it has no certificate for shop.example.com from Secret tls-shop-shop-example-com',
        'kubectl tlsauto doctor shop.example.com says why none was issued',
      ],
    ],
  ],
  [
    'Traefik’s default certificate, though one was issued',
    { places: [serving({ subject: 'CN=TRAEFIK DEFAULT CERT' }, 'SELF_SIGNED')] },
    [
      [
        'names',
        "203.0.113.7:443 serves Traefik's default certificate",
        'it has no certificate for shop.example.com from Secret tls-shop-shop-example-com',
        "is the Secret there, and does Traefik's log say why it can't be read?",
      ],
    ],
  ],
  [
    'a certificate for other names, at the second place alone',
    { places: [place(), serving({ names: ['other.example.com', '*.example.net'] })] },
    [
      [
        'names',
        '203.0.113.7:443 serves a certificate for other names',
        'it is for other.example.com, *.example.net',
        'is that Traefik, and is shop.example.com a host of one of its routes?',
      ],
    ],
  ],
  ['a wildcard’s certificate', { places: [serving({ names: ['*.example.com'] })] }, []],
  [
    'another serial than the one that was issued',
    { places: [serving({ serial: 'B2' })] },
    [
      [
        'serial',
        'what is served is not what was issued',
        'served: serial B2, until 2026-05-30T00:00:00Z; issued: serial A1, until 2026-05-30T00:00:00Z',
        "does another Secret for shop.example.com, in any namespace, come first in Traefik's pool, or a proxy stand before it?",
      ],
    ],
  ],
  [
    'another end than the status has, where the serial is not known',
    { issued: undefined, places: [serving({ notAfter: '2026-04-01T00:00:00Z' })] },
    [
      [
        'issued',
        'until 2026-05-30T00:00:00Z; its CertificateRequest is gone, or not yours to read',
        null,
        null,
      ],
      [
        'serial',
        'what is served is not what was issued',
        'served: serial A1, until 2026-04-01T00:00:00Z; issued: serial unknown, until 2026-05-30T00:00:00Z',
        "does another Secret for shop.example.com, in any namespace, come first in Traefik's pool, or a proxy stand before it?",
      ],
    ],
  ],
  [
    'expired this second, which OpenSSL says too',
    { places: [serving({}, 'CERT_HAS_EXPIRED')], now: new Date('2026-05-30T00:00:00Z') },
    [
      [
        'expiry',
        'the certificate that is served has expired',
        'on 2026-05-30T00:00:00Z',
        'kubectl tlsauto recreate shop.example.com',
      ],
    ],
  ],
  [
    'not valid yet',
    { now: new Date('2026-02-28T00:00:00Z') },
    [
      [
        'expiry',
        'the certificate that is served is not valid yet',
        'before 2026-03-01T00:00:00Z',
        "set the clocks of this machine and of the issuer's right",
      ],
    ],
  ],
  [
    'a CA that nobody knows',
    { places: [serving({}, 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY')] },
    [
      [
        'chain',
        'no CA that is trusted here stands behind it',
        'UNABLE_TO_GET_ISSUER_CERT_LOCALLY; issued by CN=R12',
        'a staging or private issuer? Give its CA with --ca FILE, or change the issuer',
      ],
    ],
  ],
  [
    'another CA than that of --ca',
    { hasOwnCa: true, places: [serving({}, 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY')] },
    [
      [
        'chain',
        'no CA that is trusted here stands behind it',
        'UNABLE_TO_GET_ISSUER_CERT_LOCALLY; issued by CN=R12',
        'is --ca the right file?',
      ],
    ],
  ],
  [
    'plain HTTP that should be redirected, and is not',
    { places: [place({ http: { kind: 'answered', status: 200, location: null, body: 'hello' } })] },
    [
      [
        'http',
        'plain HTTP is not redirected to HTTPS',
        'plain HTTP answers 200',
        'does another route for shop.example.com on the HTTP entry point have a longer rule, or a priority?',
      ],
    ],
  ],
  [
    'plain HTTP that nobody redirects',
    {
      redirects: false,
      places: [place({ http: { kind: 'answered', status: 404, location: null, body: '' } })],
    },
    [],
  ],
  [
    'plain HTTP that nobody needs',
    { redirects: false, places: [place({ http: { kind: 'silent', error: 'refused' } })] },
    [['http', 'plain HTTP at 203.0.113.7 does not answer: refused', null, null]],
  ],
  [
    'a route that tlsauto leaves alone',
    {
      item: issuedItem({
        state: 'unmanaged',
        message: "Traefik's resolver le makes the certificate",
        notAfter: null,
      }),
      issued: undefined,
    },
    [
      [
        'issued',
        "tlsauto leaves it alone: Traefik's resolver le makes the certificate",
        null,
        null,
      ],
      ['serial', 'serial A1, until 2026-05-30T00:00:00Z', null, null],
    ],
  ],
]

for (const [name, facts, want] of rows) {
  test(`verify: ${name}`, () => {
    const results = runChecks(VERIFY_CHECKS, verifyFactsOf(facts))
    assert.deepEqual(
      results
        .filter(({ result }) => result !== 'fine')
        .map(({ check, what, evidence, todo }) => [check, what, evidence, todo]),
      want,
    )
  })
}

const leading: readonly (readonly [string, Partial<VerifyFacts>, boolean | null])[] = [
  ['its address is Traefik’s', {}, true],
  [
    'another spelling of Traefik’s IPv6 address',
    { answer: found('2001:db8::7'), traefik: ['2001:db8:0:0::7'] },
    true,
  ],
  ['another address than Traefik’s', { answer: found('198.51.100.1') }, false],
  ['what is served there was issued here', { traefik: ['10.0.0.1'] }, true],
  ['nobody knows Traefik’s address, nor what was issued', { traefik: [], issued: undefined }, null],
  ['there is no such name', { answer: { kind: 'missing', code: 'NXDOMAIN' } }, false],
  ['no DNS server answers', { answer: { kind: 'silent', code: 'TIMEOUT' } }, null],
  [
    'a place that --address names proves nothing about DNS',
    {
      answer: found('198.51.100.1'),
      places: [place({ endpoint: { host: '203.0.113.7', port: 8443 } })],
    },
    false,
  ],
]

for (const [name, facts, want] of leading) {
  test(`dnsConfigured is ${want}: ${name}`, () => {
    assert.equal(leadsHere(verifyFactsOf(facts)), want)
  })
}
