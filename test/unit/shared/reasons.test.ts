import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  printable,
  REASONS,
  warns,
  wording,
  type Finding,
  type Reason,
} from '../../../shared/findings/reasons.ts'

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of a table are its keys
const reasons = Object.keys(REASONS) as readonly Reason[]

const rows: readonly (readonly [name: string, finding: Finding, want: string])[] = [
  [
    'a finding about the whole object has no path',
    { reason: 'OtherIngressClass', path: '', about: 'internal' },
    'ingress class internal is not the one tlsauto serves',
  ],
  [
    'a finding about a field begins with its path',
    { reason: 'AddressHost', path: 'spec.routes[0].match', about: '10.0.0.1' },
    'spec.routes[0].match: no certificate for the address 10.0.0.1; use a DNS name',
  ],
  [
    'what does not fit is cut, and what to do stays',
    { reason: 'HostNotAllowed', path: 'spec.routes[0].match', about: `${'a'.repeat(60)}.com` },
    `spec.routes[0].match: ${'a'.repeat(29)}… is not in the namespace's tlsauto.dev/allowed-domains: add it there`,
  ],
  [
    'a pair of surrogates is never cut in two',
    { reason: 'TooLongHost', path: '', about: '😀'.repeat(60) },
    `no certificate: longer than DNS allows: ${'😀'.repeat(39)}…`,
  ],
  [
    'hostile text moves no cursor and turns no line',
    { reason: 'OwnSecret', path: '', about: 'a\u001B[2J\u202Eb\r\n\u2028\u200Bc\uD800' },
    'the route brings its own Secret a?[2J?b????c?',
  ],
  [
    'patterns of a replacement mean nothing, nor does a second place to fill',
    { reason: 'MalformedHost', path: '', about: '$& $1 {}' },
    'no certificate for $& $1 {}: not a DNS name',
  ],
]

for (const [name, finding, want] of rows) {
  test(name, () => assert.equal(wording(finding), want))
}

const paths = fc.constantFrom(
  '',
  'spec.routes[0].match',
  'spec.routes[9999].match',
  'spec.entryPoints',
  'spec.tls.certResolver',
)
const about = fc.oneof(
  fc.string({ unit: 'binary', size: 'large' }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 200 })
    .map((units) => String.fromCharCode(...units)),
  fc
    .array(fc.constantFrom('😀', '{}', '\n', 'a'), { maxLength: 200 })
    .map((parts) => parts.join('')),
)

test('any wording is one printable line of at most 120 characters', () => {
  fc.assert(
    fc.property(fc.constantFrom(...reasons), paths, about, (reason, path, about) => {
      const text = wording({ reason, path, about })
      assert.ok(text.length <= 120, `${text.length} characters: ${text}`)
      assert.doesNotMatch(text, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
    }),
    { numRuns: 500 },
  )
})

test('text that is printable already stays as it is', () => {
  assert.equal(printable('bücher 例え.jp 😀 `&&`'), 'bücher 例え.jp 😀 `&&`')
})

test('what a user chose needs no warning; everything else is told', () => {
  const silent = reasons.filter((reason) => !warns({ reason, path: '', about: '' }))
  assert.deepEqual(silent, [
    'Carrier',
    'BeingDeleted',
    'OptedOut',
    'CertResolver',
    'OwnSecret',
    'OtherIngressClass',
    'NoTls',
    'Passthrough',
    'OlderThanTlsauto',
  ])
})
