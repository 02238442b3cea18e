import { setTimeout as delay } from 'node:timers/promises'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import type { Resource } from '../../shared/kube/resources.ts'

const LONGEST_WATCH_S = 300
const PAUSE_MS = 1000

/** Waits until something in the lists of those versions changes, the watches end, or the signal
 * says so. A watch that fails counts as a change, after a pause: who looks again sees the cause. */
export async function firstChange(input: {
  readonly client: KubeClient
  readonly namespace: string | undefined
  readonly versions: ReadonlyMap<Resource, string>
  readonly signal: AbortSignal
}): Promise<void> {
  const enough = new AbortController()
  const signal = AbortSignal.any([input.signal, enough.signal])
  const watches = Array.from(input.versions, async ([resource, resourceVersion]) => {
    const { client, namespace } = input
    const options = {
      resource,
      namespace,
      resourceVersion,
      timeoutSeconds: LONGEST_WATCH_S,
      signal,
    }
    for await (const { type } of client.watch(options)) if (type !== 'BOOKMARK') return
  })
  try {
    await Promise.race(watches)
  } catch {
    await delay(PAUSE_MS, undefined, { signal }).catch(() => undefined)
  }
  enough.abort()
  await Promise.allSettled(watches)
}
