import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { isJsonObject, textAt } from '../../shared/json/json.ts'

/** Somebody in the cluster's network who wants a port to answer nobody else. */
export type Flood = {
  /** Ends it; gives how often it was connected. */
  stop(): Promise<number>
}

/** What each connection does, once it is there. */
export const FLOODS = {
  silence: 'says nothing',
  'half a header': 'begins a request, and sends no more of it',
  'slow bodies': 'sends a review byte by byte',
  handshakes: 'shakes hands, and comes again',
  pipeline: 'asks a thousand times at once, and comes again',
  'no reader': 'asks a thousand times at once, and reads no answer',
  holder: 'asks now and then, to keep its place',
} as const

export type FloodKind = keyof typeof FLOODS

type Target = { readonly kind: FloodKind; readonly url: string; readonly connections: number }

/** An address of its own, as a Pod has. */
const FROM = '127.0.0.2'

/** Begins it, from a thread of its own: settles when the first of its connections were made. */
export async function startFlood(target: Target): Promise<Flood> {
  const { kind, url, connections } = target
  const data = { kind, url, connections: String(connections) }
  const worker = new Worker(new URL(import.meta.url), { workerData: data })
  await once(worker, 'message')
  return {
    stop: async () => {
      const made = once(worker, 'message')
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
      worker.postMessage('stop')
      const messages: readonly unknown[] = await made
      await worker.terminate()
      return Number(messages[0])
    },
  }
}

const REQUESTS: Readonly<Record<FloodKind, (path: string) => string>> = {
  silence: () => '',
  'half a header': (path) => `GET ${path} HTTP/1.1\r\nhost: x\r\nx-long: ${'x'.repeat(4000)}`,
  'slow bodies': () =>
    'POST /hosts?timeout=1s HTTP/1.1\r\nhost: x\r\ncontent-length: 3000000\r\n\r\n{',
  handshakes: () => '',
  pipeline: (path) => `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`.repeat(1000),
  'no reader': (path) => `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`.repeat(1000),
  holder: (path) => `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`,
}

function flood({ kind, url, connections }: Target): void {
  const { hostname: host, port, pathname, protocol } = new URL(url)
  const at = { host, port: Number(port), localAddress: FROM }
  const text = REQUESTS[kind](pathname)
  let made = 0
  const open = (): void => {
    const socket: Socket =
      protocol === 'http:' || kind === 'silence'
        ? connectTcp(at)
        : connectTls({ ...at, rejectUnauthorized: false })
    const timer = setInterval(() => again(socket), 1000)
    socket.on('error', () => undefined)
    socket.once('close', () => {
      clearInterval(timer)
      setTimeout(open, 20)
    })
    socket.once(protocol === 'http:' || kind === 'silence' ? 'connect' : 'secureConnect', () => {
      made += 1
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
      if (made === Math.min(connections, 30)) parentPort?.postMessage('begun')
      if (text !== '') socket.write(text)
      if (kind === 'handshakes') socket.destroy()
      if (kind !== 'no reader') socket.resume()
    })
  }
  const again = (socket: Socket): void => {
    if (kind === 'slow bodies' || kind === 'half a header') socket.write('x')
    if (kind === 'holder' || kind === 'pipeline') socket.write(text)
  }
  for (let count = 0; count < connections; count += 1) open()
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
  parentPort?.once('message', () => parentPort?.postMessage(made))
}

if (!isMainThread) {
  const data: unknown = workerData
  const read = (key: string): string => (isJsonObject(data) ? (textAt(data, key) ?? '') : '')
  const kinds = Object.keys(FLOODS).filter((kind): kind is FloodKind => kind === read('kind'))
  for (const kind of kinds) {
    flood({ kind, url: read('url'), connections: Number(read('connections')) })
  }
}
