import { objectAt, textAt } from '../../shared/json.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import type { Stack } from '../stack/stack.ts'

/** Sees Certificates come. */
export type CertificateWatch = {
  /** Settles when a Certificate of that name is seen from now on. */
  comes(name: string): Promise<void>
  close(): Promise<void>
}

/** Watches the Certificates of all namespaces, from now on. */
export async function watchCertificates({ client }: Stack): Promise<CertificateWatch> {
  const resource = RESOURCES.certificates
  const { resourceVersion } = await client.list({ resource, limit: 1 })
  const ending = new AbortController()
  const { signal } = ending
  const seen = new Map<string, () => void>()
  const watching = (async () => {
    try {
      const options = { resource, resourceVersion, timeoutSeconds: 600, signal }
      for await (const { object } of client.watch(options)) {
        seen.get(textAt(objectAt(object, 'metadata'), 'name') ?? '')?.()
      }
    } catch (error) {
      if (!signal.aborted) throw error
    }
  })()
  return {
    comes: async (name) => new Promise((resolve) => seen.set(name, resolve)),
    close: async () => {
      ending.abort()
      await watching
    },
  }
}
