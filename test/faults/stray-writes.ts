import type { Stack } from '../stack/stack.ts'
import { writesOf } from '../stack/writes.ts'

/** What tlsauto may write, and where not in any namespace. */
const OURS: Readonly<Record<string, string | undefined>> = {
  certificates: undefined,
  ingressroutes: undefined,
  ingressroutetcps: undefined,
  middlewares: undefined,
  events: undefined,
  domainclaims: '',
  secrets: 'tlsauto',
  mutatingwebhookconfigurations: '',
  validatingwebhookconfigurations: '',
}

/** What tlsauto wrote, or tried to, that is none of its business, by the API server's audit log. */
export async function strayWrites(stack: Stack): Promise<readonly string[]> {
  const writes = await writesOf(stack)
  const stray = writes.filter(({ resource, namespace, forbidden }) => {
    const only = OURS[resource]
    const isOurs = resource in OURS && (only === undefined || only === namespace)
    return forbidden || !isOurs
  })
  return stray.map(
    ({ verb, resource, namespace, name }) => `${verb} ${resource} ${namespace}/${name}`,
  )
}
