import type { IncomingMessage } from 'node:http'
import { MONOTONIC_CLOCK, type Clock } from '../runtime/clock.ts'
import { readBody, type ArrivingBody } from './request-body.ts'
import { createDeadlineTimer } from './deadline-timer.ts'
import { HttpError } from './http-error.ts'

/** What bodies may take. */
export type BodyLimits = {
  /** Bytes of one. */
  readonly largest: number
  /** Bodies held at once, and their bytes together. */
  readonly most: number
  readonly mostBytes: number
}

/** Hands a request's body to `work` and gives what that gives. Throws a HttpError when the body is not
 * whole within `patience` (ms), or is more than the limits allow. */
export type UseBody = <T>(
  input: { readonly request: IncomingMessage; readonly patience: number },
  work: (body: Buffer) => Promise<T>,
) => Promise<T>

/** A body that is held: under way, or whole and being worked on. */
type Held = {
  readonly body: ArrivingBody
  bytes: number
  cost: number
  /** When it is given up, by the clock. */
  due: number
}

/** What a chunk costs beside its bytes: many small ones must not come for free. */
const CHUNK_COST = 256

/** Where there is too much at once, the body that has been under way longest goes: the API server
 * sends each in one go, so this is a slow sender's. */
export function createBodyReader(
  { largest, most, mostBytes }: BodyLimits,
  clock: Clock = MONOTONIC_CLOCK,
): UseBody {
  // The oldest first.
  const held = new Set<Held>()
  let cost = 0
  const release = (one: Held): void => {
    if (held.delete(one)) cost -= one.cost
  }
  const makeRoom = (): void => {
    for (const one of held) {
      if (held.size <= most && cost <= mostBytes) return
      if (one.body.refuse('busy')) release(one)
    }
  }
  const wakeAt = createDeadlineTimer((now) => {
    for (const one of held) if (one.due <= now) one.body.refuse('incomplete')
    return Math.min(...Array.from(held, ({ due }) => due).filter((due) => due > now))
  }, clock)
  const hold = (request: IncomingMessage, patience: number): Held => {
    const body = readBody(request, (bytes) => {
      one.bytes += bytes
      one.cost += bytes + CHUNK_COST
      cost += bytes + CHUNK_COST
      if (one.bytes > largest) body.refuse('too_large')
      makeRoom()
    })
    const one: Held = { body, bytes: 0, cost: 0, due: clock.now() + patience }
    held.add(one)
    makeRoom()
    wakeAt(one.due)
    return one
  }
  return async ({ request, patience }, work) => {
    if (Number(request.headers['content-length']) > largest) throw new HttpError('too_large')
    const one = hold(request, patience)
    try {
      const body = await one.body.whole
      one.due = Infinity
      return await work(body)
    } finally {
      release(one)
    }
  }
}
