import type { Server } from 'node:https'
import type { Socket } from 'node:net'

/** Keeps a server at `most` connections: of more, the one goes that has not been answered for
 * longest, so that whoever only holds connections makes room for those who use them. */
export function limitConnections(server: Server, most: number): void {
  // By the far end's address, which a TLS socket and the plain one under it share; longest unanswered first.
  const sockets = new Map<string, Socket>()
  server.on('connection', (socket: Socket) => {
    const name = farEnd(socket)
    sockets.set(name, socket)
    socket.once('close', () => {
      if (sockets.get(name) === socket) sockets.delete(name)
    })
    if (sockets.size > most) sockets.values().next().value?.destroy()
  })
  server.on('request', (request, response) => {
    const name = farEnd(request.socket)
    response.once('finish', () => {
      const socket = sockets.get(name)
      if (socket === undefined) return
      sockets.delete(name)
      sockets.set(name, socket)
    })
  })
}

function farEnd({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
