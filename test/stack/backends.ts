import { once } from 'node:events'
import { createServer } from 'node:http'
import { objectAt, textAt } from '../../shared/json.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import type { Resource } from '../../shared/kube/resources.ts'

const SERVICES: Resource = {
  apiVersion: 'v1',
  kind: 'Service',
  plural: 'services',
  namespaced: true,
}

/** Services with somebody behind them. */
export type Backends = {
  /** Makes a Service and answers every request to its port 80 with a text: whoever listens on a
   * ClusterIP is its Pod here. */
  serve(service: {
    readonly namespace: string
    readonly name: string
    readonly text: string
  }): Promise<void>
}

/** Backends that end with the signal. */
export function createBackends(client: KubeClient, signal: AbortSignal): Backends {
  return {
    serve: async ({ namespace, name, text }) => {
      const service = await client.create(SERVICES, {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { namespace, name },
        spec: { selector: { app: name }, ports: [{ port: 80 }] },
      })
      const server = createServer((_request, response) => response.end(`${text}\n`))
      signal.addEventListener('abort', () => {
        server.close()
        server.closeAllConnections()
      })
      server.listen(80, textAt(objectAt(service, 'spec'), 'clusterIP'))
      await once(server, 'listening')
    },
  }
}
