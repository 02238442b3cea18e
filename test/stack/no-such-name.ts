import { createSocket } from 'node:dgram'
import { once } from 'node:events'

/** A DNS server that knows no name (RFC 1035 4.1.1: an answer, RCODE 3), until the signal: the stack's own
 * has no way to say so. Gives its address, IP:PORT. */
export async function startNoSuchName(signal: AbortSignal): Promise<string> {
  const socket = createSocket({ type: 'udp4', signal })
  socket.on('message', (question, { address, port }) => {
    const answer = Buffer.from(question)
    answer.writeUInt16BE(0x81_83, 2)
    socket.send(answer, port, address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return `127.0.0.1:${socket.address().port}`
}
