import assert from 'node:assert/strict'
import type { X509Certificate } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { Agent, get } from 'node:https'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { objectAt, type JsonObject } from '../../shared/json/json.ts'
import { makeServingCertificate } from '../../webhook/serving/certificate.ts'
import { startBalancer, type Balancer } from '../stack/balancer.ts'
import { failOpenCount, failOpenReasons } from '../stack/fail-open.ts'
import { startLateClient } from '../stack/late-client.ts'
import { find } from '../stack/objects.ts'
import { startRelay, type Relay } from '../stack/relay.ts'
import { startReviewLoad } from '../stack/review-load.ts'
import {
  carriedBundles,
  emptyBundles,
  servedLeaf,
  SERVING_SECRET,
  storedServing,
  type StoredServing,
} from '../stack/serving.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { logOf, startTlsauto, type Tlsauto } from '../stack/tlsauto.ts'
import { until } from '../stack/until.ts'

// Three replicas behind one address, as a Service has it; the last one has a way of its own to the API
// server, which can be held up. TLSAUTO_ROTATIONS says how many leaves there shall be.
const FULL = process.env['TLSAUTO_ROTATIONS']
const LEAVES = Number(FULL ?? 5)
const CAS = Math.max(2, LEAVES / 5)
const ROUTES_PER_SECOND = FULL === undefined ? 25 : 100
const FLAGS = [
  // A line for each review would cost more than the review.
  '--log-level=info',
  '--serving-overlap=2s',
  '--serving-lifetime=20s',
  `--drain-delay=${FULL === undefined ? 2 : 5}s`,
]

const GARBAGE = encode('garbage')

let stack: Stack
let balancer: Balancer
let relay: Relay
const replicas: Tlsauto[] = []

before(async () => {
  stack = await startStack()
  const [front = 0, back = 0] = await stack.ports(2)
  balancer = await startBalancer(front)
  const apiServer = Number(new URL(stack.apiServer).port)
  relay = await startRelay(back, () => apiServer)
  const options = { flags: FLAGS, webhookUrl: balancer.url }
  const first = await startTlsauto(stack, options)
  const others = await Promise.all([
    startTlsauto(stack, options),
    startTlsauto(stack, { ...options, kubeconfig: await kubeconfigBy(relay) }),
  ])
  replicas.push(first, ...others)
  replicas.forEach(balancer.add)
})

after(async () => {
  balancer.close()
  relay.close()
  await stack.stop()
})

test('rotations and rolling restarts cost no request', async () => {
  const beginning = await serving()
  const sent = await unnoticed(async () => {
    const ending = new AbortController()
    const rotating = rotateAll().finally(() => ending.abort())
    await Promise.all([rotating, restartAll(ending.signal)])
    await until('the first CA to go', async () => areGone(beginning.cas), 60_000)
  })
  assert.ok(sent > LEAVES * 5, `${sent} routes`)
})

suite('what happens to the Secret is fixed within seconds, and costs no request', () => {
  const DAMAGES: readonly {
    readonly name: string
    readonly says: string
    readonly damage: () => Promise<unknown>
  }[] = [
    {
      name: 'deleted',
      says: 'there is no Secret',
      damage: async () => stack.client.delete(SERVING_SECRET),
    },
    {
      name: 'replaced by one of somebody else',
      says: 'its CAs did not sign what is being served',
      damage: async () => stack.client.mergePatch(SERVING_SECRET, { data: await strangersData() }),
    },
    ...[
      { key: 'ca.crt', says: 'ca.crt holds no certificate' },
      { key: 'ca.key', says: 'ca.key is not the key of the first CA in ca.crt' },
      { key: 'tls.crt', says: 'tls.crt holds no certificate' },
      { key: 'tls.key', says: 'tls.key is not the key of tls.crt' },
    ].map(({ key, says }) => ({
      name: `garbage in ${key}`,
      says,
      damage: async () =>
        stack.client.mergePatch(SERVING_SECRET, {
          data: { [key]: GARBAGE },
        }),
    })),
  ]

  for (const { name, says, damage } of DAMAGES) {
    test(name, async () => {
      const before = await serving()
      await unnoticed(async () => {
        await damage()
        await until('it to be fixed', isFixed, 10_000)
        await until('all to serve the same', async () => allServe(), 10_000)
        // No new beginning.
        assert.ok((await serving()).cas.some((ca) => isAmong(ca, before.cas)))
      })
      const logs = await Promise.all(replicas.map(logOf))
      assert.match(logs.join(''), new RegExp(`"step":"store","why":"${says}"`))
    })
  }
})

