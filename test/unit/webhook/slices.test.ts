import assert from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { test } from 'node:test'
import { fakeClock, type FakeClock } from '../../fixtures/fake-clock.ts'
import { createSettling } from '../../../webhook/controller/settling.ts'
import { createSlices, createSpread, inSlices } from '../../../webhook/runtime/slices.ts'

/** Longer than a slice. */
function holdOn(clock: FakeClock): void {
  clock.stayBusy(6)
}

test('a long loop lets others have their turn', async () => {
  const clock = fakeClock()
  const seen: string[] = []
  const loop = inSlices(createSlices(clock), ['a', 'b', 'c'], (one) => {
    seen.push(one)
    holdOn(clock)
  })
  setImmediate(() => seen.push('other'))
  await loop
  assert.ok(seen.indexOf('other') < seen.indexOf('c'), seen.join())
})

test('a short one is done in one go', async () => {
  const seen: string[] = []
  const loop = inSlices(createSlices(fakeClock()), ['a', 'b', 'c'], (one) => void seen.push(one))
  setImmediate(() => seen.push('other'))
  await loop
  assert.deepEqual(seen, ['a', 'b', 'c'])
})

test('loops that share their slices go on one in a turn', async () => {
  const clock = fakeClock()
  const slices = createSlices(clock)
  let inThisTurn = 0
  let most = 0
  const step = (): void => {
    holdOn(clock)
    inThisTurn += 1
    most = Math.max(most, inThisTurn)
    setImmediate(() => {
      inThisTurn = 0
    })
  }
  const loops = Array.from({ length: 4 }, async () => inSlices(slices, [1, 2, 3], step))
  // All begin at once.
  inThisTurn = 0
  most = 0
  await Promise.all(loops)
  assert.ok(most <= 2, `${most} in one turn`)
})

test('a key that is spread twice before its turn comes once', async () => {
  const seen: string[] = []
  const spread = createSpread(createSlices(fakeClock()), function* steps(key) {
    yield
    seen.push(key)
    if (key === 'a') spread.add('c')
  })
  for (const key of ['a', 'b', 'a']) spread.add(key)
  assert.deepEqual(seen, [])
  while (seen.length < 3) await nextTurn()
  await nextTurn()
  assert.deepEqual(seen, ['a', 'b', 'c'])
})

test('the work of a namespace waits until all its routes are decided about again', async () => {
  const clock = fakeClock()
  const log: string[] = []
  const settling = createSettling({
    index: {
      routeKeys: () => ['r1', 'r2'],
      decideAgain: (key) => {
        log.push(`decide ${key}`)
        holdOn(clock)
      },
    },
    *addRoute(key) {
      yield
      log.push(`route ${key}`)
    },
    add: (key) => log.push(`add ${key}`),
    slices: createSlices(clock),
  })
  const first = settling.settle('team')
  const second = settling.settle('team')
  assert.equal(settling.holds('team', 'Certificate team/x'), true)
  assert.equal(settling.holds('other', 'Certificate other/x'), false)
  await Promise.all([first, second])
  assert.equal(settling.holds('team', 'Certificate team/x'), false)
  // The last change counts: all of them once more, and then what had to wait.
  assert.deepEqual(log.slice(-7), [
    'route r1',
    'decide r1',
    'route r1',
    'route r2',
    'decide r2',
    'route r2',
    'add Certificate team/x',
  ])
})
