import { isJsonObject, objectAt, textAt } from '../../shared/json/json.ts'
import { listAll } from '../../shared/kube/kube-client.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import type { Stack } from './stack.ts'

/** An Event that tlsauto wrote: its reason and message in one line. */
export type RouteEvent = string

/** The Events of tlsauto on the routes of a namespace, in the order of their reasons, each as often as
 * it was written. */
export async function routeEvents(stack: Stack, namespace: string): Promise<readonly RouteEvent[]> {
  const { items } = await listAll(stack.client, { resource: RESOURCES.events, namespace })
  return items
    .filter(isJsonObject)
    .filter((event) => textAt(objectAt(event, 'source'), 'component') === 'tlsauto')
    .map((event) => {
      const route = textAt(objectAt(event, 'involvedObject'), 'name') ?? ''
      return `${route}: ${textAt(event, 'reason') ?? ''}: ${textAt(event, 'message') ?? ''}`
    })
    .toSorted()
}
