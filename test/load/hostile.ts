import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { reviewBody } from './review-body.ts'

/** What a hostile client does with a connection: pieces that it sends, and how long it rests (ms)
 * after each. Once all are sent it keeps the connection until the server ends it. */
type Attack = {
  readonly tls: boolean
  readonly pieces: () => Iterable<string | Buffer>
  readonly rest?: number
}

const MB = 'x'.repeat(2 ** 20)

/** Every way we know to cost a server time, memory or connections. */
const ATTACKS: Readonly<Record<string, Attack>> = {
  'a slow body': {
    tls: true,
    rest: 50,
    pieces: () => [post(1000), ...letters(reviewBody('slow'))],
  },
  'slow headers': { tls: true, rest: 50, pieces: () => letters(post(1000)) },
  'a body of 100 MB': { tls: true, pieces: () => [post(100 * 2 ** 20), ...copies(MB, 100)] },
  'a body without an end': { tls: true, pieces: () => [CHUNKED, ...copies(chunk(MB), 1000)] },
  'a body that is begun, and no more': { tls: true, pieces: () => [post(7 * 2 ** 20), MB] },
  'no JSON': { tls: true, pieces: () => whole('{"kind":'.repeat(1000)) },
  'JSON of great depth': { tls: true, pieces: () => whole('['.repeat(2 ** 20)) },
  'JSON of many values': { tls: true, pieces: () => whole(`[${'{},'.repeat(2 ** 21)}{}]`) },
  'a body shorter than said': { tls: true, pieces: () => [post(1000), reviewBody('short')] },
  'a body longer than said': { tls: true, pieces: () => [post(100), reviewBody('long')] },
  'headers without an end': {
    tls: true,
    pieces: () => [post(10).slice(0, -2), ...copies(HEADER, 1e5)],
  },
  'no TLS': { tls: false, pieces: () => copies(randomBytes(2 ** 14), 64) },
  'a handshake that stops': { tls: false, pieces: () => [HELLO] },
  'a connection, and nothing': { tls: false, pieces: () => [] },
}

const CHUNKED = 'POST /validate HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n'
const HEADER = `X-Flood: ${'x'.repeat(1000)}\r\n`
/** The beginning of a TLS ClientHello. */
const HELLO = Buffer.from('1603010200010001fc0303', 'hex')
/** A server that does not end a connection must not hold a client for ever. */
const LONGEST_MS = 3000

/** Runs that many hostile clients at once, of all kinds, until the signal; each starts again when the
 * server has ended its connection. Gives how often each kind has begun. */
export async function hostileClients(
  url: string,
  count: number,
  signal: AbortSignal,
): Promise<Readonly<Record<string, number>>> {
  const kinds = Object.entries(ATTACKS)
  const begun = new Map<string, number>()
  const client = async ([name, attack]: readonly [string, Attack]): Promise<void> => {
    while (!signal.aborted) {
      begun.set(name, (begun.get(name) ?? 0) + 1)
      await attackOnce(url, attack, signal)
    }
  }
  const clients = Array.from({ length: Math.ceil(count / kinds.length) }, () => kinds).flat()
  await Promise.all(clients.slice(0, count).map(client))
  return Object.fromEntries(begun)
}

async function attackOnce(url: string, attack: Attack, signal: AbortSignal): Promise<void> {
  const { hostname: host, port } = new URL(url)
  const at = { host, port: Number(port) }
  const socket = attack.tls ? connectTls({ ...at, rejectUnauthorized: false }) : connect(at)
  const end = (): void => void socket.destroy()
  // Answered: there is nothing more to be had from this one.
  socket.on('error', end).once('data', end)
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  const timer = setTimeout(end, LONGEST_MS)
  signal.addEventListener('abort', end)
  await Promise.all([ended, send(socket, attack, ended)])
  signal.removeEventListener('abort', end)
  clearTimeout(timer)
}

async function send(
  socket: Socket,
  { pieces, rest = 0 }: Attack,
  ended: Promise<void>,
): Promise<void> {
  for (const piece of pieces()) {
    if (socket.destroyed) return
    if (!socket.write(piece)) await Promise.race([drained(socket), ended])
    if (rest > 0) await delay(rest)
  }
}

async function drained(socket: Socket): Promise<void> {
  await new Promise<void>((resolve) => socket.once('drain', resolve))
}

function post(length: number): string {
  return `POST /validate HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`
}

function whole(body: string): Iterable<string> {
  return [post(body.length) + body]
}

function letters(text: string): readonly string[] {
  return Array.from(text)
}

function chunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`
}

function copies<T>(piece: T, count: number): readonly T[] {
  return Array.from({ length: count }, () => piece)
}
