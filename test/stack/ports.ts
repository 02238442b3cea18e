import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

/** That many ports of 127.0.0.1 that are free now. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => listen('127.0.0.1', 0)),
  )
  const ports = servers.map((server) => portOf(server))
  await Promise.all(servers.map(async (server) => once(server.close(), 'close')))
  return ports
}

/** A loopback network of this run's own for the cluster's Services: 127.N.0.0/16, held as long as
 * `release` is not called. */
export type ServiceNetwork = { readonly cidr: string; readonly release: () => void }

const LOCK_PORT = 47_631

/** Reserves a service network: who listens on its lock address has it. */
export async function reserveServiceNetwork(): Promise<ServiceNetwork> {
  for (let second = 1; second < 250; second += 1) {
    try {
      const lock = await listen(`127.${second}.255.254`, LOCK_PORT)
      lock.unref()
      return { cidr: `127.${second}.0.0/16`, release: () => lock.close() }
    } catch {
      // Another run has it.
    }
  }
  throw new Error('no loopback network is free: end other runs of the stack (make down)')
}

async function listen(host: string, port: number): Promise<Server> {
  const server = createServer()
  server.listen(port, host)
  await once(server, 'listening')
  return server
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address.port
}
