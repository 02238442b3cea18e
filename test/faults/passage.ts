import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { refused, reply, type Answer } from './answer.ts'
import { isWrite, readApiRequest, type ApiRequest } from './api-request.ts'
import type { Script } from './script.ts'
import type { Forward, Upstream } from './upstream.ts'
import { createWatchStream } from './watch-stream.ts'
import { readWrite, type LoggedWrite } from './write-log.ts'

/** What every request passes by. */
export type Passage = {
  readonly upstream: Upstream
  readonly script: Script
  /** Every write that was carried out. */
  readonly writes: LoggedWrite[]
  /** The last list of each URL. */
  readonly lists: Map<string, string>
  /** Ends tlsauto at once. */
  readonly kill: () => void
}

type Exchange = Passage & {
  readonly forward: Forward
  readonly about: ApiRequest
  readonly out: ServerResponse
}

const LATE_MS = 1000

/** Passes one request on, or does to it what the script says. */
export async function pass(
  passage: Passage,
  incoming: IncomingMessage,
  out: ServerResponse,
): Promise<void> {
  const { method = 'GET', url = '/', headers } = incoming
  const forward = { method, url, headers, body: await text(incoming) }
  const about = readApiRequest(method, url)
  if (about === undefined) {
    reply(out, await ask(passage, forward))
    return
  }
  const exchange = { ...passage, forward, about, out }
  if (about.verb === 'watch') await watch(exchange)
  else if (about.verb === 'list') await list(exchange)
  else if (isWrite(about)) await write(exchange)
  else reply(out, await ask(passage, forward))
}

async function list(exchange: Exchange): Promise<void> {
  const { script, lists, forward, about, out } = exchange
  const deed = script.next('list', about.resource)
  const old = lists.get(forward.url)
  if (deed === 'old' && old !== undefined) {
    reply(out, { status: 200, type: 'application/json', body: old })
    return
  }
  if (refused(deed, out)) return
  const answer = await ask(exchange, forward)
  if (!forward.url.includes('continue=')) lists.set(forward.url, answer.body)
  reply(out, answer)
}

async function watch({ upstream, script, kill, forward, about, out }: Exchange): Promise<void> {
  if (refused(script.next('watch', about.resource), out)) return
  const answer = await upstream.send(forward)
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

async function write(exchange: Exchange): Promise<void> {
  const { script, kill, about, out } = exchange
  const deed = script.concerns(about.namespace) ? script.next('write') : undefined
  if (deed === 'kill-before') {
    kill()
    out.destroy()
    return
  }
  if (refused(deed, out)) return
  if (deed === 'late') await delay(LATE_MS)
  const answer = await carryOut(exchange)
  if (deed === 'kill-after') kill()
  if (deed === 'kill-after' || deed === 'reset-after') out.destroy()
  else reply(out, answer)
}

async function carryOut(exchange: Exchange): Promise<Answer> {
  const { upstream, writes, forward, about } = exchange
  const before = about.verb === 'patch' ? await upstream.find(forward.url) : undefined
  const answer = await ask(exchange, forward)
  const done = readWrite(about, { ...answer, before })
  if (done !== undefined) writes.push(done)
  return answer
}

async function ask({ upstream }: Passage, forward: Forward): Promise<Answer> {
  const answer = await upstream.send(forward)
  const type = answer.headers['content-type']
  return { status: answer.statusCode ?? 500, type, body: await text(answer) }
}
