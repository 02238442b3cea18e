import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { after, before, suite, test, type TestContext } from 'node:test'
import { objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import type { KeyPair } from '../../webhook/serving/certificate.ts'
import { makeCa, makeLeaf } from '../../webhook/serving/certificate.ts'
import { CONFIGURATIONS } from '../../webhook/serving/webhook-configurations.ts'
import { failOpenCount } from '../stack/fail-open.ts'
import { startImpostor, type Impostor, type Misbehaviour } from '../stack/impostor.ts'
import { makeNamespace, stored } from '../stack/objects.ts'
import { routeManifest } from '../stack/route-manifest.ts'
import { SERVING_SECRET } from '../stack/serving.ts'
import { servingCa } from '../stack/serving-ca.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { startTlsauto, type Tlsauto } from '../stack/tlsauto.ts'
import { until } from '../stack/until.ts'

// No issuer is installed: nothing here is ever issued, and cert-manager is quiet.
let stack: Stack
let tlsauto: Tlsauto
/** What slipped past in each namespace is left there for the controller. */
const namespaces: string[] = []

before(async () => {
  stack = await startStack()
  tlsauto = await startTlsauto(stack)
  await makeNamespace(stack, 'without', { labels: { 'tlsauto.dev/enabled': 'false' } })
})

after(async () => {
  await stack.stop()
})

const DAY_MS = 86_400_000
const ALLOWED = { allowed: true }

function allow(response: ServerResponse, uid: string): void {
  response.end(reviewed({ ...ALLOWED, uid }))
}

function reviewed(response: object): string {
  return JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response })
}

// A patch that does not apply is missing here: `failurePolicy: Ignore` does not cover it, and no other
// webhook can help a user against it. That ours always apply is for admission-properties.test.ts.
const NONSENSE: Readonly<Record<string, Misbehaviour>> = {
  'what is no JSON': (response) => response.end('kind: AdmissionReview'),
  'an empty body': (response) => response.end(),
  'another uid': (response) => response.end(reviewed({ ...ALLOWED, uid: 'other' })),
  'another kind': (response) => response.end(JSON.stringify({ apiVersion: 'v1', kind: 'Pod' })),
  'a patch that is no base64': (response, uid) =>
    response.end(reviewed({ ...ALLOWED, uid, patchType: 'JSONPatch', patch: '%%%' })),
  'a fault of its own': (response, uid) =>
    response.writeHead(500).end(reviewed({ ...ALLOWED, uid })),
  'half an answer': (response, uid) => {
    response.write(reviewed({ ...ALLOWED, uid }).slice(0, 40))
    setImmediate(() => response.destroy())
  },
}

const TARDY: Readonly<Record<string, Misbehaviour>> = {
  'a body without end': (response) => void writeForEver(response),
  'the truth, after five seconds': (response, uid) => {
    setTimeout(allow, 5000, response, uid).unref()
  },
}

async function writeForEver(response: ServerResponse): Promise<void> {
  while (!response.destroyed) {
    response.write(' '.repeat(16_384))
    await delay(5)
  }
}

suite('every request of a user succeeds, whatever becomes of the webhook', () => {
  test('while it is well', async (t) => {
    assert.equal(await failOpensBy(t, 'well'), 0)
  })

  test('while it hangs', async (t) => {
    tlsauto.kill('SIGSTOP')
    assert.equal(await failOpensBy(t, 'hung'), WRITES * WEBHOOKS)
    tlsauto.kill('SIGKILL')
    await tlsauto.exit()
  })

  test('while it is gone', async (t) => {
    assert.equal(await failOpensBy(t, 'gone'), WRITES * WEBHOOKS)
    const cost = (await createTime('gone', 20)) - (await createTime('without', 20))
    t.diagnostic(`refused, it costs a create ${cost.toFixed(1)} ms`)
    assert.ok(cost < 1000)
  })

  for (const [index, [name, answer]] of Object.entries(NONSENSE).entries()) {
    test(`while it answers ${name}`, async (t) => {
      await serve(t, { keyPair: await servingKeyPair(), answer })
      assert.equal(await failOpensBy(t, `nonsense-${index}`), WRITES * WEBHOOKS)
    })
  }

  for (const [name, answer] of Object.entries(TARDY)) {
    test(`while it answers ${name}`, async (t) => {
      await serve(t, { keyPair: await servingKeyPair(), answer })
      const before = await failOpenCount(stack)
      const time = await createTime('gone', 1)
      assert.equal((await failOpenCount(stack)) - before, WEBHOOKS)
      t.diagnostic(`create ${time.toFixed(0)} ms`)
      assert.ok(time < SLOWEST_MS)
    })
  }

  test('while its certificate is of a foreign CA', async (t) => {
    const now = new Date()
    const ca = await makeCa({ now, lifetime: DAY_MS })
    const keyPair = await makeLeaf(ca, { names: ['127.0.0.1'], now, lifetime: DAY_MS })
    await serve(t, { keyPair, answer: allow })
    assert.equal(await failOpensBy(t, 'foreign'), WRITES * WEBHOOKS)
    await assertLogged('certificate signed by unknown authority')
  })

  test('while its certificate has expired', async (t) => {
    const now = new Date(Date.now() - 2 * DAY_MS)
    const ca = await makeCa({ now, lifetime: DAY_MS })
    const trusted = await servingCa(stack)
    t.after(async () => trust(trusted))
    await trust(ca.cert)
    const keyPair = await makeLeaf(ca, { names: ['127.0.0.1'], now, lifetime: DAY_MS })
    await serve(t, { keyPair, answer: allow })
    assert.equal(await failOpensBy(t, 'expired'), WRITES * WEBHOOKS)
    await assertLogged('certificate has expired')
  })

  test('and once it is back, it completes what slipped past', async (t) => {
    await tlsauto.start()
    for (const namespace of namespaces) {
      const route = { resource: RESOURCES.ingressRoutes, namespace, name: 'applied' }
      const secretName = await until('the Secret', async () => {
        const { spec } = await stored(stack.client, route)
        return textAt(objectAt(objectAt({ spec }, 'spec'), 'tls'), 'secretName')
      })
      assert.equal(secretName, `tls-applied-${namespace}-example-com`)
    }
    assert.equal(await failOpensBy(t, 'back'), 0)
  })
})

