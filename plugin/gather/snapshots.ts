import { setTimeout as delay } from 'node:timers/promises'
import { KubeError, isStatus } from '../../shared/kube/kube-error.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { paint, type Terminal } from '../command-line/terminal.ts'
import { firstChange } from './changes.ts'
import { gather, type Gathered } from './snapshot.ts'

/** What is gathered now, and again after each change, until the signal comes. */
export async function* snapshots(
  client: KubeClient,
  namespace: string | undefined,
  patience: { readonly terminal: Terminal; readonly signal: AbortSignal },
): AsyncGenerator<Gathered, void> {
  const { signal } = patience
  let next: Gathered | undefined = await gather(client, namespace)
  while (next !== undefined) {
    yield next
    await firstChange({ client, namespace, versions: next.versions, signal })
    next = await gatherPatiently(client, namespace, patience)
  }
}

const PAUSE_MS = 1000

/** As `gather` does, for who has looked before and goes on: an API server that is away for a while is waited
 * for, and its absence told once. Undefined: the signal came first. */
async function gatherPatiently(
  client: KubeClient,
  namespace: string | undefined,
  { terminal, signal }: { readonly terminal: Terminal; readonly signal: AbortSignal },
): Promise<Gathered | undefined> {
  let isTold = false
  while (!signal.aborted) {
    try {
      return await gather(client, namespace)
    } catch (error) {
      if (!isPassing(error)) throw error
      if (!isTold) terminal.error(`${paint(error.message, undefined)}; waiting for it\n`)
      isTold = true
      await delay(PAUSE_MS, undefined, { signal }).catch(() => undefined)
    }
  }
  return undefined
}

/** No answer, one that says to come back later, or that of a server that only begins or ends. */
function isPassing(error: unknown): error is KubeError {
  return (
    error instanceof KubeError &&
    (error.status === 0 || error.status >= 500 || isStatus(error, 429))
  )
}
