import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import { suite, test } from 'node:test'
import {
  readSpecAnnotations,
  SPEC_ANNOTATIONS,
  type SpecSettings,
} from '../../../../shared/certmanager/annotations/spec-annotations.ts'

const CM = 'cert-manager.io/'
const nothing: SpecSettings = { every: {}, primary: {}, annotations: {} }

type Annotations = Readonly<Record<string, string>>

/** Annotations without `cert-manager.io/` before their names, and what they come to. */
const READABLE: readonly (readonly [
  name: string,
  said: Annotations,
  want: Partial<SpecSettings>,
])[] = [
  ['none say nothing', {}, {}],
  ['a common name', { 'common-name': 'shop' }, { primary: { commonName: 'shop' } }],
  ['an empty one is none', { 'common-name': '' }, {}],
  [
    'names and addresses, with or without spaces',
    {
      'alt-names': 'a.com, b.com',
      'ip-sans': '10.0.0.1,2001:db8::1, ::ffff:1.2.3.4',
      'email-sans': 'ops@a.com,a.b+c@d.org',
    },
    {
      primary: {
        dnsNames: ['a.com', 'b.com'],
        ipAddresses: ['10.0.0.1', '2001:db8::1', '::ffff:1.2.3.4'],
        emailAddresses: ['ops@a.com', 'a.b+c@d.org'],
      },
    },
  ],
  ['no names are none', { 'alt-names': '', 'ip-sans': '' }, {}],
  [
    'the whole subject, a comma in quotes',
    {
      'subject-organizations': 'One,Two',
      'subject-organizationalunits': 'IT',
      'subject-countries': 'FR',
      'subject-provinces': 'IDF',
      'subject-localities': 'Paris',
      'subject-postalcodes': '75001',
      'subject-streetaddresses': '"10 Downing Street, Westminster",1 High Street',
      'subject-serialnumber': '42',
    },
    {
      every: {
        subject: {
          organizations: ['One', 'Two'],
          organizationalUnits: ['IT'],
          countries: ['FR'],
          provinces: ['IDF'],
          localities: ['Paris'],
          postalCodes: ['75001'],
          streetAddresses: ['10 Downing Street, Westminster', '1 High Street'],
          serialNumber: '42',
        },
      },
    },
  ],
  [
    'a quote is doubled in quotes; fields may be empty',
    { 'subject-organizations': '"A ""B"" C",,D\n' },
    { every: { subject: { organizations: ['A "B" C', '', 'D'] } } },
  ],
  [
    'times, printed as Go prints them',
    { duration: '2160h', 'renew-before': '1h0.5m' },
    { every: { duration: '2160h0m0s', renewBefore: '1h0m30s' } },
  ],
  ['a short time', { 'renew-before': '300s' }, { every: { renewBefore: '5m0s' } }],
  [
    'a share of the lifetime',
    { 'renew-before-percentage': '25' },
    { every: { renewBeforePercentage: 25 } },
  ],
  [
    'key usages',
    { usages: 'server auth, signing' },
    { every: { usages: ['server auth', 'signing'] } },
  ],
  ['a history', { 'revision-history-limit': '7' }, { every: { revisionHistoryLimit: 7 } }],
  [
    'a private key',
    {
      'private-key-algorithm': 'ECDSA',
      'private-key-encoding': 'PKCS8',
      'private-key-size': '384',
      'private-key-rotation-policy': 'Never',
    },
    {
      every: {
        privateKey: { algorithm: 'ECDSA', encoding: 'PKCS8', size: 384, rotationPolicy: 'Never' },
      },
    },
  ],
  [
    'the size of an RSA key, which it is unless said',
    { 'private-key-size': '4096' },
    { every: { privateKey: { size: 4096 } } },
  ],
  [
    'a template of the Secret',
    { 'secret-template': '{"labels":{"team":"a"},"annotations":{"note":"c"}}' },
    { every: { secretTemplate: { labels: { team: 'a' }, annotations: { note: 'c' } } } },
  ],
  ['an empty template is none', { 'secret-template': '{"labels":{}}' }, {}],
]

