import { setTimeout as delay } from 'node:timers/promises'
import { openKeepAlive } from './keep-alive.ts'
import { reviewBody } from './review-body.ts'

export type HonestInput = {
  readonly url: string
  readonly path: string
  readonly ca: string
  readonly connections: number
  /** Milliseconds between two reviews of a connection; 0: the next as soon as one is answered. */
  readonly every: number
  readonly milliseconds: number
}

/** How reviews were answered. */
export type HonestResult = {
  /** Milliseconds of each answer, since its review was due; sorted. */
  readonly times: readonly number[]
  /** What was wrong, for each review that was not answered as it should be. */
  readonly faults: readonly string[]
}

/** Sends reviews over keep-alive connections for a while, as an API server does, and checks each answer
 * by `isRight`. A connection that ends is a fault. */
export async function honestReviews(
  input: HonestInput,
  isRight: (answer: string, uid: string) => boolean,
): Promise<HonestResult> {
  const times: number[] = []
  const faults: string[] = []
  const end = performance.now() + input.milliseconds
  const work = async (number: number): Promise<void> => {
    // Not all at the same moment.
    await delay((input.every / input.connections) * number)
    const connection = await openKeepAlive(input.url, input.ca)
    for (let due = performance.now(), count = 0; due < end; count += 1) {
      const uid = `${number}-${count}`
      const { status, body } = await connection.post(input.path, reviewBody(uid))
      const now = performance.now()
      times.push(now - due)
      if (status !== 200 || !isRight(body, uid)) faults.push(`${status} ${body.slice(0, 200)}`)
      due = input.every === 0 ? now : due + input.every
      if (due > now) await delay(due - now)
    }
    connection.close()
  }
  const failed = (error: unknown): void => void faults.push(String(error))
  const numbers = Array.from({ length: input.connections }, (_, number) => number)
  await Promise.all(numbers.map(async (number) => work(number).catch(failed)))
  return { times: times.toSorted((a, b) => a - b), faults }
}
