import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { controllerProblem } from '../../../plugin/gather/server/controller-lease.ts'
import type { Lookup } from '../../../shared/kube/kube-client.ts'

const NOW = new Date('2026-03-01T12:00:00Z')

const ROWS: readonly {
  readonly name: string
  readonly lease: Lookup
  readonly want: string | undefined
}[] = [
  {
    name: 'one that was just renewed',
    lease: held('2026-03-01T11:59:57.123000Z'),
    want: undefined,
  },
  {
    name: 'one of a clock that is a little behind',
    lease: held('2026-03-01T11:59:15.000000Z'),
    want: undefined,
  },
  {
    name: 'one that has run out',
    lease: held('2026-03-01T11:59:14.000000Z'),
    want: 'it was last heard of at 2026-03-01T11:59:14Z',
  },
  {
    name: 'one that was given back',
    lease: {
      kind: 'found',
      object: { spec: { holderIdentity: '', renewTime: NOW.toISOString() } },
    },
    want: 'no replica of it leads',
  },
  {
    name: 'none',
    lease: { kind: 'missing' },
    want: 'there is no Lease of it: it has never run here',
  },
  {
    name: 'one that may not be read',
    lease: { kind: 'forbidden', message: 'no' },
    want: 'you are not allowed to read the Lease that tells whether it runs',
  },
]

suite('what a Lease says about the controller', () => {
  for (const { name, lease, want } of ROWS) {
    test(name, () => assert.equal(controllerProblem(lease, NOW), want))
  }
})

function held(renewTime: string): Lookup {
  const spec = { holderIdentity: 'tlsauto-0', leaseDurationSeconds: 15, renewTime }
  return { kind: 'found', object: { spec } }
}
