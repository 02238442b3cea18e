import { once } from 'node:events'
import type { Server } from 'node:https'
import type { Socket } from 'node:net'

/** What is under way may take this long; admission's own timeout is a second. */
const PATIENCE_MS = 3000

/** Gives the function that closes a server in good order: no new connections, what is under way is
 * answered, and who only holds a connection does not hold us, not even one without TLS yet, which
 * Node's own list leaves out. */
export function gracefulClose(server: Server): () => Promise<void> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return async () => {
    const closed = once(server, 'close')
    server.close()
    server.closeIdleConnections()
    const timer = setTimeout(() => sockets.forEach((socket) => socket.destroy()), PATIENCE_MS)
    await closed
    clearTimeout(timer)
  }
}
