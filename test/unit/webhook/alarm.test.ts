import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDeadlineTimer } from '../../../webhook/http/deadline-timer.ts'

const DEADLINE = { timeout: 10_000 }

/** An alarm for these times (ms from now), and the promise of when it rang, in order. */
async function ringsFor(times: readonly number[]): Promise<readonly number[]> {
  const start = performance.now()
  const due = new Set(times.map((time) => start + time))
  const rings: number[] = []
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const wakeAt = createDeadlineTimer((now) => {
    const rung = [...due].filter((time) => time <= now)
    rung.forEach((time) => due.delete(time))
    rings.push(...rung.map(() => now - start))
    if (due.size === 0) resolve(undefined)
    return Math.min(...due)
  })
  due.forEach(wakeAt)
  // The alarm holds no process up.
  const hold = setInterval(() => undefined, 1000)
  await promise
  clearInterval(hold)
  return rings
}

test('an alarm rings for each time once, in their order and never before', DEADLINE, async () => {
  const rings = await ringsFor([60, 20, 40])
  assert.equal(rings.length, 3)
  ;[20, 40, 60].forEach((time, index) => assert.ok((rings[index] ?? 0) >= time))
})

test(
  'who comes due while the network is read is not given up with the others',
  DEADLINE,
  async () => {
    const { promise, resolve } = Promise.withResolvers<number>()
    const wakeAt = createDeadlineTimer((now) => {
      resolve(now)
      return Infinity
    })
    const time = performance.now() + 20
    wakeAt(time)
    let read = Infinity
    setTimeout(() => {
      read = performance.now()
      stayBusy(50)
    }, 20)
    // Both are late, and come one after the other.
    stayBusy(30)
    const now = await promise
    assert.ok(now >= time && now <= read, `${now} is from ${time} to ${read}`)
  },
)

function stayBusy(milliseconds: number): void {
  const start = performance.now()
  while (performance.now() < start + milliseconds);
}
