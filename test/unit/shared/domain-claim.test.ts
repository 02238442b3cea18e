import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import {
  byRight,
  claimName,
  parseDomainClaim,
  type DomainClaim,
} from '../../../shared/claims/domain-claim.ts'
import { administratorsClaim, claim, claimJson } from '../../fixtures/domain-claims.ts'

const LABEL = 'a'.repeat(63)
const LONG = `${LABEL}.${LABEL}.${LABEL}.${'a'.repeat(61)}`

suite('the name of a claim', () => {
  const rows = [
    ['shop.example.com', 'shop.example.com'],
    ['localhost', 'localhost'],
    ['*.example.com', 'wildcard.example.com'],
    ['wildcard.example.com', 'wildcard-x.example.com'],
    ['wildcard-x.example.com', 'wildcard-x-x.example.com'],
    ['wildcard', 'wildcard-x'],
    ['wildcard-y.example.com', 'wildcard-y.example.com'],
    ['wildcards.example.com', 'wildcards.example.com'],
    ['shop.wildcard.com', 'shop.wildcard.com'],
  ] as const
  for (const [host, name] of rows) test(`of ${host}`, () => assert.equal(claimName(host), name))

  test('is another one for each host, also where it is too long', () => {
    const ends = ['example.com', 'x.com', LONG.slice(10), LONG.slice(11)]
    const starts = ['*', 'wildcard', 'wildcard-x', 'wildcard-x-x', 'x', 'wildcard-y']
    const hosts = starts.flatMap((start) => ends.map((end) => `${start}.${end}`))
    const names = hosts.map(claimName)
    assert.equal(new Set(names).size, hosts.length)
    for (const name of names) {
      assert.ok(name.length <= 253)
      assert.match(name, /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/)
    }
  })
})

suite('a claim is the administrator’s', () => {
  const ours = { manager: 'tlsauto', fieldsV1: { 'f:spec': { 'f:host': {} } } }
  const edited = { manager: 'kubectl-edit', fieldsV1: { 'f:spec': { 'f:namespace': {} } } }
  const annotated = { manager: 'kubectl-annotate', fieldsV1: { 'f:metadata': {} } }
  const rows = [
    ['that tlsauto made, is not', { managedFields: [ours] }, false],
    ['nor if he wrote a note on it', { managedFields: [ours, annotated] }, false],
    ['if he changed it', { managedFields: [ours, edited] }, true],
    ['if he made it', { labels: {}, managedFields: [edited] }, true],
  ] as const
  for (const [name, metadata, want] of rows) {
    test(name, () => assert.equal(claim('a.org', 'team', metadata).isAdministrators, want))
  }
})

test('only an administrator’s claim holds what is below a wildcard', () => {
  assert.equal(claim('*.a.org', 'team', { spec: { below: true } }).spec.below, false)
  assert.equal(administratorsClaim('*.a.org', 'team', { below: true }).spec.below, true)
})

test('what has no host, or no namespace, is no claim', () => {
  assert.equal(
    parseDomainClaim({ ...claimJson('a.org', 'team'), spec: { host: 'a.org' } }),
    undefined,
  )
  assert.equal(
    parseDomainClaim({ ...claimJson('a.org', 'team'), spec: { namespace: 'x' } }),
    undefined,
  )
  assert.equal(parseDomainClaim(claimJson('a.org', 'team', { spec: { host: 7 } })), undefined)
  assert.equal(parseDomainClaim('text'), undefined)
})

test('of two claims for a host the administrator’s counts, then the older, then by name', () => {
  const administrators = administratorsClaim('a.org', 'admin')
  const [older, newer] = [
    made('older', '2026-01-01T00:00:00Z'),
    made('newer', '2026-01-02T00:00:00Z'),
  ]
  const same = made('a', '2026-01-02T00:00:00Z')
  const order = [newer, same, older, administrators].toSorted(byRight)
  assert.deepEqual(
    order.map(({ spec }) => spec.namespace),
    ['admin', 'older', 'a', 'newer'],
  )
})

function made(name: string, creationTimestamp: string): DomainClaim {
  return claim('a.org', name, { name, creationTimestamp })
}
