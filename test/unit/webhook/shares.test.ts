import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createShares } from '../../../webhook/runtime/shares.ts'

test('a namespace that fills its share forgets its own oldest, and nothing of another', () => {
  const shares = createShares<number>({ each: 3 })
  shares.set('victim', 'a', 1)
  for (let at = 0; at < 1000; at += 1) shares.set('flood', String(at), at)
  assert.equal(shares.get('victim', 'a'), 1)
  assert.deepEqual(
    [...shares.entries('flood')].map(([key]) => key),
    ['997', '998', '999'],
  )
})

test('what is set again is the newest', () => {
  const shares = createShares<number>({ each: 2 })
  for (const key of ['a', 'b', 'a', 'c']) shares.set('team', key, 0)
  assert.deepEqual(
    [...shares.entries('team')].map(([key]) => key),
    ['a', 'c'],
  )
})

test('namespaces that come and go do not fill it', () => {
  const shares = createShares<number>({ each: 2, namespaces: 2 })
  for (const namespace of ['a', 'b', 'c']) shares.set(namespace, 'x', 0)
  assert.deepEqual(
    ['a', 'b', 'c'].map((namespace) => shares.get(namespace, 'x')),
    [undefined, 0, 0],
  )
  shares.delete('b', 'x')
  assert.equal(shares.get('b', 'x'), undefined)
})
