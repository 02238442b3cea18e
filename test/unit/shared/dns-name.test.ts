import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { isPrivateName, isWildcard, parseDnsName } from '../../../shared/names/dns-name.ts'
import { dnsName } from '../../fixtures/routes.ts'

const label63 = 'a'.repeat(63)
const name253 = [label63, label63, label63, 'b'.repeat(61)].join('.')

const names: readonly (readonly [name: string, host: string])[] = [
  ['a plain name', 'shop.example.com'],
  ['a single label', 'localhost'],
  ['a wildcard', '*.example.com'],
  ['digits alone in a label', '1.example.com'],
  ['an internationalized name in its xn-- form', 'xn--bcher-kva.example.com'],
  ['a label of 63 characters', `${label63}.com`],
  ['a name of 253 characters', name253],
  ['five numbers, which are no address', '1.2.3.4.5'],
]

for (const [name, host] of names) {
  test(`${name} can be in a certificate`, () =>
    assert.deepEqual(parseDnsName(host), { kind: 'name', name: host }))
}

const refusals: readonly (readonly [name: string, host: string, kind: string])[] = [
  ['an IPv4 address', '10.0.0.1', 'address'],
  ['what only looks like an IPv4 address', '999.0.0.1', 'address'],
  ['an IPv6 address', '2001:db8::1', 'address'],
  ['a bracketed IPv6 address', '[::1]', 'address'],
  ['a host with a port', 'shop.example.com:8443', 'address'],
  ['a lone star', '*', 'everything'],
  ['a label of 64 characters', `${label63}a.com`, 'too-long'],
  ['a name of 254 characters', `${name253}b`, 'too-long'],
  ['a wildcard of 254 characters', `*.${name253.slice(1)}`, 'too-long'],
  ['nothing', '', 'malformed'],
  ['a star and a dot', '*.', 'malformed'],
  ['a star within a label', 'a*.example.com', 'malformed'],
  ['a star further right', 'shop.*.com', 'malformed'],
  ['two stars', '*.*.example.com', 'malformed'],
  ['an underscore', 'my_shop.example.com', 'malformed'],
  ['upper case, which the rule reader lowers', 'Shop.example.com', 'malformed'],
  ['a trailing dot, which the rule reader drops', 'shop.example.com.', 'malformed'],
  ['a leading dot', '.example.com', 'malformed'],
  ['an empty label', 'shop..example.com', 'malformed'],
  ['a dash at the start of a label', '-shop.example.com', 'malformed'],
  ['a dash at the end of a label', 'shop-.example.com', 'malformed'],
  ['a space', 'shop example.com', 'malformed'],
  ['a line end after the name', 'shop.example.com\n', 'malformed'],
  ['a letter outside ASCII', 'bücher.example.com', 'malformed'],
]

for (const [name, host, kind] of refusals) {
  test(`${name} can't be in a certificate`, () => assert.deepEqual(parseDnsName(host), { kind }))
}

test('what it takes is lower-case letters, digits and dashes, within the limits of DNS', () => {
  const piece = fc.constantFrom(...Array.from('aZ09-._*: é\n'), 'xn--', label63)
  const hosts = fc.oneof(
    fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
    fc.string({ unit: 'binary' }),
    fc.domain(),
  )
  fc.assert(
    fc.property(hosts, (host) => {
      const result = parseDnsName(host)
      if (result.kind !== 'name') return
      assert.equal(result.name, host)
      assert.match(host, /^(\*\.)?(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*$/)
      assert.ok(host.length <= 253)
    }),
  )
})

test('a wildcard is known by its first label', () => {
  assert.equal(isWildcard(dnsName('*.example.com')), true)
  assert.equal(isWildcard(dnsName('wildcard.example.com')), false)
})

const privacy: readonly (readonly [host: string, isPrivate: boolean])[] = [
  ['localhost', true],
  ['nas', true],
  ['*.com', true],
  ['shop.local', true],
  ['*.shop.internal', true],
  ['shop.test', true],
  ['shop.invalid', true],
  ['shop.example', true],
  ['shop.onion', true],
  ['router.home.arpa', true],
  ['home.arpa', true],
  ['shop.example.com', false],
  ['*.example.com', false],
  ['local.example.com', false],
  ['myhome.arpa', false],
]

for (const [host, isPrivate] of privacy) {
  test(`${isPrivate ? 'no' : 'a'} public CA signs ${host}`, () =>
    assert.equal(isPrivateName(dnsName(host)), isPrivate))
}
