import type { Stack } from '../stack/stack.ts'
import type { CertificateWatch } from './certificate-watch.ts'
import { createRoutes } from './create-routes.ts'

/** Seconds from sending the create of a route until a watch shows its Certificate. */
export async function timeToCertificate(
  stack: Stack,
  at: { readonly watch: CertificateWatch; readonly namespace: string; readonly name: string },
): Promise<number> {
  const { watch, namespace, name } = at
  const came = comes(watch, name)
  const started = performance.now()
  await createOne(stack, { namespace, name })
  await came
  return (performance.now() - started) / 1000
}

/** Creates one route, that speaks HTTPS only. */
export async function createOne(
  stack: Stack,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<void> {
  const spec = { entryPoints: ['websecure'] }
  const batch = { prefix: name, count: 1, namespaces: [namespace], clients: 1, spec }
  await createRoutes(stack, batch)
}

/** Settles when the Certificate of that route is seen. */
export async function comes(watch: CertificateWatch, name: string): Promise<void> {
  return watch.comes(certificateName(name))
}

/** What the Certificate of that route is called. */
export function certificateName(name: string): string {
  return `cert-${name}-0-${name}-0-shops-example-com`
}
