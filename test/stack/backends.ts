import { once } from 'node:events'
import { createServer } from 'node:http'
import { objectAt, textAt } from '../../shared/json/json.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import type { Resource } from '../../shared/kube/resources.ts'

const SERVICES: Resource = {
  apiVersion: 'v1',
  kind: 'Service',
  plural: 'services',
  namespaced: true,
}

const PORTS = [8080, 80] as const

/** Services with somebody behind them. */
export type Backends = {
  /** Makes a Service and answers every request to its port 8080 with a text, and to its port 80 where
   * the user may listen there: whoever listens on a ClusterIP is its Pod here. */
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
        spec: { selector: { app: name }, ports: PORTS.map((port) => ({ name: `p${port}`, port })) },
      })
      const address = textAt(objectAt(service, 'spec'), 'clusterIP') ?? ''
      await Promise.all(PORTS.map(async (port) => answer({ address, port, text, signal })))
    },
  }
}

async function answer(at: {
  readonly address: string
  readonly port: number
  readonly text: string
  readonly signal: AbortSignal
}): Promise<void> {
  const server = createServer((_request, response) => response.end(`${at.text}\n`))
  at.signal.addEventListener('abort', () => {
    server.close()
    server.closeAllConnections()
  })
  server.listen(at.port, at.address)
  try {
    await once(server, 'listening')
  } catch (error) {
    if (!isForbidden(error)) throw error
  }
}

/** Ports below 1024 are root's on most machines; the other one is enough. */
function isForbidden(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EACCES'
}
