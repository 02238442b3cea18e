import { readFileSync } from 'node:fs'
import {
  createServer as createPlainServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import { Agent, createServer, request as send } from 'node:https'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { isJsonObject, listAt, objectAt, textAt } from '../../shared/json.ts'
import { isWrite, readApiRequest, type ApiRequest } from './api-request.ts'
import { parseFault, type Deed } from './fault.ts'
import { createScript } from './script.ts'
import { statusObject } from './status-answer.ts'
import { createWatchStream } from './watch-stream.ts'
import { readWrite, type LoggedWrite } from './write-log.ts'

/** Stands between tlsauto and the API server and does what the script says. Told what to do over a
 * port of its own (`proxy-control.ts`). Arguments: the JSON of `ProxyConfig`. */
export type ProxyConfig = {
  readonly port: number
  readonly controlPort: number
  readonly upstream: string
  /** PEM files: the API server's CA, and our own certificate. */
  readonly ca: string
  readonly cert: string
  readonly key: string
  /** Of a user who may read everything. */
  readonly token: string
}

const LATE_MS = 1000

if (import.meta.main) {
  const [, , argument = '{}'] = process.argv
  const config: unknown = JSON.parse(argument)
  if (!isJsonObject(config)) throw new Error('no configuration')
  startProxy({
    port: Number(config['port']),
    controlPort: Number(config['controlPort']),
    upstream: textAt(config, 'upstream') ?? '',
    ca: textAt(config, 'ca') ?? '',
    cert: textAt(config, 'cert') ?? '',
    key: textAt(config, 'key') ?? '',
    token: textAt(config, 'token') ?? '',
  })
}

/** Listens until the process ends. */
export function startProxy(config: ProxyConfig): void {
  const agent = new Agent({ keepAlive: true, ca: readFileSync(config.ca) })
  const script = createScript()
  const writes: LoggedWrite[] = []
  const oldLists = new Map<string, string>()
  let pid: number | undefined

  const kill = (): void => {
    if (pid === undefined) return
    process.kill(pid, 'SIGKILL')
    pid = undefined
  }

  const upstream = async (from: Forward): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const outgoing = send(new URL(config.upstream + from.url), {
        agent,
        method: from.method,
        headers: from.headers,
      })
      outgoing.on('response', resolve).on('error', reject)
      outgoing.end(from.body)
    })

  const asAdmin = async (url: string): Promise<{ status: number; body: string }> => {
    const headers = { authorization: `Bearer ${config.token}`, accept: 'application/json' }
    const answer = await upstream({ method: 'GET', url, headers, body: '' })
    return { status: answer.statusCode ?? 0, body: await text(answer) }
  }

  const versionAt = async (url: string): Promise<string | undefined> => {
    const { pathname } = new URL(url, config.upstream)
    const { status, body } = await asAdmin(pathname)
    const object: unknown = status === 200 ? JSON.parse(body) : undefined
    return isJsonObject(object)
      ? textAt(objectAt(object, 'metadata'), 'resourceVersion')
      : undefined
  }

  const onRequest = async (incoming: IncomingMessage, out: ServerResponse): Promise<void> => {
    const { method = 'GET', url = '/' } = incoming
    const headers = { ...incoming.headers, host: new URL(config.upstream).host }
    const forward = { method, url, headers, body: await text(incoming) }
    const about = readApiRequest(method, url)
    if (about === undefined) await plain(forward, out)
    else if (about.verb === 'watch') await watch(forward, { about, out })
    else if (about.verb === 'list') await list(forward, { about, out })
    else if (isWrite(about)) await write(forward, { about, out })
    else await plain(forward, out)
  }

  const plain = async (from: Forward, out: ServerResponse): Promise<string> => {
    const answer = await upstream(from)
    const body = await text(answer)
    reply(out, { status: answer.statusCode ?? 500, type: answer.headers['content-type'], body })
    return body
  }

  const list = async (from: Forward, { about, out }: Exchange): Promise<void> => {
    const deed = script.next('list', about.resource)
    const old = oldLists.get(from.url)
    if (deed === 'old' && old !== undefined) {
      reply(out, { status: 200, type: 'application/json', body: old })
      return
    }
    if (refused(deed, out)) return
    const body = await plain(from, out)
    // Known from now on; filled anew when a plan is armed.
    if (!from.url.includes('continue=')) oldLists.set(from.url, body)
  }

  const watch = async (from: Forward, { about, out }: Exchange): Promise<void> => {
    if (refused(script.next('watch', about.resource), out)) return
    const answer = await upstream(from)
    out.on('close', () => answer.destroy())
    out.writeHead(answer.statusCode ?? 500, { 'content-type': 'application/json' })
    out.flushHeaders()
    const stream = createWatchStream({ kind: about.resource, script, out, kill })
    let rest = ''
    answer.setEncoding('utf8')
    answer.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (line !== '') stream.line(line)
    })
    answer.on('error', () => out.destroy())
    answer.on('end', stream.end)
  }

  const write = async (from: Forward, { about, out }: Exchange): Promise<void> => {
    const deed = script.concerns(about.namespace) ? script.next('write') : undefined
    if (deed === 'kill-before') kill()
    if (deed?.endsWith('-before') === true) {
      out.destroy()
      return
    }
    if (refused(deed, out)) return
    if (deed === 'late') await delay(LATE_MS)
    const answer = await carryOut(from, about)
    if (deed === 'kill-after') kill()
    if (deed?.endsWith('-after') === true) out.destroy()
    else reply(out, answer)
  }

  const carryOut = async (from: Forward, about: ApiRequest): Promise<Reply> => {
    const before = about.verb === 'patch' ? await versionAt(from.url) : undefined
    const answer = await upstream(from)
    const body = await text(answer)
    const status = answer.statusCode ?? 500
    const done = readWrite(about, { status, body, before })
    if (done !== undefined) writes.push(done)
    return { status, type: answer.headers['content-type'], body }
  }

  createServer({ cert: readFileSync(config.cert), key: readFileSync(config.key) }, (from, out) => {
    void onRequest(from, out).catch((error: unknown) => {
      process.stderr.write(`${String(error)}\n`)
      out.destroy()
    })
  }).listen(config.port, '127.0.0.1')

  /** `{pid}`, `{namespace, faults}` or `{}`; the answer is the state, with the writes from `since` on. */
  const onControl = async (incoming: IncomingMessage, out: ServerResponse): Promise<void> => {
    const told: unknown = JSON.parse(await text(incoming))
    if (!isJsonObject(told)) throw new Error('no object')
    if (typeof told['pid'] === 'number') pid = told['pid']
    const namespace = textAt(told, 'namespace')
    if (namespace !== undefined) {
      for (const url of oldLists.keys()) oldLists.set(url, (await asAdmin(url)).body)
      script.arm(namespace, listAt(told, 'faults').map(String).map(parseFault))
    }
    const since = typeof told['since'] === 'number' ? told['since'] : writes.length
    const state = {
      pending: script.pending().length,
      writes: writes.slice(since),
      total: writes.length,
      passed: { write: script.passed('write'), event: script.passed('event') },
    }
    reply(out, { status: 200, type: 'application/json', body: JSON.stringify(state) })
  }

  createPlainServer((from, out) => {
    void onControl(from, out).catch((error: unknown) => {
      reply(out, { status: 400, type: 'text/plain', body: String(error) })
    })
  }).listen(config.controlPort, '127.0.0.1')
}

type Forward = {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

type Exchange = { readonly about: ApiRequest; readonly out: ServerResponse }

type Reply = { readonly status: number; readonly type: string | undefined; readonly body: string }

function reply(out: ServerResponse, { status, type = 'application/json', body }: Reply): void {
  out.writeHead(status, { 'content-type': type })
  out.end(body)
}

/** Whether the deed was an answer in the API server's place, or none at all. */
function refused(deed: Deed | undefined, out: ServerResponse): boolean {
  if (deed === 'reset') {
    out.destroy()
    return true
  }
  const code = Number(/^answer-(\d+)$/.exec(deed ?? '')?.[1])
  if (Number.isNaN(code)) return false
  const headers = code === 429 ? { 'retry-after': '1' } : {}
  out.writeHead(code, { 'content-type': 'application/json', ...headers })
  out.end(JSON.stringify(statusObject(code)))
  return true
}
