import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'

/** A keep-alive connection to the server, which costs the client as little as can be: what is measured
 * is the server. */
export type KeepAlive = {
  /** Posts a body, and waits for the answer. Throws when the connection ends before. */
  post(path: string, body: string): Promise<Posted>
  close(): void
}

export type Posted = { readonly status: number; readonly body: string }

/** Connects, and verifies the server by `ca`. */
export async function openKeepAlive(url: string, ca: string): Promise<KeepAlive> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), ca })
  await once(socket, 'secureConnect')
  socket.setNoDelay().setEncoding('latin1')
  const answers = readAnswers(socket)
  return {
    post: async (path, body) => {
      const head = `POST ${path} HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`
      const answer = answers.next()
      socket.write(head + body)
      return answer
    },
    close: () => socket.destroy(),
  }
}

/** Whole answers, one after the other, that have a Content-Length: which counts bytes, as this text does. */
function readAnswers(socket: TLSSocket): { next(): Promise<Posted> } {
  let text = ''
  let waiting: PromiseWithResolvers<Posted> | undefined
  const fail = (error: Error): void => {
    waiting?.reject(error)
    waiting = undefined
  }
  socket.on('data', (chunk: string) => {
    text += chunk
    const [head, status = '', length = ''] = HEAD.exec(text) ?? ['']
    const end = head.length + Number(length)
    if (head === '' || text.length < end) return
    waiting?.resolve({ status: Number(status), body: utf8(text.slice(head.length, end)) })
    text = text.slice(end)
  })
  socket.on('error', fail)
  socket.on('close', () => fail(new Error('the connection ended')))
  return {
    next: async () => {
      waiting = Promise.withResolvers<Posted>()
      if (socket.destroyed) fail(new Error('the connection has ended'))
      return waiting.promise
    },
  }
}

function utf8(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString()
}

const HEAD = /^HTTP\/1\.1 (\d{3})[^]*?\r\ncontent-length: (\d+)\r\n[^]*?\r\n\r\n/i
