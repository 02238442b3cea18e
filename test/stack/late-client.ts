import { setTimeout as delay } from 'node:timers/promises'
import { carriedBundles, servedLeaf } from './serving.ts'
import type { Stack } from './stack.ts'

/** Stands in for one more API server, that hears of each change somewhat later. */
export type LateClient = {
  /** Ends it; gives each handshake that failed. */
  stop(): Promise<readonly string[]>
}

const LATE_MS = 500
const PAUSE_MS = 50

/** Connects to that URL again and again, and trusts what the webhook configurations said a while ago. */
export function startLateClient(stack: Stack, url: string): LateClient {
  const ending = new AbortController()
  const failures: string[] = []
  const run = async (): Promise<void> => {
    let known: readonly { readonly at: number; readonly bundle: string }[] = []
    while (!ending.signal.aborted) {
      const at = Date.now()
      const [bundle = ''] = await carriedBundles(stack)
      known = [...known.filter((one) => at - one.at <= LATE_MS), { at, bundle }]
      await servedLeaf(url, known[0]?.bundle ?? '').catch((error: unknown) => {
        failures.push(`${new Date().toISOString()} ${String(error)}`)
      })
      await delay(PAUSE_MS)
    }
  }
  const running = run()
  return {
    stop: async () => {
      ending.abort()
      await running
      return failures
    },
  }
}
