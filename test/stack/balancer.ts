import { setTimeout as delay } from 'node:timers/promises'
import { startRelay } from './relay.ts'
import { isReady, type Tlsauto } from './tlsauto.ts'

/** Stands in for a Service: a new connection goes to a replica that is ready, each in its turn. */
export type Balancer = {
  readonly url: string
  add(replica: Tlsauto): void
  close(): void
}

/** How soon it hears of a replica that is ready, or no longer; a cluster's takes longer. */
const PROBE_MS = 200
/** As the kubelet does. */
const PROBE_TIMEOUT_MS = 1000

/** Starts one on that port. */
export async function startBalancer(port: number): Promise<Balancer> {
  const ready = new Set<number>()
  const ending = new AbortController()
  let turn = 0
  const relay = await startRelay(port, () => {
    turn += 1
    return [...ready].at(turn % ready.size)
  })
  return {
    url: `https://127.0.0.1:${port}`,
    add: ({ url }) => void probe(url, ready, ending.signal),
    close: () => {
      ending.abort()
      relay.close()
    },
  }
}

async function probe(url: string, ready: Set<number>, signal: AbortSignal): Promise<void> {
  const port = Number(new URL(url).port)
  while (!signal.aborted) {
    const late = delay(PROBE_TIMEOUT_MS, false, { ref: false })
    if (await Promise.race([isReady(url).catch(() => false), late])) ready.add(port)
    else ready.delete(port)
    await delay(PROBE_MS, undefined, { signal }).catch(() => undefined)
  }
}
