import { setTimeout as delay } from 'node:timers/promises'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { parseMeta } from '../../shared/kube/object.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import type { NamespaceSettings } from '../../shared/settings/settings.ts'

/** Nobody who sends a review waits longer. */
const PATIENCE_MS = 400

/** At once. Who reaches the webhook's port may send reviews of namespaces without end: these must neither use up what
 * the API server has for us nor hold up the Lease. */
const MOST = 8

/** Reads a namespace's settings, or undefined where that fails or takes too long. */
export type NamespaceReader = (name: string) => Promise<NamespaceSettings | undefined>

/** Asks the API server for namespaces that the watch has not brought yet, or that are being deleted: one request
 * for all who ask at once. Its cost is one GET for each route that is written in such a namespace. */
export function createNamespaceReader(client: KubeClient): NamespaceReader {
  const underWay = new Map<string, Promise<NamespaceSettings | undefined>>()
  return async (name) => {
    if (!underWay.has(name) && underWay.size >= MOST) return undefined
    const reading = underWay.get(name) ?? read(client, name).finally(() => underWay.delete(name))
    underWay.set(name, reading)
    return Promise.race([reading, delay(PATIENCE_MS, undefined, { ref: false })])
  }
}

async function read(client: KubeClient, name: string): Promise<NamespaceSettings | undefined> {
  try {
    const found = await client.get({ resource: RESOURCES.namespaces, name })
    return found.kind === 'found' ? parseMeta(found.object['metadata']) : undefined
  } catch {
    return undefined
  }
}
