import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createPlainServer } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { TLSSocket } from 'node:tls'
import type { JsonObject } from '../../shared/json.ts'
import { makeServingCertificate } from '../../webhook/serving-certificate.ts'

/** The executable as it is built: its runtime is not Node, and brings a TLS of its own. */
const PLUGIN = join(import.meta.dirname, '..', '..', 'dist', 'kubectl-tlsauto')

let folder = ''
let secure: Server
let plain: Server
let cluster: JsonObject
let identity: { readonly cert: string; readonly key: string }

/** As whom each request came. */
let callers: string[] = []

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tlsauto-kubeconfig-'))
  const made = await makeServingCertificate(['127.0.0.1'])
  identity = { cert: made.cert, key: made.key }
  secure = createServer(
    { ...identity, ca: made.ca, requestCert: true, rejectUnauthorized: false },
    answer,
  ).listen(0, '127.0.0.1')
  plain = createPlainServer(answer).listen(0, '127.0.0.1')
  await Promise.all([once(secure, 'listening'), once(plain, 'listening')])
  await write('ca.crt', made.ca)
  await write('client.crt', made.cert)
  await write('client.key', made.key)
  cluster = { server: address('https', secure), 'certificate-authority-data': base64(made.ca) }
})

after(async () => {
  secure.close()
  plain.close()
  await rm(folder, { recursive: true })
})

beforeEach(() => {
  callers = []
})

test('a client certificate in the kubeconfig', async () => {
  const user = {
    'client-certificate-data': base64(identity.cert),
    'client-key-data': base64(identity.key),
  }
  await reaches(await write('inline', config({ user })), 'certificate')
})

test('a client certificate and a CA in files beside the kubeconfig', async () => {
  const user = { 'client-certificate': 'client.crt', 'client-key': 'client.key' }
  const { server } = cluster
  const files = { server, 'certificate-authority': 'ca.crt' }
  await reaches(await write('files', config({ user, cluster: files })), 'certificate')
})

test('a token', async () => {
  await reaches(await write('token', config({ user: { token: 'abc' } })), 'Bearer abc')
})

test('a server whose certificate is not to be checked', async () => {
  const { server } = cluster
  const unchecked = { server, 'insecure-skip-tls-verify': true }
  const path = await write('insecure', config({ user: { token: 'abc' }, cluster: unchecked }))
  await reaches(path, 'Bearer abc')
})

test('a server without TLS, such as kubectl proxy', async () => {
  const open = { server: address('http', plain) }
  await reaches(
    await write('plain', config({ user: { token: 'abc' }, cluster: open })),
    'Bearer abc',
  )
})

test('of several files those that are missing are passed over, and the first to say something counts', async () => {
  const first = await write('first', config({ user: { token: 'first' } }))
  const second = await write('second', config({ user: { token: 'second' } }))
  await reaches([join(folder, 'missing'), first, second].join(delimiter), 'Bearer first')
})

test('a server whose certificate nobody vouches for is told in one line', async () => {
  const { server } = cluster
  const path = await write('strange', config({ user: { token: 'abc' }, cluster: { server } }))
  const host = address('https', secure).replace('https://', '')
  const result = await status({ KUBECONFIG: path })
  assert.deepEqual({ ...result, stderr: '' }, { code: 2, stdout: '', stderr: '' })
  assert.match(result.stderr, new RegExp(`^error: ${host} did not answer: .*certificate.*\n$`))
})

test('a server that is away is told in one line, at once', async () => {
  const away = { server: await closedPort() }
  const path = await write('away', config({ user: { token: 'abc' }, cluster: away }))
  const start = performance.now()
  const { code, stdout, stderr } = await status({ KUBECONFIG: path })
  assert.ok(performance.now() - start < 3000)
  assert.deepEqual({ code, stdout }, { code: 2, stdout: '' })
  assert.match(stderr, /^error: 127\.0\.0\.1:\d+ did not answer: .*ECONNREFUSED.*\n$/)
})

test('a refusal of the credentials is told in one line', async () => {
  const path = await write('nobody', config({ user: {} }))
  assert.deepEqual(await status({ KUBECONFIG: path }), {
    code: 2,
    stdout: '',
    stderr: 'error: Unauthorized\n',
  })
})

const broken: readonly (readonly [name: string, args: readonly string[], want: RegExp])[] = [
  ['no kubeconfig at all', [], /^error: no kubeconfig found: .*\n$/],
  [
    'a kubeconfig that is missing',
    ['--kubeconfig=missing'],
    /^error: the kubeconfig missing cannot be read: .*\n$/,
  ],
  [
    'a context that is missing',
    ['--kubeconfig=token', '--context=no'],
    /^error: the kubeconfig has no context no; it has x\n$/,
  ],
  [
    'a kubeconfig that is no YAML',
    ['--kubeconfig=broken'],
    /^error: the kubeconfig broken cannot be read: .*\n$/,
  ],
]

for (const [name, args, want] of broken) {
  test(`${name} is told in one line`, async () => {
    await write('token', config({ user: { token: 'abc' } }))
    await write('broken', 'clusters: a: b\n')
    const { code, stdout, stderr } = await status({}, args)
    assert.deepEqual({ code, stdout }, { code: 2, stdout: '' })
    assert.match(stderr, want)
  })
}

/** Every request comes as that caller, and the answer is understood. */
async function reaches(kubeconfig: string, caller: string): Promise<void> {
  assert.deepEqual(await status({ KUBECONFIG: kubeconfig }), {
    code: 0,
    stdout: '',
    stderr: 'no routes found; try -A for all namespaces\n',
  })
  assert.deepEqual([...new Set(callers)], [caller])
}

async function status(env: Readonly<Record<string, string>>, args: readonly string[] = []) {
  return new Promise((resolve: (result: Result) => void) => {
    const options = { env: { HOME: folder, ...env }, cwd: folder }
    execFile(PLUGIN, ['status', ...args], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stdout, stderr })
    })
  })
}

type Result = {
  readonly code: string | number | null | undefined
  readonly stdout: string
  readonly stderr: string
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { authorization } = request.headers
  const { socket } = request
  const certificate = socket instanceof TLSSocket && socket.getPeerCertificate().subject
  const caller = certificate ? 'certificate' : authorization
  if (caller !== undefined) callers.push(caller)
  response.statusCode = caller === undefined ? 401 : 200
  response.setHeader('content-type', 'application/json')
  const list = { metadata: { resourceVersion: '1' }, items: [] }
  response.end(JSON.stringify(caller === undefined ? { message: 'Unauthorized' } : list))
}

function config(parts: { readonly user: JsonObject; readonly cluster?: JsonObject }): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: parts.cluster ?? cluster }],
    users: [{ name: 'u', user: parts.user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  })
}

async function write(name: string, content: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}

async function closedPort(): Promise<string> {
  const server = createPlainServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = address('https', server)
  server.close()
  await once(server, 'close')
  return url
}

function address(scheme: string, server: Server): string {
  const bound: AddressInfo | string | null = server.address()
  assert.ok(typeof bound === 'object' && bound !== null)
  return `${scheme}://127.0.0.1:${bound.port}`
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
