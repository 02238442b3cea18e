import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { Agent, request, type Server } from 'node:https'
import { text } from 'node:stream/consumers'
import { after, before, suite, test } from 'node:test'
import { pino } from 'pino'
import { isJsonObject, objectAt, textAt, type JsonObject } from '../../../shared/json/json.ts'
import type { KubeClient, WatchEvent } from '../../../shared/kube/kube-client.ts'
import { readConfig } from '../../../webhook/config.ts'
import { createClusterIndex } from '../../../webhook/controller/index/cluster-index.ts'
import { startController, type Controller } from '../../../webhook/controller/controller.ts'
import { DEFAULT_PACE } from '../../../webhook/runtime/reflector.ts'
import { createMetrics, type Metrics } from '../../../webhook/runtime/metrics.ts'
import { createWebhookServer } from '../../../webhook/http/server.ts'
import type { KeyPair } from '../../../webhook/serving/certificate.ts'
import { makeServingCertificate } from '../../../webhook/serving/certificate.ts'
import { Random } from '../../differential/random.ts'
import { fakeClock } from '../../fixtures/fake-clock.ts'
import { brokenCluster, type ClusterObjects } from '../../fixtures/broken-cluster.ts'
import { strangeClaims } from '../../fixtures/domain-claims.ts'
import {
  countObjects,
  hostileEverything,
  hostileTenant,
  together,
} from '../../fixtures/hostile-objects.ts'
import { cluster } from '../../fixtures/routes.ts'
import { selectingClient } from '../../fixtures/selecting-client.ts'
import { until } from '../../stack/until.ts'

/** How many objects are made hostile; a hundred thousand by TLSAUTO_FUZZ=100000. */
const OBJECTS = Number(process.env['TLSAUTO_FUZZ'] ?? 400)
const SEED = Number(process.env['TLSAUTO_SEED'] ?? 1)

/** What the server is told of, by the plural of its kind. */
const WATCHED = [
  'certificates',
  'domainclaims',
  'ingressroutes',
  'ingressroutetcps',
  'middlewares',
  'mutatingwebhookconfigurations',
  'namespaces',
]

/** The flags' defaults, but for limits that would have the work wait. */
const CONFIG = readConfig({
  argv: [
    '--backfill=0',
    '--max-certificates-per-namespace=1000000',
    '--max-claims-per-namespace=1000000',
    '--host-claims=deny',
  ],
  env: {},
  hostname: 'test',
})

let keyPair: KeyPair

before(async () => {
  keyPair = await makeServingCertificate(['127.0.0.1'])
})

suite(`the server over ${OBJECTS} hostile objects (seed ${SEED})`, () => {
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false })
  after(() => agent.destroy())

  test('stops no error, fails no work, and answers every review and scrape', async (t) => {
    const random = new Random(SEED)
    const started = performance.now()
    let count = 0
    for (let round = 0; count < OBJECTS; round += 1) {
      const first = hostileTenants(random)
      const later = hostileTenants(random)
      count += countObjects(first) + countObjects(later)
      await soundRound({ first, later, agent }, `seed ${SEED}, round ${round}`)
    }
    t.diagnostic(`${count} objects in ${Math.round(performance.now() - started)} ms`)
  })
})

function hostileTenants(random: Random): ClusterObjects {
  const honest = { ...brokenCluster(), middlewares: [middleware()] }
  const tenants = ['evil', 'evil-2', 'evil-3'].map((name) => hostileTenant(honest, random, name))
  const all = together(...tenants, hostileEverything({ domainclaims: strangeClaims() }, random))
  return Object.fromEntries(WATCHED.map((kind) => [kind, all[kind] ?? []]))
}

function middleware(): JsonObject {
  return {
    metadata: {
      name: 'failed-tlsauto-http',
      namespace: 'team',
      uid: 'middleware-uid',
      labels: { 'app.kubernetes.io/managed-by': 'tlsauto' },
      ownerReferences: [{ kind: 'IngressRoute', name: 'failed', uid: 'failed-uid' }],
    },
    spec: { redirectScheme: { scheme: 'https', permanent: false } },
  }
}

/** What `/hosts` says of a shape that the API server's schema refuses before it asks: it fails, closed. */
const REFUSED = /the route has a shape that Traefik refuses/
const LOGGING = {
  level: 'warn',
  serializers: { error: (error: unknown) => (error instanceof Error ? error.stack : 'no error') },
}

const readNamespace = async () => ({ labels: {}, annotations: {} })

type Round = {
  /** What is there at first, and what it all becomes. */
  readonly first: ClusterObjects
  readonly later: ClusterObjects
  readonly agent: Agent
}

