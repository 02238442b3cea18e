import { MONOTONIC_CLOCK, type Clock } from './clock.ts'

/** Work that would hold the event loop for long is done in slices: reviews, liveness and the Lease wait for it.
 * All that is sliced shares one budget, or several of them together would hold it as long. */
export type Slices = {
  /** What to wait for before going on, once a slice has been used up. */
  rest(): Promise<void> | undefined
}

const SLICE_MS = 5

/** Of those that wait one goes on in each turn of the event loop. */
export function createSlices({ now }: Pick<Clock, 'now'> = MONOTONIC_CLOCK): Slices {
  const waiting: (() => void)[] = []
  let began = now()
  const next = (): void => {
    began = now()
    waiting.shift()?.()
    if (waiting.length > 0) setImmediate(next)
  }
  return {
    rest: () => {
      if (now() - began < SLICE_MS) return undefined
      return new Promise((resolve) => {
        if (waiting.push(resolve) === 1) setImmediate(next)
      })
    },
  }
}

/** Takes one step for each, in slices. */
export async function inSlices<T>(
  slices: Slices,
  all: Iterable<T>,
  step: (one: T) => void,
): Promise<void> {
  for (const one of all) {
    step(one)
    const rest = slices.rest()
    if (rest !== undefined) await rest
  }
}

/** Work in steps: at each `yield` all is in order, and others may have their turn. */
export type Steps<T = void> = Generator<undefined, T, undefined>

/** For who may have steps to give, and has none. Unlike `undefined` it can't be given by leaving out a `return`. */
export const DONE = 'done'

/** Takes the steps, in slices; gives what the last one gives. */
export async function takeSteps<T>(slices: Slices | undefined, steps: Steps<T>): Promise<T> {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    const rest = slices?.rest()
    if (rest !== undefined) await rest
  }
}

/** Takes all steps at once. */
export function takeAtOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

/** Keys that wait for something to be done with each, once, in slices. */
export type Spread = { add(key: string): void }

/** What is added is done soon, in the order in which it came. The steps throw nothing. */
export function createSpread(slices: Slices, stepsOf: (key: string) => Steps): Spread {
  const waiting = new Set<string>()
  let isRunning = false
  const run = async (): Promise<void> => {
    // A Set is gone through to its end, with what comes meanwhile.
    for (const key of waiting) {
      waiting.delete(key)
      await takeSteps(slices, stepsOf(key))
      await slices.rest()
    }
    isRunning = false
  }
  return {
    add: (key) => {
      waiting.add(key)
      if (isRunning) return
      isRunning = true
      setImmediate(() => void run())
    },
  }
}
