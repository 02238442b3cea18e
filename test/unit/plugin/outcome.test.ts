import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { itemsToAwait } from '../../../plugin/status/named-items.ts'
import { outcome, type Goal, type Outcome } from '../../../plugin/reissue/outcome.ts'
import type { StatusItem } from '../../../plugin/status/report.ts'
import { FAILED, ISSUED, PENDING, UNMANAGED } from '../../fixtures/status-items.ts'

const ROWS: readonly {
  readonly name: string
  readonly item: StatusItem
  readonly want: Readonly<Record<Goal, Outcome>>
}[] = [
  {
    name: 'issued',
    item: ISSUED,
    want: { issued: 'reached', failed: 'missed', reissued: 'reached' },
  },
  {
    name: 'renewing: valid, and not done',
    item: { ...ISSUED, state: 'renewing' },
    want: { issued: 'reached', failed: 'missed', reissued: 'open' },
  },
  {
    name: 'renew-failing: valid, and the new one has failed',
    item: { ...ISSUED, state: 'renew-failing', nextRetry: '2026-03-01T13:00:00Z' },
    want: { issued: 'reached', failed: 'missed', reissued: 'missed' },
  },
  {
    name: 'failed',
    item: FAILED,
    want: { issued: 'missed', failed: 'reached', reissued: 'missed' },
  },
  {
    name: 'expired, and a new one is on its way',
    item: { ...FAILED, state: 'expired', nextRetry: null },
    want: { issued: 'open', failed: 'reached', reissued: 'open' },
  },
  {
    name: 'two Certificates with one Secret',
    item: { ...FAILED, state: 'conflict', nextRetry: null },
    want: { issued: 'missed', failed: 'reached', reissued: 'missed' },
  },
  {
    name: 'pending',
    item: PENDING,
    want: { issued: 'open', failed: 'open', reissued: 'open' },
  },
  {
    name: 'stuck, which may end when its DNS is fixed',
    item: { ...PENDING, state: 'stuck' },
    want: { issued: 'open', failed: 'open', reissued: 'open' },
  },
  {
    name: 'left alone, and so for ever',
    item: UNMANAGED,
    want: { issued: 'missed', failed: 'missed', reissued: 'missed' },
  },
]

suite('what is waited for, and a domain that is', () => {
  for (const { name, item, want } of ROWS) {
    test(name, () => {
      const got = {
        issued: outcome(item, 'issued'),
        failed: outcome(item, 'failed'),
        reissued: outcome(item, 'reissued'),
      }
      assert.deepEqual(got, want)
    })
  }
})

suite('the domains that wait waits for', () => {
  const all = [FAILED, ISSUED, PENDING, UNMANAGED]

  test('are those of a route that can have a certificate', () => {
    assert.deepEqual(itemsToAwait(all, ['shop']), [FAILED, ISSUED, PENDING])
  })

  test('are each once, and one that can have none where it is named itself', () => {
    const names = ['192.0.2.1', 'WWW.example.com', 'cert-shop-www-example-com']
    assert.deepEqual(itemsToAwait(all, names), [UNMANAGED, ISSUED])
  })

  test('without names are all that a selector has chosen', () => {
    assert.deepEqual(itemsToAwait(all, []), [FAILED, ISSUED, PENDING])
    assert.throws(() => itemsToAwait([], []), {
      message: 'no route has these labels here; try -A, or -n NAMESPACE',
    })
  })

  test('must be there', () => {
    assert.throws(() => itemsToAwait(all, ['shop', 'nope']), {
      message: 'no Certificate, route or domain is called nope here; try -A, or -n NAMESPACE',
    })
  })
})
