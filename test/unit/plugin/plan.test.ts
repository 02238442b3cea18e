import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { parseCommandLine } from '../../../plugin/command-line/command-line.ts'
import type { PlanItem, PlannedCertificate } from '../../../plugin/plan/plan.ts'
import { COMMANDS } from '../../../plugin/commands/commands.ts'
import { isJsonObject, listAt, type JsonObject } from '../../../shared/json/json.ts'

const MAIN = join(import.meta.dirname, '..', '..', '..', 'plugin', 'main.ts')

let folder = ''

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tlsauto-plan-'))
})

after(async () => {
  await rm(folder, { recursive: true })
})

const shop = route('shop', ['shop.example.com'])

test('a plain route gets a Certificate, its Secret, and says what it loses', async () => {
  assert.deepEqual(await planned(yaml(shop)), [item('shop', ['shop.example.com'])])
})

test('the whole answer, to the byte', async () => {
  const { code, stdout, stderr } = await plan(['-f', '-', '-o', 'json'], yaml(shop))
  const items = [item('shop', ['shop.example.com'])]
  assert.equal(stdout, `${JSON.stringify({ items }, undefined, 2)}\n`)
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
})

test('--diff shows the routes as they would be, and leaves out what the API server adds', async () => {
  const named = { ...shop, metadata: { name: 'shop', namespace: 'team', uid: 'x', generation: 3 } }
  const off = route('off', ['off.example.com'], { annotations: { 'tlsauto.dev/enabled': 'false' } })
  const { code, stdout, stderr } = await plan(['-f', '-', '--diff'], yaml(named, off))
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
  assert.equal(stdout, DIFF)
})

const DIFF = `--- IngressRoute team/shop
+++ IngressRoute team/shop with tlsauto
@@ -2,11 +2,15 @@
 kind: IngressRoute
 metadata:
   name: shop
   namespace: team
+  annotations:
+    tlsauto.dev/secret: tls-shop-shop-example-com
 spec:
   routes:
     - kind: Rule
       match: Host(\`shop.example.com\`)
       services:
         - name: web
           port: 80
+  tls:
+    secretName: tls-shop-shop-example-com
`

test('--diff of routes that stay as they are says so', async () => {
  const off = route('off', ['off.example.com'], { annotations: { 'tlsauto.dev/enabled': 'false' } })
  const { stdout } = await plan(['-f', '-', '--diff'], yaml(off))
  assert.equal(stdout, 'no route would be changed\n')
})

test('--diff keeps the digits of a priority', async () => {
  const text = JSON.stringify(shop).replace(
    '"kind":"Rule"',
    '"kind":"Rule","priority":9223372036854775000',
  )
  const { stdout } = await plan(['-f', '-', '--diff'], text)
  assert.match(stdout, /^ +priority: 9223372036854775000$/m)
})

test('every host gets a Certificate; the route names the Secret of the first', async () => {
  const hosts = ['shop.example.com', 'www.example.com', 'shop.example.org']
  assert.deepEqual(await planned(yaml(route('shop', hosts))), [item('shop', hosts)])
})

test('of two routes with one host the first in the input is the older, and names it', async () => {
  const first = route('zebra', ['shop.example.com'])
  const second = route('ant', ['shop.example.com', 'ant.example.com'])
  const shared = certificate('zebra', 'shop.example.com')
  assert.deepEqual(await planned(yaml(first, second)), [
    item('zebra', ['shop.example.com']),
    {
      ...item('ant', []),
      certificates: [shared, certificate('ant', 'ant.example.com')],
      patch: patch('tls-ant-shop-example-com'),
    },
  ])
})

test('the third route is older than the eleventh', async () => {
  const others = Array.from({ length: 11 }, (_, index) =>
    route(`r${index}`, [index === 2 ? 'shop.example.com' : `r${index}.example.com`]),
  )
  const [last] = (await planned(yaml(...others, shop))).slice(-1)
  assert.deepEqual(last, {
    ...item('shop', []),
    certificates: [certificate('r2', 'shop.example.com')],
    patch: patch('tls-shop-shop-example-com'),
  })
})

test('the same host in two namespaces belongs to the first: one Certificate', async () => {
  const there = route('shop', ['shop.example.com'], { namespace: 'there' })
  assert.deepEqual(await planned(yaml(shop, there)), [
    item('shop', ['shop.example.com']),
    {
      ...item('shop', []),
      namespace: 'there',
      patch: patch('tls-shop-shop-example-com'),
      warnings: [
        'spec.routes[0].match: another namespace holds shop.example.com, and Traefik may serve either; use another host',
      ],
    },
  ])
})

