import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingHttpHeaders } from 'node:http'
import { request } from 'node:https'
import { connect } from 'node:net'
import { after, before, suite, test } from 'node:test'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { setTimeout as delay } from 'node:timers/promises'
import { isJsonObject, objectAt } from '../../shared/json/json.ts'
import { routeManifest } from '../stack/route-manifest.ts'
import { servingCa } from '../stack/serving-ca.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { startTlsauto, type Tlsauto } from '../stack/tlsauto.ts'

let stack: Stack
let tlsauto: Tlsauto
let ca: string

before(async () => {
  stack = await startStack()
  tlsauto = await startTlsauto(stack)
  ca = await servingCa(stack)
})

after(async () => {
  await stack.stop()
})

const REVIEW = {
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: 'one',
    operation: 'CREATE',
    namespace: 'default',
    object: routeManifest({
      namespace: 'default',
      name: 'one',
      rules: ['Host(`one.example.com`)'],
    }),
  },
}
const NOT_JSON = 'the body is not JSON, or is cut off'
const NOT_A_REVIEW = 'the body is not an AdmissionReview of admission.k8s.io/v1'
const LATE =
  'tlsauto was too busy to look at this in time; its controller does so once it is stored'
const PLACES = 'there are POST /mutate, POST /validate, POST /hosts, GET /healthz and GET /readyz'

const BAD_REQUESTS = [
  { name: 'an empty body', body: '', status: 400, error: NOT_JSON },
  {
    name: 'a truncated review',
    body: JSON.stringify(REVIEW).slice(0, 200),
    status: 400,
    error: NOT_JSON,
  },
  {
    name: 'something that is not JSON',
    body: 'kind: AdmissionReview',
    status: 400,
    error: NOT_JSON,
  },
  { name: 'a list', body: '[]', status: 400, error: 'the body is not a JSON object' },
  {
    name: 'another kind',
    body: '{"kind":"Pod","apiVersion":"v1"}',
    status: 400,
    error: NOT_A_REVIEW,
  },
  {
    name: 'another API version',
    body: JSON.stringify({ ...REVIEW, apiVersion: 'admission.k8s.io/v1beta1' }),
    status: 400,
    error: NOT_A_REVIEW,
  },
  {
    name: 'no uid',
    body: JSON.stringify({ ...REVIEW, request: { ...REVIEW.request, uid: undefined } }),
    status: 400,
    error: 'the AdmissionReview has no request.uid',
  },
  {
    name: '8 MiB',
    body: JSON.stringify({ ...REVIEW, padding: 'x'.repeat(8 * 2 ** 20) }),
    status: 413,
    error: 'the body is larger than 7 MiB',
  },
  {
    name: '8 MiB of which nobody said how many they are',
    body: JSON.stringify({ ...REVIEW, padding: 'x'.repeat(8 * 2 ** 20) }),
    headers: { 'transfer-encoding': 'chunked' },
    status: 413,
    error: 'the body is larger than 7 MiB',
  },
  {
    name: 'a body that is nested 100,000 deep',
    body: withTls('{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000)),
    status: 400,
    error: 'the body is nested too deep',
  },
  {
    name: 'a body of a million values',
    body: withTls(`[${'{},'.repeat(500_000)}{}]`),
    status: 413,
    error: 'the body has too many values',
  },
  {
    name: 'a compression that nobody knows',
    body: '{}',
    headers: { 'content-encoding': 'zip' },
    status: 415,
    error: 'the body is compressed; send it as it is',
  },
  { name: 'a wrong path', path: '/other', body: '{}', status: 404, error: PLACES },
  { name: 'a wrong method', method: 'GET', body: '', status: 404, error: PLACES },
] as const

suite('a request that is no review gets an error that says so, and the server goes on', () => {
  for (const { name, status, error, ...row } of BAD_REQUESTS) {
    test(name, async () => {
      const answer = await ask({ path: '/mutate', ...row })
      assert.deepEqual(
        { status: answer.status, type: answer.headers['content-type'], body: answer.body },
        { status, type: 'application/json; charset=utf-8', body: { error } },
      )
      await assertAnswers()
    })
  }
})

test('a connection that ends in the middle of a body costs nothing', async () => {
  const { hostname, port } = new URL(tlsauto.url)
  const socket = connectTls({ host: hostname, port: Number(port), ca })
  await once(socket, 'secureConnect')
  socket.write('POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"kind":')
  socket.destroy()
  await once(socket, 'close')
  await assertAnswers()
})

test('keys that mean something to JavaScript are keys like others', async () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']
  const members = names.map((name) => `"${name}":{"allowed":false}`).join()
  const body = withTls(`{${members}}`).replace(
    '"metadata":{',
    `"metadata":{"annotations":{${members}},`,
  )
  const answer = await ask({ path: '/mutate', body })
  const { allowed, patch } = objectAt(answer.body, 'response')
  assert.deepEqual([answer.status, allowed], [200, true])
  const operations: unknown = JSON.parse(Buffer.from(String(patch), 'base64').toString())
  assert.ok(Array.isArray(operations))
  const paths = operations.filter(isJsonObject).map(({ path }) => path)
  const wanted = ['/spec/tls/secretName', '/metadata/annotations/tlsauto.dev~1secret']
  assert.deepEqual(new Set(paths), new Set(wanted))
  await assertAnswers()
})

const DEADLINE = { timeout: 30_000 }

