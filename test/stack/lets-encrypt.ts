import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { createServer, request } from 'node:https'
import { join } from 'node:path'
import { isJsonObject, listAt, objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import type { Stack } from './stack.ts'

/** A problem document (RFC 8555 6.7); `retryAfter` is a header, in seconds. */
export type Problem = {
  readonly type: string
  readonly status: number
  readonly detail: string
  readonly retryAfter?: number
}

/** What Let's Encrypt would say where Pebble says something else, or nothing at all; by host where not said
 * otherwise. */
export type Words = {
  /** Instead of taking an order. */
  readonly orders: ReadonlyMap<string, Problem>
  /** Of a challenge that fails at Pebble, too. */
  readonly challenges: ReadonlyMap<string, Problem>
  /** Instead of signing. */
  readonly signing: ReadonlyMap<string, Problem>
  /** Instead of registering an account; by its contact, a URL. */
  readonly accounts: ReadonlyMap<string, Problem>
}

/** Stands before Pebble until the signal, and speaks as Let's Encrypt does. Gives its directory. Pebble makes
 * every URL of the host that it was asked for, so that all requests come here. */
export async function startLetsEncrypt(
  stack: Stack,
  words: Words,
  signal: AbortSignal,
): Promise<string> {
  const [cert, key] = await Promise.all(
    ['pebble.crt', 'pebble.key'].map(async (name) => readFile(join(stack.folder, name))),
  )
  const [port = 0] = await stack.ports(1)
  const hosts = new Map<string, string>()
  const server = createServer({ cert, key }, (asked, response) => {
    answer(asked, response, { pebble: new URL(stack.acme.directory), words, hosts }).catch(
      (error: unknown) => response.destroy(error instanceof Error ? error : undefined),
    )
  })
  signal.addEventListener('abort', () => {
    server.close()
    server.closeAllConnections()
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return `https://127.0.0.1:${port}${DIRECTORY}`
}

/** Named so that it is known for Let's Encrypt's. */
const DIRECTORY = '/acme-v02.api.letsencrypt.org/directory'

type Context = {
  readonly pebble: URL
  readonly words: Words
  /** Whose order a path is for. */
  readonly hosts: Map<string, string>
}

async function answer(
  asked: IncomingMessage,
  response: ServerResponse,
  context: Context,
): Promise<void> {
  const { words, hosts } = context
  const body = await bodyOf(asked)
  const path = asked.url ?? ''
  const payload = payloadOf(body)
  const [contact] = listAt(payload, 'contact')
  const problem =
    words.orders.get(hostIn(payload)) ??
    words.accounts.get(String(contact)) ??
    words.signing.get(hosts.get(path) ?? '')
  if (problem !== undefined) {
    send(response, problem)
    return
  }
  const said = await ask(asked, body, context)
  const json = jsonOf(said.body.toString())
  const finalize = textAt(json, 'finalize')
  if (finalize !== undefined) hosts.set(new URL(finalize).pathname, hostIn(json))
  const text = reworded(json, words) ?? said.body
  response.writeHead(said.status, { ...said.headers, 'content-length': Buffer.byteLength(text) })
  response.end(text)
}

function send(response: ServerResponse, { retryAfter, ...problem }: Problem): void {
  response.writeHead(problem.status, {
    'content-type': 'application/problem+json',
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
  })
  response.end(JSON.stringify(problem))
}

/** An authorization (RFC 8555 7.1.4) whose challenge failed, in Let's Encrypt's words. */
function reworded(json: JsonObject, { challenges }: Words): string | undefined {
  const error = challenges.get(textAt(objectAt(json, 'identifier'), 'value') ?? '')
  if (error === undefined || json['status'] !== 'invalid') return undefined
  const told = listAt(json, 'challenges').filter(isJsonObject)
  return JSON.stringify({
    ...json,
    challenges: told.map((one) => (isJsonObject(one['error']) ? { ...one, error } : one)),
  })
}

type Said = {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

async function ask(asked: IncomingMessage, body: Buffer, { pebble }: Context): Promise<Said> {
  const { method, headers, url = '' } = asked
  const path = url === DIRECTORY ? pebble.pathname : url
  const { hostname: host, port } = pebble
  // Its certificate is the one served here.
  const at = { host, port, method, headers, path, agent: false, rejectUnauthorized: false }
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    request(at, resolve).on('error', reject).end(body)
  })
  const { statusCode: status = 502, headers: told } = incoming
  return { status, headers: told, body: await bodyOf(incoming) }
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  message.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(message, 'end')
  return Buffer.concat(chunks)
}

/** What a signed request asks for (RFC 7515 7.2.2). */
function payloadOf(body: Buffer): JsonObject {
  const payload = textAt(jsonOf(body.toString()), 'payload') ?? ''
  return jsonOf(Buffer.from(payload, 'base64url').toString())
}

/** The first host of an order. */
function hostIn(order: JsonObject): string {
  const first = listAt(order, 'identifiers').find(isJsonObject)
  return textAt(first ?? {}, 'value') ?? ''
}

/** An empty object for what is none: certificates are PEM. */
function jsonOf(text: string): JsonObject {
  if (!text.startsWith('{')) return {}
  const value: unknown = JSON.parse(text)
  return isJsonObject(value) ? value : {}
}