test('a CA bundle that is emptied comes back within seconds', async () => {
  await emptyBundles(stack)
  await until('it to come back', async () => allServe(), 10_000)
})

test('a replica with a stale view of the cluster costs no request, and follows once it sees', async () => {
  const [one, other, stale] = all()
  await unnoticed(async () => {
    await rotate('leaf', replicas)
    relay.hold()
    await rotate('ca', [one, other])
    await assertTrusted([stale], await carriedBundles(stack))
    relay.release()
    await until('all to serve the same', async () => allServe(), 60_000)
  })
})

test('a replica that starts again, and one that can hear nothing of it, are both trusted', async () => {
  const [one, other, stale] = all()
  await rotate('leaf', replicas)
  relay.hold()
  await Promise.all([kill(one), kill(other)])
  await stack.client.delete(SERVING_SECRET)
  const before = await carriedBundles(stack)
  const next = until('other bundles', async () => {
    const bundles = await carriedBundles(stack)
    return bundles.some((bundle) => before.includes(bundle)) ? undefined : bundles
  })
  await one.start()
  await assertTrusted([one, stale], await next)
  relay.release()
  await other.start()
  await until('all to serve the same', async () => allServe(), 60_000)
})

test('a replica that is told to end says so, answers for a while and ends in good order', async () => {
  const [replica] = all()
  replica.kill('SIGTERM')
  await until('it to say so', async () =>
    (await ask(replica, '/readyz')).status === 503 ? true : undefined,
  )
  const { status, connection } = await ask(replica, '/healthz')
  assert.deepEqual({ status, connection }, { status: 200, connection: 'close' })
  assert.equal(await replica.exit(), 0)
})

suite('a first start', () => {
  test('of three at once ends with one certificate', async () => {
    await Promise.all(replicas.map(kill))
    await stack.client.delete(SERVING_SECRET)
    await Promise.all(replicas.map(async (replica) => replica.start()))
    await until('all to serve the same', async () => allServe(), 10_000)
  })

  test('with a Secret that nobody can read makes a new one, and says what was wrong', async () => {
    await Promise.all(replicas.map(kill))
    await stack.client.mergePatch(SERVING_SECRET, { data: { 'tls.key': GARBAGE } })
    const before = await Promise.all(replicas.map(logOf))
    await Promise.all(replicas.map(async (replica) => replica.start()))
    await until('all to serve the same', async () => allServe(), 10_000)
    const logs = await Promise.all(replicas.map(logOf))
    const said = logs.flatMap((log, at) => log.slice(before[at]?.length).trim().split('\n'))
    const wrote = said.filter((line) => line.includes('"msg":"Secret written"'))
    // The first to write wins, and all others serve what it wrote.
    assert.equal(wrote.length, 1, wrote.join('\n'))
    assert.match(wrote[0] ?? '', /"level":"warn".*"step":"newAll","why":"[^"]*tls\.key/)
  })
})

/** Does the work while users create routes, and sees to it that they notice nothing; gives the number of
 * routes. In the short run a machine that is busy with other things may answer some too late. */
async function unnoticed(work: () => Promise<void>): Promise<number> {
  const before = { count: await failOpenCount(stack), reasons: await failOpenReasons(stack) }
  const load = await startReviewLoad(stack, ROUTES_PER_SECOND)
  const late = startLateClient(stack, balancer.url)
  try {
    await work()
  } finally {
    await Promise.all([load.stop(), late.stop()])
  }
  const { sent, wrong, bare } = await load.stop()
  const failedOpen = (await failOpenCount(stack)) - before.count
  const reasons = (await failOpenReasons(stack)).slice(before.reasons.length)
  const faults = [...wrong, ...(await late.stop()), ...reasons.filter((why) => !isLate(why))]
  assert.deepEqual(faults, [])
  if (FULL !== undefined) assert.deepEqual({ failedOpen, bare }, { failedOpen: 0, bare: 0 })
  return sent
}

function isLate(reason: string): boolean {
  return /context deadline exceeded$|status code 408/.test(reason)
}

/** All rotations, one after the other; with each CA comes a leaf. */
async function rotateAll(): Promise<void> {
  for (let index = 1; index <= LEAVES; index += 1) {
    await rotate(index % Math.floor(LEAVES / CAS) === 0 ? 'ca' : 'leaf', replicas)
  }
}