test('a Namespace in the input counts, wherever it stands', async () => {
  const issuer = { 'cert-manager.io/issuer': 'own-ca' }
  const namespace = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'team', annotations: issuer },
  }
  const issuerRef = { name: 'own-ca', kind: 'Issuer', group: 'cert-manager.io' }
  const one = route('shop', ['shop.example.com'], { namespace: 'team' })
  assert.deepEqual(await planned(yaml(one, namespace)), [
    {
      ...item('shop', []),
      namespace: 'team',
      certificates: [{ ...certificate('shop', 'shop.example.com'), issuerRef }],
      patch: patch('tls-shop-shop-example-com'),
    },
  ])
})

test('a Namespace can opt out', async () => {
  const labels = { 'tlsauto.dev/enabled': 'false' }
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default', labels } }
  assert.deepEqual(await planned(yaml(namespace, shop)), [leftAlone('shop', 'OptedOut')])
})

test('what is no route is passed over', async () => {
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'shop' } }
  assert.deepEqual(await planned(yaml(service, shop, service)), [
    item('shop', ['shop.example.com']),
  ])
})

test('Lists are taken apart, in their order', async () => {
  const list = { apiVersion: 'v1', kind: 'List', items: [route('b', ['b.example.com']), shop] }
  const want = [item('b', ['b.example.com']), item('shop', ['shop.example.com'])]
  assert.deepEqual(await planned(yaml(list)), want)
  assert.deepEqual(await planned(JSON.stringify(list, undefined, '\t')), want)
})

test('JSON objects one after the other are documents', async () => {
  const input = `${JSON.stringify(route('b', ['b.example.com']))}\n${JSON.stringify(shop)}`
  const want = [item('b', ['b.example.com']), item('shop', ['shop.example.com'])]
  assert.deepEqual(await planned(input), want)
})

test('several files are read in their order', async () => {
  const b = await file('b.yaml', yaml(route('b', ['b.example.com'])))
  const a = await file('a.json', JSON.stringify(route('a', ['a.example.com'])))
  const stdout = await answer(['-f', b, '-f', '-', '-f', a, '-o', 'json'], yaml(shop))
  assert.deepEqual(items(stdout), [
    item('b', ['b.example.com']),
    item('shop', ['shop.example.com']),
    item('a', ['a.example.com']),
  ])
})

const withTls = (tls: JsonObject): JsonObject => ({ ...shop, spec: { ...specOf(shop), tls } })

const alone: readonly (readonly [
  reason: PlanItem['reason'],
  input: JsonObject,
  warnings?: string,
])[] = [
  [
    'OptedOut',
    route('shop', ['a.example.com'], { annotations: { 'tlsauto.dev/enabled': 'false' } }),
  ],
  ['OwnSecret', withTls({ secretName: 'mine' })],
  ['CertResolver', withTls({ certResolver: 'le' })],
  [
    'NoTlsEntryPoint',
    { ...shop, spec: { ...specOf(shop), entryPoints: ['web'] } },
    'spec.entryPoints: no HTTPS: none of its entry points (web) speaks TLS; add websecure',
  ],
  [
    'NoHost',
    { ...shop, spec: { routes: [{ kind: 'Rule', match: 'PathPrefix(`/`)' }] } },
    'spec.routes: no certificate: no rule names a host; add Host(`shop.example.com`)',
  ],
  [
    'WildcardIssuerMissing',
    route('shop', ['*.example.com']),
    'spec.routes[0].match: no certificate for *.example.com: set --wildcard-cluster-issuer (DNS-01)',
  ],
]

for (const [reason, input, warning] of alone) {
  test(`a route is left alone, and says why: ${reason}`, async () => {
    const warnings = warning === undefined ? [] : [warning]
    assert.deepEqual(await planned(yaml(input)), [{ ...leftAlone('shop', reason), warnings }])
  })
}

test('one host that can have no certificate keeps no other from it', async () => {
  const want = item('shop', ['shop.example.com'])
  assert.deepEqual(await planned(yaml(route('shop', ['10.0.0.1', 'shop.example.com']))), [
    {
      ...want,
      warnings: [
        'spec.routes[0].match: no certificate for the address 10.0.0.1; use a DNS name',
        ...want.warnings,
      ],
    },
  ])
})

test("the server's own flags shape it", async () => {
  const flags = ['--cluster-issuer=own', '--attach=carry', '--wildcard-cluster-issuer=dns']
  const input = yaml(route('shop', ['*.example.com', 'shop.example.com']))
  const stdout = await answer(['-f', '-', '-o', 'json', ...flags], input)
  assert.deepEqual(items(stdout), [
    {
      ...item('shop', []),
      certificates: [
        { ...certificate('shop', '*.example.com'), issuerRef: { ...ISSUER, name: 'dns' } },
        { ...certificate('shop', 'shop.example.com'), issuerRef: { ...ISSUER, name: 'own' } },
      ],
      patch: [],
      companion: null,
      warnings: [],
      denial: null,
    },
  ])
})

