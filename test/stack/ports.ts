import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

/** What one run has to itself as long as `release` is not called: a loopback network for the cluster's
 * Services, 127.N.0.0/16, and ports of 127.0.0.1. */
export type Reservation = {
  readonly cidr: string
  /** That many ports which are free now, and given to nobody else. */
  ports(count: number): Promise<readonly number[]>
  release(): void
}

const LOCK_PORT = 47_631
/** Below the ports that the kernel gives to outgoing connections. */
const FIRST_PORT = 20_000
const PORTS_EACH = 40

/** Reserves a network and its block of ports: who listens on its lock address has both. */
export async function reserve(): Promise<Reservation> {
  for (let second = 1; second < 250; second += 1) {
    const lock = await listening(`127.${second}.255.254`, LOCK_PORT)
    if (lock === undefined) continue
    lock.unref()
    const block = portBlock(FIRST_PORT + second * PORTS_EACH)
    return { cidr: `127.${second}.0.0/16`, ports: block, release: () => lock.close() }
  }
  throw new Error('no loopback network is free: end other runs of the stack (make down)')
}

function portBlock(first: number): Reservation['ports'] {
  let next = first
  return async (count) => {
    const ports: number[] = []
    while (ports.length < count) {
      if (next === first + PORTS_EACH)
        throw new Error(`ports ${first} to ${next - 1} are all in use`)
      const server = await listening('127.0.0.1', next)
      if (server !== undefined) ports.push(next)
      if (server !== undefined) await once(server.close(), 'close')
      next += 1
    }
    return ports
  }
}

/** A server on that address, or undefined when somebody else has it. */
async function listening(host: string, port: number): Promise<Server | undefined> {
  const server = createServer()
  server.listen(port, host)
  try {
    await once(server, 'listening')
    return server
  } catch {
    return undefined
  }
}
