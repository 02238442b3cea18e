import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBackgroundQueue } from '../../../webhook/runtime/background-queue.ts'
import { fakeClock, settled } from '../../fixtures/fake-clock.ts'

const LONG_MS = 3_600_000
const MINUTE_MS = 60_000
const LOOK_AGAIN_MS = 100

test('what is in the outbox waits while there is better work, and is done in order then', async () => {
  let busy = true
  const clock = fakeClock()
  const done: number[] = []
  const outbox = createBackgroundQueue({ isBusy: () => busy, clock })
  for (const number of [1, 2, 3]) outbox.add(async () => void done.push(number))
  assert.deepEqual(done, [])
  busy = false
  await clock.step(LOOK_AGAIN_MS)
  assert.deepEqual(done, [1, 2, 3])
})

test('better work without end does not hold it up for ever', async () => {
  const clock = fakeClock()
  const done: string[] = []
  const outbox = createBackgroundQueue({ isBusy: () => true, clock })
  outbox.add(async () => void done.push('late'))
  await clock.step(MINUTE_MS - 1)
  assert.deepEqual(done, [])
  await clock.step(LOOK_AGAIN_MS)
  assert.deepEqual(done, ['late'])
})

test('no more than a few are done at once', async () => {
  let atOnce = 0
  let most = 0
  let done = 0
  const outbox = createBackgroundQueue({ isBusy: () => false })
  for (let number = 0; number < 20; number += 1) {
    outbox.add(async () => {
      atOnce += 1
      most = Math.max(most, atOnce)
      await Promise.resolve()
      atOnce -= 1
      done += 1
    })
  }
  await settled()
  assert.equal(done, 20)
  assert.ok(most > 1 && most <= 4, `${most} at once`)
})

test('at the end all of it is done, busy or not', async () => {
  const done: number[] = []
  const outbox = createBackgroundQueue({ isBusy: () => true })
  for (const number of [1, 2, 3, 4, 5, 6]) outbox.add(async () => void done.push(number))
  assert.equal(await outbox.drain(LONG_MS), 0)
  assert.deepEqual(done, [1, 2, 3, 4, 5, 6])
})

test('but nobody waits for what does not come to an end', async () => {
  const clock = fakeClock()
  const outbox = createBackgroundQueue({ isBusy: () => true, clock })
  outbox.add(async () => new Promise(() => undefined))
  const drained = outbox.drain(LONG_MS)
  await clock.step(LONG_MS)
  assert.equal(await drained, 1)
})