test('an IngressRouteTCP is planned too, and a plain route beside it is left alone', async () => {
  const tcp = {
    ...shop,
    kind: 'IngressRouteTCP',
    metadata: { name: 'db' },
    spec: { routes: [{ match: 'HostSNI(`shop.example.com`)' }], tls: {} },
  }
  assert.deepEqual(await planned(yaml(tcp, shop)), [
    {
      ...item('db', ['shop.example.com']),
      kind: 'IngressRouteTCP',
      patch: [
        { op: 'add', path: '/spec/tls/secretName', value: 'tls-db-shop-example-com' },
        ...patch('tls-db-shop-example-com').slice(1),
      ],
      companion: null,
      warnings: [],
    },
    {
      ...leftAlone('shop', 'ServedByTCP'),
      warnings: [
        'spec.routes: no HTTPS: an IngressRouteTCP serves shop.example.com over TLS; remove it, or give this route tls: {}',
      ],
    },
  ])
})

test('what the webhook would deny is no plan but a denial', async () => {
  const annotations = { 'tlsauto.dev/app': 'My App', 'tlsauto.dev/enabled': 'true' }
  const denial =
    'metadata.annotations[tlsauto.dev/app]: no certificate: "My App" is not lower-case letters, digits, - and .; correct it'
  const input = yaml(route('shop', ['shop.example.com'], { annotations }))
  assert.deepEqual(await planned(input), [{ ...leftAlone('shop', 'UnreadableSetting'), denial }])
  assert.equal(await answer(['-f', '-'], input), `IngressRoute default/shop\n  denied: ${denial}\n`)
})

test('an input without routes has no items', async () => {
  assert.deepEqual(await planned(''), [])
})

test('as YAML', async () => {
  const stdout = await answer(['-f', '-', '-o', 'yaml'], yaml(withTls({ secretName: 'mine' })))
  assert.equal(
    stdout,
    `items:
  - kind: IngressRoute
    namespace: default
    name: shop
    verdict: unmanaged
    reason: OwnSecret
    certificates: []
    patch: []
    companion: null
    warnings: []
    denial: null
`,
  )
})

test('as text for people', async () => {
  const optedOut = { annotations: { 'tlsauto.dev/enabled': 'false' } }
  const input = yaml(
    shop,
    route('other', ['10.0.0.1', '10.0.0.2']),
    route('out', ['a.example.com'], optedOut),
  )
  assert.equal(
    await answer(['-f', '-'], input),
    `IngressRoute default/shop
  Certificate cert-shop-shop-example-com for shop.example.com from ClusterIssuer letsencrypt-prod
  adds /spec/tls
  adds /metadata/annotations
  plain HTTP goes on in the route tlsauto-http-shop
IngressRoute default/other
  left alone: spec.routes[0].match: no certificate for the address 10.0.0.1; use a DNS name
  warning: spec.routes[1].match: no certificate for the address 10.0.0.2; use a DNS name
IngressRoute default/out
  left alone: opted out by tlsauto.dev/enabled; remove it to opt in
`,
  )
})

test('one document that can not be parsed: file, document and line, and nothing else', async () => {
  const good = await file('good.yaml', yaml(shop))
  const bad = await file('bad.yaml', `${yaml(shop)}---\nkind: A: B\n`)
  const line = yaml(shop).split('\n').length + 1
  assert.deepEqual(await plan(['-f', good, '-f', bad, '-o', 'json']), {
    code: 2,
    stdout: '',
    stderr: `error: ${bad}: document 2, line ${line}: bad indentation of a mapping entry\n`,
  })
})

test('standard input that can not be parsed is named too', async () => {
  assert.deepEqual(await plan(['-f', '-', '-o', 'json'], '{"kind": "A",}'), {
    code: 2,
    stdout: '',
    stderr:
      'error: -: document 1, line 1: this is not JSON: here should be a name in double quotes\n',
  })
})

test('a file that is missing is told in one line', async () => {
  const missing = join(folder, 'missing.yaml')
  assert.deepEqual(await plan(['-f', missing]), {
    code: 2,
    stdout: '',
    stderr: `error: ${missing} cannot be read: ENOENT: no such file or directory, open '${missing}'\n`,
  })
})

test('a folder is told in one line', async () => {
  assert.deepEqual(await plan(['-f', folder]), {
    code: 2,
    stdout: '',
    stderr: `error: ${folder} cannot be read: EISDIR: illegal operation on a directory, read\n`,
  })
})

test('an IngressRoute without a name is told', async () => {
  const nameless = { ...shop, metadata: {} }
  assert.deepEqual(await plan(['-f', '-', '-o', 'json'], yaml(nameless)), {
    code: 2,
    stdout: '',
    stderr:
      'error: IngressRoute (no name) needs apiVersion traefik.io/v1alpha1, a name and a spec\n',
  })
})

