import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeClock, settled, type FakeClock } from '../../fixtures/fake-clock.ts'
import { startWorkqueue, type Workqueue } from '../../../webhook/runtime/workqueue.ts'

/** A queue whose work ends when the test says so. */
type Bench = {
  readonly queue: Workqueue
  readonly clock: FakeClock
  /** What was begun, in order. */
  readonly begun: readonly string[]
  readonly failures: readonly string[]
  /** Ends the oldest work of that key. */
  readonly end: (key: string, error?: Error) => Promise<void>
}

function bench(workers: number): Bench {
  const begun: string[] = []
  const failures: string[] = []
  const ends = new Map<string, (error?: Error) => void>()
  const clock = fakeClock()
  const queue = startWorkqueue({
    workers,
    clock,
    groupOf: (key) => key.split('/')[0] ?? '',
    work: async (key) => {
      begun.push(key)
      await new Promise<void>((resolve, reject) => {
        ends.set(key, (error) => (error === undefined ? resolve() : reject(error)))
      })
    },
    onFailure: (key, error, retryInMs) =>
      failures.push(`${key}: ${String(error)}, again in ${retryInMs} ms`),
  })
  const end = async (key: string, error?: Error): Promise<void> => {
    await settled()
    ends.get(key)?.(error)
    await settled()
  }
  return { queue, clock, begun, failures, end }
}

test('a key that waits is there once', async () => {
  const { queue, begun, end } = bench(1)
  for (const key of ['a', 'b', 'b', 'c', 'b']) queue.add(key)
  await end('a')
  await end('b')
  await end('c')
  assert.deepEqual(begun, ['a', 'b', 'c'])
})

test('groups of keys take turns: many keys of one hold up no other', async () => {
  const { queue, begun, end } = bench(1)
  for (const key of ['big/1', 'big/2', 'big/3', 'small/1', 'big/4']) queue.add(key)
  for (const key of ['big/1', 'small/1', 'big/2', 'big/3', 'big/4']) await end(key)
  assert.deepEqual(begun, ['big/1', 'small/1', 'big/2', 'big/3', 'big/4'])
})

test('the work begins only after who added it has finished, and once', async () => {
  const { queue, begun } = bench(4)
  queue.add('a')
  queue.add('a')
  assert.deepEqual(begun, [])
  await settled()
  assert.deepEqual(begun, ['a'])
})

test('a key that is added while it is worked on comes again, and never to a second worker', async () => {
  const { queue, begun, end } = bench(4)
  queue.add('a')
  await settled()
  queue.add('a')
  queue.add('a')
  assert.deepEqual(begun, ['a'])
  await end('a')
  assert.deepEqual(begun, ['a', 'a'])
  await end('a')
  assert.deepEqual(begun, ['a', 'a'])
})

test('as many keys as there are workers are worked on at once', async () => {
  const { queue, begun, end } = bench(2)
  for (const key of ['a', 'b', 'c']) queue.add(key)
  await settled()
  assert.deepEqual(begun, ['a', 'b'])
  await end('b')
  assert.deepEqual(begun, ['a', 'b', 'c'])
})

test('a key that fails is tried again, each time after twice as long, until it works', async () => {
  const { queue, clock, begun, failures, end } = bench(1)
  queue.add('a')
  for (const wait of [100, 200, 400]) {
    await end('a', new Error('no'))
    const before = begun.length
    await clock.step(wait - 1)
    assert.equal(begun.length, before)
    await clock.step(1)
    assert.equal(begun.length, before + 1)
  }
  assert.deepEqual(
    failures,
    [100, 200, 400].map((wait) => `a: Error: no, again in ${wait} ms`),
  )
  await end('a')
  queue.add('a')
  await end('a', new Error('again'))
  assert.equal(failures.at(-1), 'a: Error: again, again in 100 ms')
})

test('the wait grows to five minutes and no further', async () => {
  const { queue, clock, failures, end } = bench(1)
  queue.add('a')
  for (let times = 0; times < 15; times += 1) {
    await end('a', new Error('no'))
    await clock.step(300_000)
  }
  assert.equal(failures.at(-1), 'a: Error: no, again in 300000 ms')
})

test('after stop nothing begins, neither what waits nor what was to be tried again', async () => {
  const { queue, clock, begun, end } = bench(1)
  queue.add('a')
  queue.add('b')
  queue.addAfter('c', 1000)
  await settled()
  queue.stop()
  await end('a')
  queue.add('d')
  await clock.step(1000)
  assert.deepEqual(begun, ['a'])
})

test('how long it has been idle is counted from the end of the last work', async () => {
  const { queue, clock, end } = bench(1)
  queue.add('a')
  await settled()
  await clock.step(500)
  assert.equal(queue.idleFor(), 0)
  await end('a')
  await clock.step(500)
  assert.equal(queue.idleFor(), 500)
})
