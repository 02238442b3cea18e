import { apiRequests } from '../stack/api-requests.ts'
import { routeManifest } from '../stack/route-manifest.ts'
import type { Stack } from '../stack/stack.ts'
import type { JsonObject } from '../../shared/json/json.ts'

/** Routes of one host each, `{prefix}-0` and so on, spread over namespaces. */
export type RouteBatch = {
  readonly prefix: string
  readonly count: number
  readonly namespaces: readonly string[]
  /** How many clients, each of which sends one after the other. */
  readonly clients: number
  readonly spec?: JsonObject
}

/** Of an issuer that is not there: nobody has work with them but tlsauto. */
const NO_ISSUER = { 'cert-manager.io/issuer': 'missing' }

/** Creates them as fast as the clients can. Throws when one is refused. */
export async function createRoutes(stack: Stack, batch: RouteBatch): Promise<void> {
  const { prefix, count, namespaces, clients, spec } = batch
  const send = await apiRequests(stack.kubeconfig)
  const numbers = Array.from({ length: count }, (_, number) => number).values()
  const work = async (): Promise<void> => {
    for (const number of numbers) {
      const namespace = namespaces[number % namespaces.length] ?? ''
      const name = `${prefix}-${number}`
      const rules = [`Host(\`${name}.shops.example.com\`)`]
      const route = { namespace, name, rules, annotations: NO_ISSUER }
      const { status, text } = await send({
        method: 'POST',
        path: `/apis/traefik.io/v1alpha1/namespaces/${namespace}/ingressroutes`,
        body: JSON.stringify(routeManifest({ ...route, ...(spec === undefined ? {} : { spec }) })),
      })
      if (status !== 201) throw new Error(text)
    }
  }
  await Promise.all(Array.from({ length: clients }, work))
}
