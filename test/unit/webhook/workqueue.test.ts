import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { startWorkqueue, type Workqueue } from '../../../webhook/runtime/workqueue.ts'

/** A queue whose work ends when the test says so. */
type Bench = {
  readonly queue: Workqueue
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
  const queue = startWorkqueue({
    workers,
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
    await turn()
    ends.get(key)?.(error)
    await turn()
  }
  return { queue, begun, failures, end }
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
  await turn()
  assert.deepEqual(begun, ['a'])
})

test('a key that is added while it is worked on comes again, and never to a second worker', async () => {
  const { queue, begun, end } = bench(4)
  queue.add('a')
  await turn()
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
  await turn()
  assert.deepEqual(begun, ['a', 'b'])
  await end('b')
  assert.deepEqual(begun, ['a', 'b', 'c'])
})

test('a key that fails is tried again, each time after twice as long, until it works', async (t) => {
  timers(t)
  const { queue, begun, failures, end } = bench(1)
  queue.add('a')
  for (const wait of [100, 200, 400]) {
    await end('a', new Error('no'))
    t.mock.timers.tick(wait - 1)
    const before = begun.length
    t.mock.timers.tick(1)
    await turn()
    assert.equal(begun.length, before + 1)
  }
  assert.deepEqual(
    failures,
    [100, 200, 400].map((wait) => `a: Error: no, again in ${wait} ms`),
  )
  await end('a')
  queue.add('a')
  await end('a', new Error('anew'))
  assert.equal(failures.at(-1), 'a: Error: anew, again in 100 ms')
})

test('the wait grows to five minutes and no further', async (t) => {
  timers(t)
  const { queue, failures, end } = bench(1)
  queue.add('a')
  for (let times = 0; times < 15; times += 1) {
    await end('a', new Error('no'))
    t.mock.timers.tick(300_000)
  }
  assert.equal(failures.at(-1), 'a: Error: no, again in 300000 ms')
})

test('after stop nothing begins, neither what waits nor what was to be tried again', async (t) => {
  timers(t)
  const { queue, begun, end } = bench(1)
  queue.add('a')
  queue.add('b')
  queue.addAfter('c', 1000)
  await turn()
  queue.stop()
  await end('a')
  queue.add('d')
  t.mock.timers.tick(1000)
  assert.deepEqual(begun, ['a'])
})

function timers(t: TestContext): void {
  t.mock.timers.enable({ apis: ['setTimeout'] })
}

/** Lets everything run that is due. */
async function turn(): Promise<void> {
  await new Promise(setImmediate)
}
