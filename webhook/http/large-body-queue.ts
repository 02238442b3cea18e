import { HttpError } from './http-error.ts'

/** Bodies up to this many bytes need not wait. */
const SMALL = 16 * 1024
/** So many large ones wait at most. */
const LONGEST_QUEUE = 8

type Waiting = { readonly size: number; go(): void; refuse(): void }

/** Gives the function that waits for a body's turn: large ones come one by one, each in a turn of the
 * event loop of its own, so that small ones are answered in between; the smallest comes first, and
 * of too many the largest is refused. Throws a HttpError. */
export function createLargeBodyQueue(): (size: number) => Promise<void> {
  // The smallest first.
  const queue: Waiting[] = []
  const next = (): void => {
    queue.shift()?.go()
    if (queue.length > 0) setImmediate(next)
  }
  return async (size) => {
    if (size <= SMALL) return
    await new Promise<void>((go, reject) => {
      if (queue.length === 0) setImmediate(next)
      const place = queue.findIndex((other) => other.size > size)
      const refuse = (): void => reject(new HttpError('busy'))
      queue.splice(place === -1 ? queue.length : place, 0, { size, go, refuse })
      if (queue.length > LONGEST_QUEUE) queue.pop()?.refuse()
    })
  }
}
