import { setTimeout as delay } from 'node:timers/promises'

/** Somebody who asks for the same thing all the time. */
export type SteadyClient = {
  /** Ends it; gives how often each answer, or fault, came. */
  stop(): Promise<ReadonlyMap<string, number>>
}

const INTERVAL_MS = 20

/** Asks every 20 ms; an answer is a word. */
export function startSteadyClient(ask: () => Promise<string>): SteadyClient {
  const answers = new Map<string, number>()
  const ending = new AbortController()
  const running = (async () => {
    while (!ending.signal.aborted) {
      const answer = await ask().catch(String)
      answers.set(answer, (answers.get(answer) ?? 0) + 1)
      await delay(INTERVAL_MS)
    }
  })()
  return {
    stop: async () => {
      ending.abort()
      await running
      return answers
    },
  }
}
