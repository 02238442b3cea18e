import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import { text } from 'node:stream/consumers'
import { isJsonObject, type JsonObject } from '../../shared/json/json.ts'

/** A request as it came. */
export type Forward = {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** The API server behind the proxy. */
export type Upstream = {
  /** Asks it what the client asked, with the client's credentials. */
  send(forward: Forward): Promise<IncomingMessage>
  /** Asks it on the proxy's own account, which may read everything. */
  read(url: string): Promise<{ readonly status: number; readonly body: string }>
  /** The object at a URL, or undefined when there is none. */
  find(url: string): Promise<JsonObject | undefined>
}

/** Connects to a server with that CA; the token is the proxy's own. */
export function createUpstream(to: {
  readonly server: string
  readonly ca: Buffer
  readonly token: string
}): Upstream {
  const { server, ca, token } = to
  const agent = new Agent({ keepAlive: true, ca })
  const { host } = new URL(server)
  const send = async ({ method, url, headers, body }: Forward): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const outgoing = request(new URL(server + url), {
        agent,
        method,
        headers: { ...headers, host },
      })
      outgoing.on('response', resolve).on('error', reject)
      outgoing.end(body)
    })
  const read: Upstream['read'] = async (url) => {
    const headers = { authorization: `Bearer ${token}`, accept: 'application/json' }
    const answer = await send({ method: 'GET', url, headers, body: '' })
    return { status: answer.statusCode ?? 0, body: await text(answer) }
  }
  return {
    send,
    read,
    find: async (url) => {
      const { status, body } = await read(new URL(url, server).pathname)
      const object: unknown = status === 200 ? JSON.parse(body) : undefined
      return isJsonObject(object) ? object : undefined
    },
  }
}
