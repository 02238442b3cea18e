import { request as plainRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import { request, type RequestOptions } from 'node:https'
import { isJsonObject, textAt, type JsonObject } from '../json/json.ts'
import { parseLossless } from '../json/lossless-json.ts'
import { integerIn } from '../json/number.ts'
import { KubeError, TOO_LARGE } from './kube-error.ts'

/** One request to the API server. */
export type Call = {
  readonly method: string
  readonly path: string
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly body?: unknown
  /** The body's media type; JSON when absent. */
  readonly type?: string
  /** The media type to answer in; JSON when absent. */
  readonly accept?: string
  readonly signal?: AbortSignal | undefined
  /** Whether the answer may go on for ever. */
  readonly streams?: boolean
}

/** What a connection and its requests are authenticated with. */
export type Credentials = Omit<RequestOptions, 'headers'> & { headers: OutgoingHttpHeaders }

/** Gives the answer's head once it is a success; throws a KubeError otherwise. */
export type Transport = (call: Call) => Promise<IncomingMessage>

/** Sends one call and waits for the head of its answer; `timeout` is in milliseconds of silence. */
export async function exchange(
  call: Call,
  to: { readonly url: URL; readonly options: Credentials; readonly timeout: number },
): Promise<IncomingMessage> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const { url, options, timeout } = to
    const body = call.body === undefined ? undefined : JSON.stringify(call.body)
    const headers = { ...options.headers, ...headersOf(call, body) }
    const send = url.protocol === 'http:' ? plainRequest : request
    const outgoing = send(url, { ...options, headers, method: call.method, signal: call.signal })
    outgoing.on('response', resolve)
    outgoing.on('error', (cause: Error) => {
      reject(new KubeError(`${url.host} did not answer: ${cause.message}`, { status: 0, cause }))
    })
    if (call.streams !== true) {
      outgoing.setTimeout(timeout, () =>
        outgoing.destroy(new Error(`no answer within ${timeout / 1000} s`)),
      )
    }
    outgoing.end(body)
  })
  if (answer.statusCode !== undefined && answer.statusCode < 300) return answer
  throw await statusError(answer)
}

/** How an answer's body is read. */
export type Reading = {
  /** Bytes that it may have; of more a KubeError says `TOO_LARGE`. */
  readonly largest?: number | undefined
  /** Reads a JSON text. Throws a SyntaxError. */
  readonly parse?: ((text: string) => unknown) | undefined
}

/** The whole body as a JSON object. */
export async function readObject(
  answer: IncomingMessage,
  { largest, parse }: Reading = {},
): Promise<JsonObject> {
  return parseObject(await readText(answer, largest), parse)
}

/** The JSON objects of a stream, one a line, as they come. */
export async function* readLines(
  answer: IncomingMessage,
  { parse }: Pick<Reading, 'parse'> = {},
): AsyncGenerator<JsonObject> {
  answer.setEncoding('utf8')
  let line = ''
  for await (const chunk of answer as AsyncIterable<string>) {
    const [end = '', ...others] = chunk.split('\n')
    // Only the chunk is searched: a line of many chunks would be searched from its start with each.
    line += end
    for (const next of others) {
      if (line !== '') yield parseObject(line, parse)
      line = next
    }
  }
}

function headersOf(
  call: Call,
  body: string | undefined,
): Readonly<Record<string, string | number>> {
  const json = 'application/json'
  const accept = call.accept ?? json
  if (body === undefined) return { accept }
  const length = Buffer.byteLength(body)
  return { accept, 'content-type': call.type ?? json, 'content-length': length }
}

/** Seconds. A proxy that asks for more is not believed. */
const PATIENCE = { least: 0, most: 3600 }

async function statusError(answer: IncomingMessage): Promise<KubeError> {
  const body = await readText(answer)
  const status = answer.statusCode ?? 0
  const retryAfter = integerIn(answer.headers['retry-after'] ?? '', PATIENCE)
  const detail = retryAfter === undefined ? { status } : { status, retryAfter }
  try {
    const parsed = parseObject(body)
    const message = textAt(parsed, 'message') ?? `HTTP ${status}`
    return new KubeError(message, { ...detail, reason: textAt(parsed, 'reason') ?? '' })
  } catch {
    // A proxy in between answers in its own words.
    return new KubeError(`HTTP ${status}: ${body.slice(0, 200)}`, detail)
  }
}

async function readText(answer: IncomingMessage, largest = Infinity): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      bytes += chunk.length
      // To leave the loop ends the connection.
      if (bytes > largest) break
    }
  } catch (cause) {
    throw new KubeError('the answer was cut off', { status: 0, cause })
  }
  if (bytes > largest) {
    const message = `the answer has more than ${largest} bytes`
    throw new KubeError(message, { status: 0, reason: TOO_LARGE })
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parseObject(body: string, parse: Reading['parse'] = parseLossless): JsonObject {
  const value = parse(body)
  if (!isJsonObject(value)) throw new KubeError('the answer is not a JSON object', { status: 0 })
  return value
}