suite('what can be read', () => {
  for (const [name, said, want] of READABLE) {
    test(name, () => {
      assert.deepEqual(readSpecAnnotations(prefixed(said), 'all'), {
        spec: { ...nothing, ...want },
        mistakes: [],
        refusals: [],
      })
    })
  }

  test('the class of the solver’s Ingress becomes an annotation of the Certificate', () => {
    const said = {
      'acme.cert-manager.io/http01-ingress-class': 'nginx',
      'acme.cert-manager.io/http01-edit-in-place': 'true',
    }
    const annotations = { 'acme.cert-manager.io/http01-override-ingress-class': 'nginx' }
    assert.deepEqual(readSpecAnnotations(said, 'all').spec, { ...nothing, annotations })
  })
})

/** One annotation that can't be read, beside others that can. */
const UNREADABLE: readonly (readonly [key: string, text: string, beside?: Annotations])[] = [
  ['common-name', 'a'.repeat(65)],
  ['alt-names', 'a.com,,b.com'],
  ['ip-sans', '10.0.0.256'],
  ['ip-sans', '10.0.0.01'],
  ['ip-sans', '::1]/'],
  ['ip-sans', 'fe80::1%eth0'],
  ['email-sans', ''],
  ['email-sans', 'Ops <ops@a.com>'],
  ['email-sans', 'ops@a@b'],
  ['email-sans', 'büro@a.com'],
  ['subject-organizations', ''],
  ['subject-organizations', 'a"b'],
  ['subject-organizations', 'one\ntwo'],
  ['subject-countries', '"FR'],
  ['subject-countries', '"FR"x'],
  ['duration', 'a while'],
  ['duration', '90d'],
  ['duration', '59m59s'],
  ['duration', '-2160h'],
  ['duration', '9999999h'],
  ['renew-before', '4m'],
  ['renew-before', '2160h'],
  ['renew-before', '2h', { duration: '2h' }],
  ['renew-before-percentage', '0'],
  ['renew-before-percentage', '100'],
  ['renew-before-percentage', '33.3'],
  ['renew-before-percentage', '99', { duration: '1h' }],
  ['renew-before-percentage', '33', { 'renew-before': '1h' }],
  ['usages', 'playing ping pong'],
  ['usages', 'server auth,,signing'],
  ['revision-history-limit', '0'],
  ['revision-history-limit', '99999999999'],
  ['private-key-algorithm', 'rsa'],
  ['private-key-encoding', 'PKCS12'],
  ['private-key-size', '1024'],
  ['private-key-size', '256'],
  ['private-key-size', '128', { 'private-key-algorithm': 'ECDSA' }],
  ['private-key-size', 'big', { 'private-key-algorithm': 'Ed25519' }],
  ['private-key-rotation-policy', 'Sometimes'],
  ['secret-template', 'labels'],
  ['secret-template', '[]'],
  ['secret-template', '{"label":{}}'],
  ['secret-template', '{"labels":{"a":1}}'],
  ['secret-template', '{"labels":{"a":"b c"}}'],
  ['secret-template', '{"annotations":{"cert-manager.io/x":"y"}}'],
]

suite('what can not be read', () => {
  for (const [key, text, beside = {}] of UNREADABLE) {
    test(`${key}: ${JSON.stringify(text)}${JSON.stringify(beside)}`, () => {
      const { mistakes } = readSpecAnnotations(prefixed({ [key]: text, ...beside }), 'all')
      assert.deepEqual(
        mistakes.map((mistake) => mistake.key),
        [CM + key],
      )
    })
  }

  test('two classes of the solver’s Ingress', () => {
    const keys = ['http01-ingress-class', 'http01-ingress-ingressclassname']
    const said = Object.fromEntries(keys.map((key) => [`acme.cert-manager.io/${key}`, 'nginx']))
    assert.deepEqual(
      readSpecAnnotations(said, 'all').mistakes.map(({ key }) => key),
      ['acme.cert-manager.io/http01-ingress-ingressclassname'],
    )
  })
})

