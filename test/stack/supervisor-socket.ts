import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { isJsonObject, textAt } from '../../shared/json/json.ts'
import { ROOT } from './build-all.ts'

/** What the supervisor of `make up` tells whoever connects to it, a line of JSON each. */
export type News =
  | { readonly kind: 'pid'; readonly pid: number }
  | { readonly kind: 'step'; readonly text: string }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly text: string }

/** What ends it, sent to it as a line. */
export const STOP = 'stop\n'

/** The supervisor's address: a socket in Linux' abstract namespace, one for each work tree. Only one
 * process can listen there, and with that process it is gone: no stale pid is ever taken for it. */
export const SUPERVISOR_ADDRESS = `\0tlsauto-up-${createHash('sha256').update(ROOT).digest('hex').slice(0, 32)}`

/** A connection to the running supervisor; undefined when none runs. */
export async function connectToSupervisor(): Promise<Socket | undefined> {
  const socket = connect(SUPERVISOR_ADDRESS)
  try {
    await once(socket, 'connect')
    return socket
  } catch {
    // Refused is the only answer of an address without a listener.
    return undefined
  }
}

/** All that the supervisor says, until it ends the connection. */
export async function* readNews(socket: Socket): AsyncGenerator<News> {
  const lines = createInterface({ input: socket })
  // A supervisor that dies resets the connection: that is an end as well.
  socket.on('error', () => socket.destroy()).on('close', () => lines.close())
  for await (const line of lines) {
    const news = parseNews(line)
    if (news !== undefined) yield news
  }
}

/** News as it travels. */
export function newsLine(news: News): string {
  return `${JSON.stringify(news)}\n`
}

function parseNews(line: string): News | undefined {
  const value: unknown = JSON.parse(line)
  if (!isJsonObject(value)) return undefined
  const text = textAt(value, 'text') ?? ''
  switch (value['kind']) {
    case 'pid':
      return { kind: 'pid', pid: Number(value['pid']) }
    case 'step':
      return { kind: 'step', text }
    case 'ready':
      return { kind: 'ready' }
    case 'failed':
      return { kind: 'failed', text }
    default:
      return undefined
  }
}