async function soundRound({ first, later, agent }: Round, of: string): Promise<void> {
  const faults: string[] = []
  const onFault = (stop: string, about: string, error: unknown): void =>
    void faults.push(`${stop} ${about}: ${error instanceof Error ? error.stack : 'no error'}`)
  const logger = pino(LOGGING, { write: (line) => void (REFUSED.test(line) || faults.push(line)) })
  const metrics = createMetrics('1.2.3')
  const index = createClusterIndex(cluster)
  const ending = new AbortController()
  const client = changingClient(together(first, brokenCluster()), later)
  const pace = DEFAULT_PACE
  const { signal } = ending
  const common = { ...CONFIG, index, logger, metrics }
  const controller = startController({ ...common, client, pace, onFault, signal })
  const { isSynced } = controller
  const served = {
    ...common,
    cluster,
    isSynced,
    readNamespace,
    clientCa: undefined,
    clock: fakeClock(),
  }
  const server = createWebhookServer(served, keyPair)
  try {
    controller.setLeading(true)
    await idle(controller, metrics)
    server.listen({ port: 0, host: '127.0.0.1' })
    await once(server, 'listening')
    for (const [at, object] of (first['ingressroutes'] ?? []).entries()) {
      await review(server, agent, { object, oldObject: later['ingressroutes']?.[at] })
    }
    await controller.measure()
    // Whatever tenants store, what is honest is there.
    assert.ok(index.certificate('team/cert-failed'), of)
  } finally {
    ending.abort()
    await controller.done
    server.close()
  }
  const scraped = await metrics.registry.metrics()
  assert.deepEqual(faults, [], of)
  assert.doesNotMatch(scraped, /\bNaN\b|stop="/, of)
  assert.match(scraped, /^tlsauto_hosts\{state="failed"\} [1-9]/m, of)
}

/** A client whose watches tell that everything has become something else, and that some of it is gone. */
function changingClient(first: ClusterObjects, later: ClusterObjects): KubeClient {
  const client = selectingClient(first)
  return {
    ...client,
    watch: async function* watch({ resource, signal }): AsyncGenerator<WatchEvent> {
      for (const [at, object] of (later[resource.plural] ?? []).entries()) {
        yield {
          type: at % 5 === 4 ? 'DELETED' : 'MODIFIED',
          object: asOf(object, String(at + 100)),
        }
      }
      if (!signal.aborted) await once(signal, 'abort')
    },
  }
}

function asOf(object: JsonObject, resourceVersion: string): JsonObject {
  const metadata = objectAt(object, 'metadata')
  return { ...object, metadata: { ...metadata, resourceVersion } }
}

/** Until nothing waits, and nothing was worked on for a moment. */
async function idle(controller: Controller, metrics: Metrics): Promise<void> {
  let seen = ''
  await until('the work to end', async () => {
    await controller.measure()
    const depth = await metrics.registry.getSingleMetricAsString('tlsauto_workqueue_depth')
    const done = await metrics.registry.getSingleMetricAsString(
      'tlsauto_reconcile_duration_seconds',
    )
    const isSame = seen === done && controller.isSynced() && / 0$/m.test(depth)
    seen = done
    return isSame || undefined
  })
}

/** Both webhooks are asked about an object; none may say that it failed. */
async function review(
  server: Server,
  agent: Agent,
  about: { readonly object: JsonObject; readonly oldObject: JsonObject | undefined },
): Promise<void> {
  const body = reviewText(about)
  if (body === undefined) return
  for (const path of ['/mutate', '/validate', '/hosts']) {
    const { status, answer } = await post(server, agent, { path, body })
    const isFine = status === 200 || status === 400 || (path === '/hosts' && status === 500)
    assert.ok(isFine, `${path} answered ${status}: ${answer}`)
    const parsed: unknown = JSON.parse(answer)
    assert.ok(isJsonObject(parsed))
    assert.doesNotMatch(answer, /\bNaN\b|\bundefined\b|Invalid Date|\[object /)
  }
}

/** Undefined: nested so deep that no JSON can be made of it here; the API server refuses such. */
function reviewText({
  object,
  oldObject,
}: {
  readonly object: JsonObject
  readonly oldObject: JsonObject | undefined
}): string | undefined {
  const request = {
    uid: 'x',
    operation: oldObject === undefined ? 'CREATE' : 'UPDATE',
    kind: { kind: 'IngressRoute' },
    namespace: textAt(objectAt(object, 'metadata'), 'namespace'),
    name: objectAt(object, 'metadata')['name'],
    userInfo: { username: 'eve' },
    object,
    oldObject,
  }
  try {
    return JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request })
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

async function post(
  server: Server,
  agent: Agent,
  { path, body }: { readonly path: string; readonly body: string },
): Promise<{ readonly status: number; readonly answer: string }> {
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const place = { host: '127.0.0.1', port: address.port, path, method: 'POST', agent }
  request(place, resolve).on('error', reject).end(body)
  const response = await promise
  return { status: response.statusCode ?? 0, answer: await text(response) }
}
