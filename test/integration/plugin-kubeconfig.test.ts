import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createPlainServer } from 'node:http'
import { createServer } from 'node:https'
import { connect, type AddressInfo, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { TLSSocket } from 'node:tls'
import type { JsonObject } from '../../shared/json/json.ts'
import { makeServingCertificate } from '../../webhook/serving/certificate.ts'

/** The executable as it is built: its runtime is not Node, and brings a TLS of its own. */
const PLUGIN = join(import.meta.dirname, '..', '..', 'dist', 'kubectl-tlsauto')

/** Where only a proxy knows the way to. */
const FAR_AWAY = 'api.example.com'

let folder = ''
let secure: Server
let plain: Server
let cluster: JsonObject
let identity: { readonly cert: string; readonly key: string }

/** As whom each request came. */
let callers: string[] = []

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tlsauto-kubeconfig-'))
  const made = await makeServingCertificate(['127.0.0.1', FAR_AWAY])
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

test('an exec plugin, which is told in which version to answer, and of the cluster where it asks', async () => {
  const exec = await execPlugin('"token": "\'$info\'"')
  const told = { apiVersion: exec.apiVersion, kind: 'ExecCredential' }
  const spec = { interactive: false }
  const path = await write('exec', config({ user: { exec } }))
  await reaches(path, `Bearer ${base64(JSON.stringify({ ...told, spec }))}`)
  callers = []
  const asking = { ...exec, provideClusterInfo: true }
  const known = { cluster: { ...cluster, config: null }, ...spec }
  await reaches(
    await write('asking', config({ user: { exec: asking } })),
    `Bearer ${base64(JSON.stringify({ ...told, spec: known }))}`,
  )
})

test('an exec plugin that is not there, or fails, is told in one line, with the way to get it', async () => {
  const missing = { command: 'no-such-plugin', apiVersion: 'client.authentication.k8s.io/v1' }
  const hint = 'no-such-plugin comes with the cloud’s tools:\n\n  install them\n'
  const user = { exec: { ...missing, installHint: hint } }
  const none = await status({ KUBECONFIG: await write('missing-exec', config({ user })) })
  assert.deepEqual({ ...none, stderr: '' }, { code: 2, stdout: '', stderr: '' })
  assert.match(
    none.stderr,
    /^error: the kubeconfig's no-such-plugin gives no credentials: .*not found.*; no-such-plugin comes with the cloud’s tools:; install them\n$/,
  )
  const failing = await execPlugin('')
  const failed = await status({
    KUBECONFIG: await write('failing', config({ user: { exec: { ...failing, args: ['fail'] } } })),
  })
  assert.deepEqual(failed, {
    code: 2,
    stdout: '',
    stderr: `error: the kubeconfig's ${failing.command} gives no credentials: log in first\n`,
  })
})

test('the environment’s proxy, but not for who is in NO_PROXY; the kubeconfig’s own comes first', async () => {
  const proxy = await startProxy()
  const { server: here } = cluster
  const far = { ...cluster, server: String(here).replace('127.0.0.1', FAR_AWAY) }
  const path = await write('far', config({ user: { token: 'abc' }, cluster: far }))
  const env = { KUBECONFIG: path, HTTPS_PROXY: proxy.url }
  assert.equal((await status(env)).code, 0)
  assert.deepEqual([...new Set(callers)], ['Bearer abc'])
  assert.deepEqual(proxy.asked()[0], new URL(far.server).host)
  const asked = proxy.asked().length
  assert.equal((await status({ ...env, NO_PROXY: '.example.com' })).code, 2)
  assert.equal(proxy.asked().length, asked)
  const own = { ...far, 'proxy-url': proxy.url }
  await write('own', config({ user: { token: 'abc' }, cluster: own }))
  const dead = await closedPort()
  assert.equal((await status({ KUBECONFIG: join(folder, 'own'), HTTPS_PROXY: dead })).code, 0)
  assert.ok(proxy.asked().length > asked)
  proxy.close()
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

/** An exec plugin that answers with a status, in which `$info` is what it was told, in base64; or that fails. */
async function execPlugin(credentials: string) {
  const apiVersion = 'client.authentication.k8s.io/v1'
  const path = await write(
    'exec-plugin',
    [
      '#!/bin/sh',
      '[ "$1" = fail ] && { echo "log in first" >&2; exit 1; }',
      'info=$(printf %s "$KUBERNETES_EXEC_INFO" | base64 -w 0)',
      `echo '{"apiVersion": "${apiVersion}", "kind": "ExecCredential", "status": {${credentials}}}'`,
    ].join('\n'),
  )
  await chmod(path, 0o755)
  return { command: path, apiVersion, args: [], interactiveMode: 'IfAvailable' }
}

/** A proxy that leads all to the one server. */
async function startProxy() {
  const asked: string[] = []
  const proxy = createPlainServer()
  proxy.on('connect', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    asked.push(request.url ?? '')
    const [port] = address('https', secure).split(':').slice(-1)
    const onward = connect(Number(port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      onward.write(head)
      socket.pipe(onward).pipe(socket)
    })
    onward.on('error', () => socket.destroy())
    socket.on('error', () => onward.destroy())
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  return { url: address('http', proxy), asked: () => asked, close: () => proxy.close() }
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