/** A create, an update, a first apply; deletions are not reviewed. */
const WRITES = 3
const WEBHOOKS = 3
/** Each webhook may take a second; the rest is for a busy machine. */
const SLOWEST_MS = 10_000

/** Does everything a user does, in a namespace of that name, and says how long it took. Gives how
 * often the API server went on without the webhook. */
async function failOpensBy(t: TestContext, namespace: string): Promise<number> {
  await makeNamespace(stack, namespace)
  namespaces.push(namespace)
  const before = await failOpenCount(stack)
  const at = { resource: RESOURCES.ingressRoutes, namespace, name: 'r' }
  const input = JSON.stringify(manifest(namespace, 'applied'))
  const steps = {
    create: async () => stack.client.create(RESOURCES.ingressRoutes, manifest(namespace, 'r')),
    update: async () => stack.client.mergePatch(at, { spec: { entryPoints: ['websecure'] } }),
    apply: async () => stack.kubectl(['apply', '-f', '-'], { input }),
    delete: async () => stack.client.delete(at),
  }
  const times: string[] = []
  for (const [name, step] of Object.entries(steps)) {
    const started = performance.now()
    await step()
    const time = performance.now() - started
    times.push(`${name} ${time.toFixed(0)} ms`)
    assert.ok(time < SLOWEST_MS, `${name} took ${time} ms`)
  }
  t.diagnostic(times.join(', '))
  return (await failOpenCount(stack)) - before
}

let created = 0

/** The median of so many, in milliseconds. */
async function createTime(namespace: string, count: number): Promise<number> {
  const times: number[] = []
  for (let index = 0; index < count; index += 1) {
    created += 1
    const route = manifest(namespace, `r${created}`)
    const started = performance.now()
    await stack.client.create(RESOURCES.ingressRoutes, route)
    times.push(performance.now() - started)
  }
  return times.toSorted((a, b) => a - b)[Math.floor(count / 2)] ?? Number.NaN
}

function manifest(namespace: string, name: string): JsonObject {
  const rules = [`Host(\`${namespace}.example.com\`)`]
  return routeManifest({ namespace, name, rules, spec: { entryPoints: ['websecure', 'web'] } })
}

/** What the API server trusts. */
async function servingKeyPair(): Promise<KeyPair> {
  const data = objectAt(await stored(stack.client, SERVING_SECRET), 'data')
  const pem = (key: string): string => Buffer.from(textAt(data, key) ?? '', 'base64').toString()
  return { cert: pem('tls.crt'), key: pem('tls.key') }
}

/** In tlsauto's place, until the test ends. */
async function serve(t: TestContext, impostor: Impostor): Promise<void> {
  t.after(await startImpostor(tlsauto.url, impostor))
}

/** The API server says why it went on without. */
async function assertLogged(reason: string): Promise<void> {
  const log = join(stack.folder, 'logs', 'kube-apiserver.log')
  await until(reason, async () => (await readFile(log, 'utf8')).includes(reason) || undefined)
}

/** Lets the API server trust that CA alone. */
async function trust(ca: string): Promise<void> {
  const value = Buffer.from(ca).toString('base64')
  for (const target of CONFIGURATIONS) {
    const path = '/webhooks/0/clientConfig/caBundle'
    await stack.client.jsonPatch(target, [{ op: 'replace', path, value }])
  }
}