/** Asks for a rotation, as an operator does, and waits until all of those serve what came of it. */
async function rotate(what: 'ca' | 'leaf', by: readonly Tlsauto[]): Promise<void> {
  const before = await serving()
  const annotations = { 'tlsauto.dev/rotate': what }
  await stack.client.mergePatch(SERVING_SECRET, { metadata: { annotations } })
  await until(`a new ${what}`, async () => {
    const { leaf, cas, annotations } = await serving()
    if (annotations['tlsauto.dev/rotate'] !== undefined) return undefined
    const isNew = !isAmong(leaf, [before.leaf])
    const isOfNewCa =
      cas[0] !== undefined && !isAmong(cas[0], before.cas) && leaf.checkIssued(cas[0])
    return isNew && (what === 'leaf' || isOfNewCa) ? true : undefined
  })
  await until('all to serve it', async () => allServe(by))
}

/** One replica after the other, again and again until the signal, and once at least. */
async function restartAll(signal: AbortSignal): Promise<void> {
  for (let turn = 0; turn < replicas.length || !signal.aborted; turn += 1) {
    const replica = replicas[turn % replicas.length]
    assert.ok(replica)
    await end(replica)
    await replica.start()
  }
}

async function end(replica: Tlsauto): Promise<void> {
  replica.kill('SIGTERM')
  assert.equal(await replica.exit(), 0)
}

async function kill(replica: Tlsauto): Promise<void> {
  replica.kill('SIGKILL')
  await replica.exit()
}

async function serving(): Promise<StoredServing> {
  return until('the Secret', async () => storedServing(stack), 10_000)
}

async function strangersData(): Promise<JsonObject> {
  const made = await makeServingCertificate(['tlsauto.tlsauto.svc', '127.0.0.1'])
  return {
    'ca.crt': encode(made.ca),
    'ca.key': encode(made.caKey),
    'tls.crt': encode(made.cert),
    'tls.key': encode(made.key),
  }
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64')
}

async function isFixed(): Promise<true | undefined> {
  const secret = await find(stack.client, SERVING_SECRET)
  if (secret === undefined) return undefined
  return Object.values(objectAt(secret, 'data')).includes(GARBAGE) ? undefined : true
}

/** The third one's way to the API server is the relay. */
function all(): readonly [Tlsauto, Tlsauto, Tlsauto] {
  const [one, other, third] = replicas
  assert.ok(one && other && third)
  return [one, other, third]
}

/** Throws when one of those can't be verified by each of the bundles. */
async function assertTrusted(some: readonly Tlsauto[], bundles: readonly string[]): Promise<void> {
  for (const bundle of new Set(bundles)) {
    await Promise.all(some.map(async ({ url }) => servedLeaf(url, bundle)))
  }
}

/** Whether each of those serves the leaf in the Secret, and all webhooks carry a CA that it verifies by. */
async function allServe(by: readonly Tlsauto[] = replicas): Promise<true | undefined> {
  const stored = await storedServing(stack)
  if (stored === undefined) return undefined
  const bundles = new Set(await carriedBundles(stack))
  for (const bundle of bundles) {
    const leaves = await Promise.all(by.map(async (replica) => servedLeaf(replica.url, bundle)))
    if (!leaves.every((leaf) => isAmong(leaf, [stored.leaf]))) return undefined
  }
  return true
}

/** Whether neither the Secret nor any webhook has any of those CAs any more. */
async function areGone(cas: readonly X509Certificate[]): Promise<true | undefined> {
  const stored = await serving()
  const bundles = await carriedBundles(stack)
  const carried = bundles.join('').replaceAll(/\s/g, '')
  const isThere = cas.some(
    (ca) => isAmong(ca, stored.cas) || carried.includes(ca.raw.toString('base64')),
  )
  return isThere ? undefined : true
}

function isAmong(one: X509Certificate, others: readonly X509Certificate[]): boolean {
  return others.some((other) => other.fingerprint256 === one.fingerprint256)
}

/** A kubeconfig file of tlsauto's ServiceAccount that leads through the relay. */
async function kubeconfigBy({ port }: Relay): Promise<string> {
  const text = await readFile(await stack.serviceAccountKubeconfig('tlsauto', 'tlsauto'), 'utf8')
  const path = join(stack.folder, 'by-relay.kubeconfig')
  await writeFile(path, text.replace(stack.apiServer, `https://127.0.0.1:${port}`), { mode: 0o600 })
  return path
}

type Answer = { readonly status: number | undefined; readonly connection: string | undefined }

/** On a connection that the client would keep. */
async function ask({ url }: Tlsauto, path: string): Promise<Answer> {
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false })
  return new Promise((resolve, reject) => {
    get(url + path, { agent }, (answer) => {
      answer.resume()
      resolve({ status: answer.statusCode, connection: answer.headers.connection })
      agent.destroy()
    }).on('error', reject)
  })
}