/** What each annotation needs: with `names` it counts, with `all` only, or never. */
const NEEDS: readonly (readonly [need: 'names' | 'all' | 'never', key: string, text: string])[] = [
  ['names', 'common-name', 'shop.example.com'],
  ['names', 'alt-names', 'www.example.com'],
  ['all', 'ip-sans', '10.0.0.1'],
  ['all', 'email-sans', 'ceo@example.com'],
  ['all', 'subject-organizations', 'shop'],
  ['all', 'subject-organizationalunits', 'a'],
  ['all', 'subject-countries', 'FR'],
  ['all', 'subject-provinces', 'a'],
  ['all', 'subject-localities', 'a'],
  ['all', 'subject-postalcodes', '1'],
  ['all', 'subject-streetaddresses', 'a'],
  ['all', 'subject-serialnumber', '1'],
  ['names', 'duration', '2160h'],
  ['names', 'duration', '24h'],
  ['all', 'duration', '87600h'],
  ['all', 'duration', '1h'],
  ['all', 'renew-before', '2159h'],
  ['names', 'renew-before-percentage', '50'],
  ['all', 'renew-before-percentage', '51'],
  ['names', 'usages', 'digital signature, key encipherment, server auth'],
  ['all', 'usages', 'server auth, client auth'],
  ['all', 'usages', 'code signing'],
  ['never', 'common-name', 'system:admin'],
  ['never', 'subject-organizations', 'shop,system:masters'],
  ['never', 'usages', 'cert sign'],
  ['never', 'usages', 'server auth, crl sign'],
  ['never', 'usages', 'ocsp signing'],
  ['never', 'usages', 'any'],
  ['names', 'revision-history-limit', '10'],
  ['all', 'revision-history-limit', '11'],
  ['names', 'private-key-algorithm', 'ECDSA'],
  ['names', 'private-key-encoding', 'PKCS8'],
  ['names', 'private-key-size', '4096'],
  ['all', 'private-key-size', '8192'],
  ['names', 'private-key-rotation-policy', 'Always'],
  ['all', 'secret-template', '{"labels":{"team":"a"},"annotations":{"note":"b"}}'],
  ['never', 'secret-template', '{"labels":{"argocd.argoproj.io/secret-type":"repository"}}'],
  ['never', 'secret-template', '{"annotations":{"kubed.appscode.com/sync":""}}'],
  [
    'never',
    'secret-template',
    '{"annotations":{"reflector.v1.k8s.emberstack.com/reflection-allowed":"true"}}',
  ],
]

suite('what a route has a right to', () => {
  for (const [need, key, text] of NEEDS) {
    test(`${key}: ${text} needs ${need}`, () => {
      for (const rights of ['names', 'all'] as const) {
        const { spec, mistakes, refusals } = readSpecAnnotations(prefixed({ [key]: text }), rights)
        const isRight = need === 'names' || need === rights
        assert.deepEqual(mistakes, [])
        assert.equal(isDeepStrictEqual(spec, nothing), !isRight)
        const reason = need === 'never' ? 'AnnotationNeverAllowed' : 'AnnotationNotAllowed'
        assert.deepEqual(refusals, isRight ? [] : [{ reason, key: CM + key }])
      }
    })
  }

  test('every annotation of the table is in that list, or is the class of a solver', () => {
    const said = new Set(NEEDS.map(([, key]) => CM + key))
    const solvers = SPEC_ANNOTATIONS.filter((key) => !said.has(key))
    assert.deepEqual(solvers, [
      'acme.cert-manager.io/http01-ingress-class',
      'acme.cert-manager.io/http01-ingress-ingressclassname',
    ])
  })
})

function prefixed(annotations: Annotations): Annotations {
  return Object.fromEntries(
    Object.entries(annotations).map(([key, text]): [string, string] => [CM + key, text]),
  )
}