test('an error holds no control character', async () => {
  const { stderr } = await plan(['-f', 'a\u001B[31m\u009B\nb'])
  assert.equal(
    stderr,
    "error: a?[31m?; b cannot be read: ENOENT: no such file or directory, open 'a?[31m?; b'\n",
  )
})

test('a reader that leaves early is no error', async () => {
  const many = Array.from({ length: 500 }, (_, index) =>
    route(`r${index}`, [`r${index}.example.com`]),
  )
  const input = await file('many.yaml', yaml(...many))
  const child = spawn(process.execPath, [MAIN, 'plan', '-f', input, '-o', 'json'])
  child.stdout.once('data', () => child.stdout.destroy())
  const [stderr, exit] = await Promise.all([text(child.stderr), once(child, 'exit')])
  assert.deepEqual({ stderr, exit }, { stderr: '', exit: [0, null] })
})

test('500 routes are answered', async (t) => {
  const many = Array.from({ length: 500 }, (_, index) =>
    route(`r${index}`, [`r${index}.example.com`]),
  )
  const input = await file('500.yaml', yaml(...many))
  const start = performance.now()
  const { stdout } = await plan(['-f', input, '-o', 'json'])
  t.diagnostic(`${(performance.now() - start).toFixed()} ms`)
  assert.equal(items(stdout).length, 500)
})

const ISSUER = { name: 'letsencrypt-prod', kind: 'ClusterIssuer', group: 'cert-manager.io' }

function route(name: string, hosts: readonly string[], metadata: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'IngressRoute',
    metadata: { name, ...metadata },
    spec: {
      routes: hosts.map((host) => ({
        kind: 'Rule',
        match: `Host(\`${host}\`)`,
        services: [{ name: 'web', port: 80 }],
      })),
    },
  }
}

function specOf(object: JsonObject): JsonObject {
  const { spec } = object
  return isJsonObject(spec) ? spec : {}
}

/** JSON is YAML; a document each, over several lines. */
function yaml(...objects: readonly JsonObject[]): string {
  return objects.map((object) => `---\n${JSON.stringify(object, undefined, 2)}\n`).join('')
}

function item(name: string, hosts: readonly string[]): PlanItem {
  return {
    kind: 'IngressRoute',
    namespace: 'default',
    name,
    verdict: 'managed',
    reason: null,
    certificates: hosts.map((host) => certificate(name, host)),
    patch: patch(`tls-${name}-${dashed(hosts[0] ?? '')}`),
    companion: `tlsauto-http-${name}`,
    warnings: [],
    denial: null,
  }
}

function leftAlone(name: string, reason: PlanItem['reason']): PlanItem {
  return {
    ...item(name, []),
    verdict: 'unmanaged',
    reason,
    patch: [],
    companion: null,
    warnings: [],
  }
}

function certificate(app: string, host: string): PlannedCertificate {
  const stem = `${app}-${dashed(host)}`
  return {
    name: `cert-${stem}`,
    secretName: `tls-${stem}`,
    dnsNames: [host],
    issuerRef: ISSUER,
    annotations: {},
    spec: {},
  }
}

function dashed(host: string): string {
  return host.replace('*', 'wildcard').replaceAll('.', '-')
}

function patch(secretName: string): PlanItem['patch'] {
  return [
    { op: 'add', path: '/spec/tls', value: { secretName } },
    { op: 'add', path: '/metadata/annotations', value: { 'tlsauto.dev/secret': secretName } },
  ]
}

async function file(name: string, content: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}

async function planned(input: string): Promise<readonly unknown[]> {
  return items(await answer(['-f', '-', '-o', 'json'], input))
}

function items(stdout: string): readonly unknown[] {
  const value: unknown = JSON.parse(stdout)
  assert.ok(isJsonObject(value))
  assert.deepEqual(Object.keys(value), ['items'])
  return listAt(value, 'items')
}

/** What the command prints, without a process of its own. */
async function answer(args: readonly string[], input: string): Promise<string> {
  const printed: string[] = []
  const { run } = await parseCommandLine(['plan', '--attach=inject', ...args], {
    commands: COMMANDS,
    version: '',
    env: {},
    columns: 80,
  })
  const code = await run({
    terminal: {
      out: (line) => printed.push(line),
      error: (line) => assert.fail(line),
      interactive: false,
      columns: Infinity,
    },
    now: () => new Date(),
    readFile: async (name) => (name === '-' ? input : readFile(name, 'utf8')),
    signal: new AbortController().signal,
    kubeconfigs: [],
  })
  assert.equal(code, 0)
  return printed.join('')
}

/** The same as a process. */
async function plan(args: readonly string[], input = '') {
  const child = spawn(process.execPath, [MAIN, 'plan', '--attach=inject', ...args])
  child.stdin.end(input)
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  return { code: child.exitCode, stdout, stderr }
}
