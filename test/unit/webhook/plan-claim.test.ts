import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import {
  isClaimDue,
  planClaim,
  type ClaimState,
} from '../../../webhook/controller/plan/plan-claim.ts'
import { administratorsClaim, claim } from '../../fixtures/domain-claims.ts'

const host = 'shop.example.com'
const NOW = new Date('2026-03-02T12:00:00Z')
const HOUR_MS = 3_600_000
const times = { now: NOW, graceMs: 24 * HOUR_MS }

const sighting = {
  host,
  namespace: 'team',
  by: 'IngressRoute team/shop',
  order: 1,
  version: 1,
  created: '2026-03-01T10:00:00Z',
}
const FREE: ClaimState = {
  host,
  claim: undefined,
  isSeen: false,
  claimant: undefined,
  room: 1,
}
const made = (spec = {}) => claim(host, 'team', { resourceVersion: '7', spec })
const metadata = { uid: `claim-${host}`, resourceVersion: '7' }
const since = (unusedSince: string) => made({ unusedSince })

const rows: readonly {
  readonly name: string
  readonly state: Partial<ClaimState>
  readonly want: unknown
}[] = [
  { name: 'nothing names the host: there is nothing to claim', state: {}, want: undefined },
  {
    name: 'a host that is named is claimed',
    state: { claimant: sighting },
    want: {
      kind: 'create',
      claimant: sighting,
      object: {
        apiVersion: 'tlsauto.dev/v1alpha1',
        kind: 'DomainClaim',
        metadata: { name: host, labels: { 'app.kubernetes.io/managed-by': 'tlsauto' } },
        spec: {
          host,
          namespace: 'team',
          since: '2026-03-02T12:00:00.000Z',
          by: 'IngressRoute team/shop',
        },
      },
    },
  },
  {
    name: 'one whose namespace has no room for another claim stays unclaimed',
    state: { claimant: sighting, room: 0 },
    want: { kind: 'limited', claimant: sighting },
  },
  { name: 'a claim in use stays', state: { claim: made(), isSeen: true }, want: undefined },
  {
    name: 'one that is not used any more is marked',
    state: { claim: made() },
    want: {
      kind: 'patch',
      claim: made(),
      patch: { metadata, spec: { unusedSince: '2026-03-02T12:00:00.000Z' } },
    },
  },
  {
    name: 'one that is used again is unmarked',
    state: { claim: since('2026-03-01T00:00:00Z'), isSeen: true },
    want: {
      kind: 'patch',
      claim: since('2026-03-01T00:00:00Z'),
      patch: { metadata, spec: { unusedSince: null } },
    },
  },
  {
    name: 'before the grace has ended it waits, in steps of an hour',
    state: { claim: since('2026-03-01T13:00:01Z') },
    want: { kind: 'wait', milliseconds: HOUR_MS },
  },
  {
    name: 'and to the end of the grace',
    state: { claim: since('2026-03-01T12:00:01Z') },
    want: { kind: 'wait', milliseconds: 1000 },
  },
  {
    name: 'after the grace it goes',
    state: { claim: since('2026-03-01T12:00:00Z') },
    want: { kind: 'delete', claim: since('2026-03-01T12:00:00Z') },
  },
  {
    name: 'an administrator’s stays, used or not',
    state: { claim: administratorsClaim(host, 'team', { unusedSince: '2026-01-01T00:00:00Z' }) },
    want: undefined,
  },
]

suite('the claim of a host', () => {
  for (const { name, state, want } of rows) {
    test(name, () => {
      const whole = { ...FREE, ...state }
      assert.deepEqual(planClaim(whole, times), want)
      assert.equal(isClaimDue(whole), want !== undefined)
    })
  }
})
