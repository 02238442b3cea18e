import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** Passes connections on, byte by byte. */
export type Relay = {
  readonly port: number
  /** From now on nothing passes, and nothing is said of it: the far end is just silent. */
  hold(): void
  /** All that was held back comes, and what is new. */
  release(): void
  close(): void
}

/** Listens on that port of 127.0.0.1 and passes each connection on to the one that `target` names; one
 * for which there is none is refused. */
export async function startRelay(port: number, target: () => number | undefined): Promise<Relay> {
  const pairs = new Set<readonly [Socket, Socket]>()
  let held = false
  const server = createServer({ noDelay: true }, (near) => {
    const to = target()
    if (to === undefined) {
      near.resetAndDestroy()
      return
    }
    const pair = [near, connect({ port: to, host: '127.0.0.1', noDelay: true })] as const
    pairs.add(pair)
    for (const socket of pair) {
      // The other end hears of it by its own end.
      socket.on('error', () => undefined)
      socket.once('close', () => {
        pairs.delete(pair)
        for (const end of pair) end.destroySoon()
      })
    }
    if (!held) join(pair)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    port,
    hold: () => {
      held = true
      for (const [near, far] of pairs) {
        near.unpipe(far)
        far.unpipe(near)
      }
    },
    release: () => {
      // Joined twice, everything would come twice.
      if (!held) return
      held = false
      for (const pair of pairs) join(pair)
    },
    close: () => {
      server.close()
      for (const pair of pairs) for (const socket of pair) socket.destroy()
    },
  }
}

function join([near, far]: readonly [Socket, Socket]): void {
  near.pipe(far)
  far.pipe(near)
}
