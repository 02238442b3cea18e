import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'

/** A DNS server before another one. It knows nothing of some names (RFC 1035 4.1.1: RCODE 3), does not answer
 * for others, serves a zone whose updates it takes and loses (RFC 2136), and passes on all else. */
export type DnsFront = {
  /** IP:PORT. */
  readonly address: string
  /** From now on there is no such name. */
  readonly forget: (name: string) => void
  /** From now on nothing is said of it. */
  readonly mute: (name: string) => void
}

/** Listens until the signal. */
export async function startDnsFront(about: {
  readonly upstream: string
  readonly zone: string
  readonly signal: AbortSignal
}): Promise<DnsFront> {
  const { upstream, zone, signal } = about
  const forgotten = new Set<string>()
  const muted = new Set<string>()
  const socket = createSocket({ type: 'udp4', signal })
  socket.on('message', (question, { address, port }) => {
    if (muted.has(asked(question).name)) return
    const own = ownAnswer(question, { zone, forgotten })
    if (own === undefined) passOn(question, { upstream, socket, to: { address, port } })
    else socket.send(own, port, address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  await listenOnTcp(socket.address().port, { ...about, forgotten })
  return {
    address: `127.0.0.1:${socket.address().port}`,
    forget: (name) => {
      forgotten.add(name)
    },
    mute: (name) => {
      muted.add(name)
    },
  }
}

/** The same over TCP (RFC 1035 4.2.2: two bytes of length before each message), as Pebble asks. */
async function listenOnTcp(
  port: number,
  about: {
    readonly upstream: string
    readonly zone: string
    readonly signal: AbortSignal
    readonly forgotten: ReadonlySet<string>
  },
): Promise<void> {
  const { upstream, zone, signal, forgotten } = about
  const [host = '', upstreamPort] = upstream.split(':')
  const server = createServer((client) => {
    client.on('error', () => client.destroy())
    client.once('data', (framed: Buffer) => {
      const own = ownAnswer(framed.subarray(2), { zone, forgotten })
      if (own !== undefined) {
        const length = Buffer.alloc(2)
        length.writeUInt16BE(own.length)
        client.end(Buffer.concat([length, own]))
        return
      }
      const onward = connect({ host, port: Number(upstreamPort) })
      onward.on('error', () => client.destroy())
      onward.write(framed)
      onward.pipe(client)
      client.pipe(onward)
    })
  })
  signal.addEventListener('abort', () => server.close())
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
}

const UPDATE = 5
const SOA = 6
const NO_SUCH_NAME = 0x81_83
const FOUND = 0x81_80
const UPDATED = 0xa8_00
const HEADER_LENGTH = 12

function ownAnswer(
  question: Buffer,
  { zone, forgotten }: { readonly zone: string; readonly forgotten: ReadonlySet<string> },
): Buffer | undefined {
  if (((question[2] ?? 0) >> 3) % 16 === UPDATE) return headerWith(question, UPDATED)
  const { name, type } = asked(question)
  if (forgotten.has(name)) return flagged(question, NO_SUCH_NAME)
  if (type !== SOA) return undefined
  return name === zone ? soaAnswer(question) : flagged(question, NO_SUCH_NAME)
}

function asked(question: Buffer): { readonly name: string; readonly type: number } {
  const labels: string[] = []
  let at = HEADER_LENGTH
  for (let length = question[at] ?? 0; length > 0; length = question[at] ?? 0) {
    labels.push(question.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.').toLowerCase(), type: question.readUInt16BE(at + 1) }
}

function flagged(question: Buffer, flags: number): Buffer {
  const answer = Buffer.from(question)
  answer.writeUInt16BE(flags, 2)
  return answer
}

/** No section at all. */
function headerWith(question: Buffer, flags: number): Buffer {
  const header = flagged(question.subarray(0, HEADER_LENGTH), flags)
  return header.fill(0, 4)
}

/** The zone's SOA record (RFC 1035 3.3.13), its names pointing to the question's. */
function soaAnswer(question: Buffer): Buffer {
  const end = question.indexOf(0, HEADER_LENGTH) + 5
  const record = Buffer.alloc(36)
  const pointer = 0xc0_00 + HEADER_LENGTH
  ;[pointer, SOA, 1, 0, 1, 24, pointer, pointer].forEach((value, index) => {
    record.writeUInt16BE(value, index * 2)
  })
  const answer = Buffer.concat([flagged(question.subarray(0, end), FOUND), record])
  ;[1, 1, 0, 0].forEach((count, index) => answer.writeUInt16BE(count, 4 + index * 2))
  return answer
}

/** Whoever does not hear back asks again. */
function passOn(
  question: Buffer,
  about: {
    readonly upstream: string
    readonly socket: Socket
    readonly to: { readonly address: string; readonly port: number }
  },
): void {
  const { upstream, socket, to } = about
  const [host = '', port] = upstream.split(':')
  const once = createSocket({ type: 'udp4', signal: AbortSignal.timeout(5000) })
  once.on('error', () => once.close())
  once.on('message', (answer) => {
    once.close()
    socket.send(answer, to.port, to.address)
  })
  once.send(question, Number(port), host)
}
