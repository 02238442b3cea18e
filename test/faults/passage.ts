import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { errorEvent, refused, reply, type Answer } from './answer.ts'
import type { Deed } from './fault.ts'
import { isWrite, readApiRequest, type ApiRequest } from './api-request.ts'
import type { OwnLease } from './own-lease.ts'
import type { Script } from './script.ts'
import type { Forward, Upstream } from './upstream.ts'
import { createWatchStream } from './watch-stream.ts'
import { readWrite, type LoggedWrite } from './write-history.ts'

/** What every request passes by. */
export type Passage = {
  readonly upstream: Upstream
  readonly script: Script
  /** Every write that was carried out. */
  readonly writes: LoggedWrite[]
  /** Those that the API server has not answered yet: what they change may be seen before. */
  readonly underWay: Set<Forward>
  /** The last list of each URL. */
  readonly lists: Map<string, string>
  /** In the place of the cluster's, where there is one. */
  readonly lease: OwnLease | undefined
  /** Goes over to the second API server, which is behind. */
  readonly goElsewhere: () => void
  /** The watches that are open. */
  readonly watches: Set<ServerResponse>
  /** Have tlsauto, or etcd, stand still for a while. */
  readonly pause: () => void
  readonly freeze: () => void
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
  if (passage.lease !== undefined && about.resource === 'leases') {
    reply(out, passage.lease(forward))
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

async function watch(exchange: Exchange): Promise<void> {
  const { upstream, script, watches, kill, goElsewhere, forward, about, out } = exchange
  const deed = script.next('watch', about.resource)
  // An API server that has forgotten the place may say so only once the watch has begun.
  if (deed === 'gone') reply(out, { status: 200, type: undefined, body: `${errorEvent(410)}\n` })
  if (deed === 'gone' || refused(deed, out)) return
  const answer = await upstream.send(forward)
  watches.add(out)
  out.on('close', () => {
    watches.delete(out)
    answer.destroy()
  })
  out.writeHead(answer.statusCode ?? 500, { 'content-type': 'application/json' })
  out.flushHeaders()
  const stream = createWatchStream({ kind: about.resource, script, out, kill, goElsewhere })
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
  const { script, about, out } = exchange
  const deed = script.concerns(about.namespace) ? script.next('write') : undefined
  if (deed === 'kill-before') {
    exchange.kill()
    out.destroy()
    return
  }
  if (refused(deed, out)) return
  await before(deed, exchange)
  const answer = await carryOut(exchange)
  after(deed, exchange)
  if (deed === 'kill-after' || deed === 'reset-after') out.destroy()
  else reply(out, answer)
}

async function before(deed: Deed | undefined, exchange: Exchange): Promise<void> {
  if (deed === 'late') await delay(LATE_MS)
  if (deed === 'freeze') exchange.freeze()
  if (deed === 'elsewhere') exchange.goElsewhere()
}

function after(deed: Deed | undefined, exchange: Exchange): void {
  if (deed === 'kill-after') exchange.kill()
  if (deed === 'pause') exchange.pause()
}

async function carryOut(exchange: Exchange): Promise<Answer> {
  const { upstream, writes, underWay, forward, about } = exchange
  underWay.add(forward)
  try {
    const before = about.verb === 'patch' ? await upstream.find(forward.url) : undefined
    const answer = await ask(exchange, forward)
    const done = readWrite(about, { ...answer, before })
    if (done !== undefined) writes.push(done)
    return answer
  } finally {
    underWay.delete(forward)
  }
}

async function ask({ upstream }: Passage, forward: Forward): Promise<Answer> {
  const answer = await upstream.send(forward)
  const type = answer.headers['content-type']
  return { status: answer.statusCode ?? 500, type, body: await text(answer) }
}
