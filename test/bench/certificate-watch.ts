import { setTimeout as delay } from 'node:timers/promises'
import { objectAt } from '../../shared/json.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import type { Stack } from '../stack/stack.ts'

/** Sees Certificates come. */
export type CertificateWatch = {
  /** Settles when a Certificate of that name is seen from now on. */
  comes(name: string): Promise<void>
  /** Settles when so many have been seen. */
  reaches(count: number): Promise<void>
  close(): Promise<void>
}

const RETRY_MS = 50

/** Watches the Certificates of all namespaces, from now on. */
export async function watchCertificates({ client }: Stack): Promise<CertificateWatch> {
  const resource = RESOURCES.certificates
  const { resourceVersion } = await client.list({ resource, limit: 1 })
  const ending = new AbortController()
  const { signal } = ending
  const waiting = new Map<string, () => void>()
  const names = new Set<string>()
  let goal = { count: Infinity, reached: (): void => undefined }
  let from = resourceVersion
  const watchOnce = async (): Promise<void> => {
    const options = { resource, resourceVersion: from, timeoutSeconds: 600, signal }
    for await (const { type, object } of client.watch(options)) {
      if (type === 'ERROR') throw new Error(JSON.stringify(object))
      const { name, resourceVersion } = objectAt(object, 'metadata')
      from = String(resourceVersion)
      if (type === 'BOOKMARK') continue
      waiting.get(String(name))?.()
      names.add(String(name))
      if (names.size >= goal.count) goal.reached()
    }
  }
  const watching = (async () => {
    while (!signal.aborted) {
      // The API server may be away for a while.
      await watchOnce().catch(async () => delay(RETRY_MS, undefined, { signal }))
    }
  })().catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
  return {
    comes: async (name) => new Promise((resolve) => waiting.set(name, resolve)),
    reaches: async (count) =>
      new Promise((reached) => {
        goal = { count, reached }
        if (names.size >= count) reached()
      }),
    close: async () => {
      ending.abort()
      await watching
    },
  }
}
