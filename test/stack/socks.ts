import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** What the network around cert-manager is made of. */
export type Ways = {
  /** IP:PORT of the DNS server. */
  readonly resolver: string
  /** What stands for a port, such as 80: the stack has no right to listen there. */
  readonly ports: ReadonlyMap<number, number>
}

/** A SOCKS5 proxy (RFC 1928) until the signal: the network that cert-manager's own check of a challenge goes
 * through, since the machine's neither knows the stack's names nor has Traefik on port 80. `ways` is asked at
 * each connection. Gives its URL. */
export async function startSocks(ways: () => Ways, signal: AbortSignal): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    serve(socket, ways()).catch(() => socket.destroy())
  })
  signal.addEventListener('abort', () => {
    server.close()
    sockets.forEach((socket) => socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return `socks5://127.0.0.1:${port ?? 0}`
}

const VERSION = 5
const BY_NAME = 3
const UNREACHABLE = 4
const REFUSED = 5

async function serve(socket: Socket, { resolver, ports }: Ways): Promise<void> {
  await once(socket, 'data')
  socket.write(Buffer.from([VERSION, 0]))
  const { name, port } = targetOf(await nextOf(socket))
  const client = new Resolver({ timeout: 1000, tries: 1 })
  client.setServers([resolver])
  const [host] = await client.resolve4(name).catch(() => [])
  if (host === undefined) {
    socket.end(reply(UNREACHABLE))
    return
  }
  const onward = connect({ host, port: ports.get(port) ?? port })
  socket.once('close', () => onward.destroy())
  onward.once('error', () => socket.end(reply(REFUSED)))
  onward.once('connect', () => {
    socket.write(reply(0))
    socket.pipe(onward).pipe(socket)
  })
}

async function nextOf(socket: Socket): Promise<Buffer> {
  return new Promise((resolve) => {
    socket.once('data', (data: Buffer) => resolve(data))
  })
}

/** A request to connect to a name: cert-manager asks for nothing else. */
function targetOf(request: Buffer): { readonly name: string; readonly port: number } {
  const [, , , type, length = 0] = request
  if (type !== BY_NAME) throw new Error(`SOCKS: an address of type ${String(type)}`)
  return { name: request.toString('latin1', 5, 5 + length), port: request.readUInt16BE(5 + length) }
}

function reply(code: number): Buffer {
  return Buffer.from([VERSION, code, 0, 1, 0, 0, 0, 0, 0, 0])
}
