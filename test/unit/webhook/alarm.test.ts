import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDeadlineTimer } from '../../../webhook/http/deadline-timer.ts'
import type { Clock } from '../../../webhook/runtime/clock.ts'
import { fakeClock } from '../../fixtures/fake-clock.ts'

const START = 1000

test('an alarm rings for each time once, in their order and never before', async () => {
  const clock = fakeClock(START)
  const due = new Set([60, 20, 40].map((time) => START + time))
  const rings: number[] = []
  const wakeAt = createDeadlineTimer((now) => {
    const rung = [...due].filter((time) => time <= now)
    rung.forEach((time) => due.delete(time))
    rings.push(...rung.map(() => now - START))
    return Math.min(...due)
  }, clock)
  due.forEach(wakeAt)
  await clock.step(19)
  assert.deepEqual(rings, [])
  await clock.step(100)
  assert.deepEqual(rings, [20, 40, 60])
})

test('who comes due while the network is read is not given up with the others', async () => {
  const clock = fakeClock(START)
  // What the network has is read between the ring and its answer, and that takes its time.
  const after: Clock['after'] = (milliseconds, callback) =>
    clock.after(milliseconds, () => {
      setImmediate(() => clock.stayBusy(50))
      callback()
    })
  const heard: number[] = []
  const wakeAt = createDeadlineTimer(
    (now) => {
      heard.push(now)
      return Infinity
    },
    { ...clock, after },
  )
  wakeAt(START + 20)
  await clock.step(20)
  assert.deepEqual(heard, [START + 20])
})
