import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createEventLimits } from '../../../webhook/runtime/event-limits.ts'

const MINUTE_MS = 60_000
const WARNING = { namespace: 'team', uid: 'u', isWarning: true }
const STEP = { ...WARNING, isWarning: false }

function count(times: number, ask: (at: number) => boolean): number {
  return Array.from({ length: times }, (_, at) => ask(at)).filter(Boolean).length
}

test('an object gets 25 in a burst, and one every five minutes', () => {
  const allows = createEventLimits()
  assert.equal(
    count(1000, () => allows(WARNING, 0)),
    25,
  )
  assert.equal(
    count(10, () => allows(WARNING, 10 * MINUTE_MS)),
    2,
  )
})

test('steps leave room for what is wrong', () => {
  const allows = createEventLimits()
  assert.equal(
    count(1000, () => allows(STEP, 0)),
    20,
  )
  assert.equal(
    count(1000, () => allows(WARNING, 0)),
    5,
  )
})

test('a namespace with ever more objects has a limit, and takes nothing from another', () => {
  const allows = createEventLimits()
  assert.equal(
    count(10_000, (at) => allows({ ...WARNING, uid: String(at) }, 0)),
    2000,
  )
  assert.equal(allows({ ...WARNING, namespace: 'other' }, 0), true)
})

test('a clock that goes back gives nothing', () => {
  const allows = createEventLimits()
  count(25, () => allows(WARNING, MINUTE_MS))
  assert.equal(allows(WARNING, 0), false)
})