suite('a body that does not come', () => {
  test('is refused in time, and sooner where less time was given', DEADLINE, async () => {
    const [patient, hasty] = await Promise.all([
      begin('/mutate?timeout=10s', 1000),
      begin('/mutate?timeout=200ms', 1000),
    ])
    const order: string[] = []
    const texts = await Promise.all([
      textOf(patient).finally(() => order.push('patient')),
      textOf(hasty).finally(() => order.push('hasty')),
    ])
    for (const text of texts) assert.match(text, /^HTTP\/1.1 408 .*"the body took too long"}$/s)
    assert.deepEqual(order, ['hasty', 'patient'])
    await assertAnswers()
  })

  test(
    'a review that comes to its turn too late is allowed unchanged, with a warning',
    DEADLINE,
    async () => {
      const body = JSON.stringify(REVIEW)
      const socket = await begin('/mutate', body.length, 'Expect: 100-continue\r\n')
      // The server says so once it has seen the headers; and has begun when it answers another.
      assert.match(await firstOf(socket), /100 Continue/)
      await assertAnswers()
      tlsauto.kill('SIGSTOP')
      socket.end(body)
      await delay(700)
      tlsauto.kill('SIGCONT')
      const [, json = ''] = (await textOf(socket)).split('\r\n\r\n')
      assert.deepEqual(parse(json)['response'], {
        uid: 'one',
        allowed: true,
        warnings: [LATE],
        auditAnnotations: { decision: 'late' },
      })
      await assertAnswers()
    },
  )
})

for (const path of ['/healthz', '/readyz']) {
  test(`${path} says ok`, async () => {
    const answer = await ask({ method: 'GET', path, body: '' })
    assert.deepEqual([answer.status, answer.text], [200, 'ok'])
  })
}

suite('the signal that ends the server', () => {
  test('SIGTERM: exit code 0 at once, whoever holds a connection', async () => {
    const { hostname, port } = new URL(tlsauto.url)
    const at = { host: hostname, port: Number(port) }
    // One that has not even begun with TLS, an idle one, and one in the middle of a request.
    const plain = connect(at)
    const idle = connectTls({ ...at, ca })
    const busy = connectTls({ ...at, ca })
    await Promise.all([
      once(plain, 'connect'),
      once(idle, 'secureConnect'),
      once(busy, 'secureConnect'),
    ])
    busy.write('POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{')
    for (const socket of [plain, idle, busy]) socket.on('error', () => undefined)
    assert.deepEqual(await endedBy('SIGTERM'), { code: 0, quickly: true })
    await tlsauto.start()
  })

  test('a request that is under way is answered first', async () => {
    const { hostname, port } = new URL(tlsauto.url)
    const socket = connectTls({ host: hostname, port: Number(port), ca })
    await once(socket, 'secureConnect')
    const body = JSON.stringify(REVIEW)
    const head = `POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`
    // The answer to the first says that the head of the second has been read.
    socket.write(`${head}${body}${head}${body.slice(0, 10)}`)
    await once(socket, 'data')
    const ended = endedBy('SIGTERM')
    socket.write(body.slice(10))
    let answer = ''
    for await (const chunk of socket) answer += String(chunk)
    assert.match(answer, /"uid":"one","allowed":true/)
    assert.deepEqual(await ended, { code: 0, quickly: true })
    await tlsauto.start()
  })

  test('SIGINT: the same', async () => {
    assert.deepEqual(await endedBy('SIGINT'), { code: 0, quickly: true })
    await tlsauto.start()
  })
})

async function endedBy(
  signal: NodeJS.Signals,
): Promise<{ readonly code: number | string; readonly quickly: boolean }> {
  const started = Date.now()
  tlsauto.kill(signal)
  const code = await tlsauto.exit()
  return { code, quickly: Date.now() - started < 7000 }
}

/** A review whose object has this JSON as its `spec.tls`. */
function withTls(json: string): string {
  return JSON.stringify(REVIEW).replace('"spec":{', () => `"spec":{"tls":${json},`)
}

/** Sends the headers of a POST. */
async function begin(path: string, length: number, header = ''): Promise<TLSSocket> {
  const { hostname, port } = new URL(tlsauto.url)
  const socket = connectTls({ host: hostname, port: Number(port), ca })
  await once(socket, 'secureConnect')
  socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n${header}\r\n`)
  return socket
}

async function firstOf(socket: TLSSocket): Promise<string> {
  return new Promise((resolve) => socket.once('data', (chunk) => resolve(String(chunk))))
}

async function textOf(socket: TLSSocket): Promise<string> {
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  return text
}

async function assertAnswers(): Promise<void> {
  const answer = await ask({ path: '/mutate', body: JSON.stringify(REVIEW) })
  assert.deepEqual([answer.status, objectAt(answer.body, 'response')['allowed']], [200, true])
}

type Answer = {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly body: Readonly<Record<string, unknown>>
}

async function ask(input: {
  readonly method?: string
  readonly path: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}): Promise<Answer> {
  const { method = 'POST', path, body, headers = {} } = input
  return new Promise((resolve, reject) => {
    const outgoing = request(tlsauto.url + path, { method, headers, ca }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      answer.on('end', () => {
        resolve({ status: answer.statusCode, headers: answer.headers, text, body: parse(text) })
      })
    })
    outgoing.on('error', reject).end(body)
  })
}

function parse(text: string): Answer['body'] {
  if (!text.startsWith('{')) return {}
  const value: unknown = JSON.parse(text)
  return isJsonObject(value) ? value : {}
}
