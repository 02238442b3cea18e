import assert from 'node:assert/strict'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { suite, test } from 'node:test'
import { createBodyReader, type BodyLimits } from '../../../webhook/http/body-limits.ts'
import { HttpError } from '../../../webhook/http/http-error.ts'
import { createLargeBodyQueue } from '../../../webhook/http/large-body-queue.ts'
import { fakeClock, settled } from '../../fixtures/fake-clock.ts'

const LIMITS: BodyLimits = { largest: 1000, most: 3, mostBytes: 5000 }
const PATIENCE = 500

/** Requests whose bodies come as the test says. */
function bench(limits: Partial<BodyLimits> = {}) {
  const clock = fakeClock()
  const useBody = createBodyReader({ ...LIMITS, ...limits }, clock)
  const became = new Map<string, string>()
  const begin = (name: string, headers: IncomingMessage['headers'] = {}) => {
    const request = new IncomingMessage(new Socket())
    request.headers = headers
    void useBody({ request, patience: PATIENCE }, async (body) => `${body.length} bytes`).then(
      (text) => became.set(name, text),
      (error: unknown) =>
        became.set(name, error instanceof HttpError ? error.reason : String(error)),
    )
    return {
      send: async (bytes: number) => {
        request.push(Buffer.alloc(bytes))
        await settled()
      },
      end: async () => {
        request.complete = true
        request.push(null)
        await settled()
      },
    }
  }
  return { clock, begin, became: () => Object.fromEntries(became) }
}

suite('the limits of bodies', () => {
  test('a body of the largest size is used', async () => {
    const { begin, became } = bench()
    const one = begin('one', { 'content-length': '1000' })
    await one.send(1000)
    await one.end()
    assert.deepEqual(became(), { one: '1000 bytes' })
  })

  test('one that says it is larger is refused before it comes', async () => {
    const { begin, became } = bench()
    begin('one', { 'content-length': '1001' })
    await settled()
    assert.deepEqual(became(), { one: 'too_large' })
  })

  test('one that gets larger is refused when it does', async () => {
    const { begin, became } = bench()
    const one = begin('one')
    await one.send(1000)
    assert.deepEqual(became(), {})
    await one.send(1)
    assert.deepEqual(became(), { one: 'too_large' })
  })

  test('of too many bodies the one that has been under way longest goes', async () => {
    const { begin, became } = bench()
    for (const name of ['first', 'second', 'third']) begin(name)
    await settled()
    assert.deepEqual(became(), {})
    const fourth = begin('fourth')
    await fourth.send(10)
    await fourth.end()
    assert.deepEqual(became(), { first: 'busy', fourth: '10 bytes' })
  })

  test('and so of too many bytes', async () => {
    const { begin, became } = bench({ mostBytes: 2000 })
    const [first, second] = [begin('first'), begin('second')]
    await first.send(700)
    await second.send(700)
    assert.deepEqual(became(), {})
    await second.send(300)
    assert.deepEqual(became(), { first: 'busy' })
  })

  test('of chunks the number costs, too', async () => {
    const { begin, became } = bench({ mostBytes: 2000 })
    const [first, second] = [begin('first'), begin('second')]
    await first.send(1)
    for (let chunk = 0; chunk < 6; chunk += 1) await second.send(1)
    assert.deepEqual(became(), {})
    await second.send(1)
    assert.deepEqual(became(), { first: 'busy' })
  })

  test('one that is not whole in time is given up, and no other', async () => {
    const { clock, begin, became } = bench()
    const late = begin('late')
    await late.send(1)
    await clock.step(PATIENCE - 1)
    const next = begin('next')
    assert.deepEqual(became(), {})
    await clock.step(1)
    assert.deepEqual(became(), { late: 'incomplete' })
    await next.end()
    assert.deepEqual(became(), { late: 'incomplete', next: '0 bytes' })
  })
})

suite('the queue of large bodies', () => {
  const [SMALL, LARGE] = [16 * 1024, 16 * 1024 + 1]

  test('the smallest comes first, each in a turn of its own, and small ones wait for none', async () => {
    const turn = createLargeBodyQueue()
    const seen: (readonly [bytes: number, turns: number])[] = []
    let turns = 0
    const count = (): void => {
      turns += 1
      if (seen.length < 4) setImmediate(count)
    }
    setImmediate(count)
    const took = async (bytes: number): Promise<void> => {
      await turn(bytes)
      seen.push([bytes, turns])
    }
    await Promise.all([took(LARGE + 2), took(LARGE), took(SMALL), took(LARGE + 1)])
    assert.deepEqual(
      seen.map(([bytes]) => bytes),
      [SMALL, LARGE, LARGE + 1, LARGE + 2],
    )
    assert.equal(new Set(seen.map(([, at]) => at)).size, 4)
  })

  test('of more than eight the largest is refused', async () => {
    const turn = createLargeBodyQueue()
    const sizes = Array.from({ length: 10 }, (_, at) => LARGE + ((at * 7) % 10))
    const refused = new Map<number, unknown>()
    await Promise.all(
      sizes.map(async (size) => turn(size).catch((error: unknown) => refused.set(size, error))),
    )
    assert.deepEqual(
      refused,
      new Map([LARGE + 8, LARGE + 9].map((size) => [size, new HttpError('busy')])),
    )
  })
})
