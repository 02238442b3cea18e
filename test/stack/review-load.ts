import { setTimeout as delay } from 'node:timers/promises'
import { isJsonObject, objectAt, textAt } from '../../shared/json/json.ts'
import { apiRequests } from './api-requests.ts'
import { routeManifest } from './route-manifest.ts'
import type { Stack } from './stack.ts'

/** Users who create routes all the time. */
export type ReviewLoad = {
  /** Ends it; gives how many routes there were, how many came back without their Secret, and what else
   * was answered than a route. */
  stop(): Promise<{
    readonly sent: number
    readonly bare: number
    readonly wrong: readonly string[]
  }>
}

/** A machine that can't follow must not gather requests without end. */
const MOST_AT_ONCE = 50

/** Creates that many routes a second in namespace `default`, as dry runs, each of which the API server
 * sends to `/mutate` and `/validate`; and looks for the Secret's name in each. */
export async function startReviewLoad(stack: Stack, perSecond: number): Promise<ReviewLoad> {
  const send = await apiRequests(stack.kubeconfig)
  const ending = new AbortController()
  const under = new Set<Promise<void>>()
  const wrong: string[] = []
  let sent = 0
  let bare = 0
  const one = async (name: string): Promise<void> => {
    const rules = [`Host(\`${name}.example.com\`)`]
    const body = JSON.stringify(routeManifest({ namespace: 'default', name, rules }))
    const path = '/apis/traefik.io/v1alpha1/namespaces/default/ingressroutes?dryRun=All'
    const { status, text } = await send({ method: 'POST', path, body })
    if (status !== 201) wrong.push(`${new Date().toISOString()} ${status} ${text}`)
    else if (secretIn(text) !== `tls-${name}-${name}-example-com`) bare += 1
  }
  const run = async (): Promise<void> => {
    const started = performance.now()
    while (!ending.signal.aborted) {
      if (under.size < MOST_AT_ONCE) {
        sent += 1
        const request = one(`load-${sent}`)
          .catch((error: unknown) => void wrong.push(String(error)))
          .finally(() => under.delete(request))
        under.add(request)
      }
      const due = started + (sent * 1000) / perSecond
      await delay(Math.max(1, due - performance.now()))
    }
    await Promise.all(under)
  }
  const running = run()
  return {
    stop: async () => {
      ending.abort()
      await running
      return { sent, bare, wrong }
    },
  }
}

function secretIn(text: string): string | undefined {
  const route: unknown = JSON.parse(text)
  return isJsonObject(route)
    ? textAt(objectAt(objectAt(route, 'spec'), 'tls'), 'secretName')
    : undefined
}
