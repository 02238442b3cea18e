import { objectAt, textAt } from '../../shared/json/json.ts'
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

/** Watches the Certificates of all namespaces, from now on. */
export async function watchCertificates({ client }: Stack): Promise<CertificateWatch> {
  const resource = RESOURCES.certificates
  const { resourceVersion } = await client.list({ resource, limit: 1 })
  const ending = new AbortController()
  const { signal } = ending
  const waiting = new Map<string, () => void>()
  const names = new Set<string>()
  let goal = { count: Infinity, reached: (): void => undefined }
  const watching = (async () => {
    const options = { resource, resourceVersion, timeoutSeconds: 600, signal }
    for await (const { object } of client.watch(options)) {
      const name = textAt(objectAt(object, 'metadata'), 'name') ?? ''
      waiting.get(name)?.()
      names.add(name)
      if (names.size >= goal.count) goal.reached()
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
