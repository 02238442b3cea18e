import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, suite, test, type TestContext } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import { isJsonObject, objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { Histogram } from '../differential/histogram.ts'
import { generatedRoute, STORED_SECRET, type GeneratedRoute } from '../fixtures/generated-routes.ts'
import {
  routePath,
  routeRequests,
  type Outcome,
  type Revision,
  type RouteRequest,
} from '../fixtures/route-requests.ts'
import { withoutAdditions } from '../fixtures/without-additions.ts'
import { failOpenCount } from '../stack/fail-open.ts'
import { reviewResults } from '../stack/review-results.ts'
import { startMutatingWebhook } from '../stack/mutating-webhook.ts'
import { apiRequests, type ApiAnswer, type ApiRequest } from '../stack/api-requests.ts'
import { makeNamespace } from '../stack/objects.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { startTlsauto, type Tlsauto } from '../stack/tlsauto.ts'

// `TLSAUTO_ROUTES=100000 TLSAUTO_SEED=7 node --test test/integration/admission-properties.test.ts` for more.
const COUNT = Number(process.env['TLSAUTO_ROUTES'] ?? 3000)
const SEED = Number(process.env['TLSAUTO_SEED'] ?? 1)
/** Each takes its part of the routes, one after the other, so that fast-check can shrink. */
const WORKERS = Array.from({ length: 8 }, (_, worker) => ({ worker, own: `own-${worker}` }))
/** Nobody leads: what is stored stays as it is. */
const PATIENT = '--lease-duration=3600'
const MANIFEST = join(import.meta.dirname, '..', '..', 'deploy', 'tlsauto.yaml')

let stack: Stack
let tlsauto: Tlsauto
let send: (request: ApiRequest) => Promise<ApiAnswer>
let ask: (request: RouteRequest) => Promise<Outcome>

before(async () => {
  stack = await startStack()
  // Hostile rules cost it memory.
  await stack.traefik.stop()
  send = await apiRequests(stack.kubeconfig)
  ask = routeRequests(send)
  await stack.kubectl(['apply', '-f', MANIFEST])
  await stack.client.create(RESOURCES.leases, {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { namespace: 'tlsauto', name: 'tlsauto' },
    spec: { holderIdentity: 'nobody' },
  })
  tlsauto = await startTlsauto(stack, { flags: [PATIENT] })
  await makeNamespace(stack, 'off', { labels: { 'tlsauto.dev/enabled': 'false' } })
  await makeNamespace(stack, 'on')
  const annotations = { 'tlsauto.dev/allowed-domains': '*.example.com, *.stored.example.com' }
  await makeNamespace(stack, 'limited', { annotations })
  for (const { own } of WORKERS) await makeNamespace(stack, own)
  for (const namespace of ['off', 'on', 'limited']) await store(namespace)
})

after(async () => {
  await stack.stop()
})

suite(
  `${COUNT} routes of seed ${SEED}: no request fails, the user's fields stay, twice is once`,
  () => {
    test('with the default flags', async (t) => holds(t, { share: 0.45, seed: SEED * 100 }))

    test('with all that can be added', async (t) => {
      await tlsauto.stop()
      const flags = [PATIENT, '--default-tls-options=mtls@file', '--wildcard-cluster-issuer=dns']
      tlsauto = await startTlsauto(stack, { flags })
      await holds(t, { share: 0.45, seed: SEED * 100 + WORKERS.length })
    })

    test('with other webhooks before and after', async (t) => {
      const first = { name: 'a-first', change: withLabelAndOptions }
      const last = { name: 'z-last', change: withEntryPointsAndNote }
      for (const one of [first, last]) t.after(await startMutatingWebhook(stack, one))
      await holds(t, { share: 0.1, seed: SEED * 100 + 2 * WORKERS.length })
    })
  },
)

function withLabelAndOptions(route: JsonObject): JsonObject {
  const [metadata, spec] = [objectAt(route, 'metadata'), objectAt(route, 'spec')]
  const labels = { team: 'a', ...objectAt(metadata, 'labels') }
  const named = { ...route, metadata: { ...metadata, labels } }
  // What is of another shape is for the schema to refuse.
  if (!isJsonObject(route['spec']) || !isJsonObject(spec['tls'] ?? {})) return named
  const tls = { options: { name: 'corp' }, ...objectAt(spec, 'tls') }
  return { ...named, spec: { ...spec, tls } }
}

/** A default by which tlsauto would have decided otherwise, had it come first. */
function withEntryPointsAndNote(route: JsonObject): JsonObject {
  const [metadata, spec] = [objectAt(route, 'metadata'), objectAt(route, 'spec')]
  const annotations = { ...objectAt(metadata, 'annotations'), 'example.com/seen': 'true' }
  const noted = { ...route, metadata: { ...metadata, annotations } }
  if (!isJsonObject(route['spec'])) return noted
  return { ...noted, spec: { entryPoints: ['web'], ...spec } }
}

type Attempt = {
  readonly route: GeneratedRoute
  /** What is stored already under its name. */
  readonly onto: keyof typeof STORED | undefined
  readonly namespace: 'on' | 'limited'
}

const attempts: fc.Arbitrary<Attempt> = fc.record({
  route: generatedRoute(),
  onto: fc.constantFrom(undefined, undefined, undefined, 'stored', 'bare'),
  namespace: fc.constantFrom('on', 'on', 'on', 'on', 'limited'),
})

/** Fails with fast-check's report: the seed, and the smallest route that shows it. */
async function holds(
  t: TestContext,
  { share, seed }: { readonly share: number; readonly seed: number },
): Promise<void> {
  const histogram = new Histogram()
  const started = performance.now()
  const numRuns = Math.ceil((COUNT * share) / WORKERS.length)
  let failed: number | undefined
  const results = await Promise.allSettled(
    WORKERS.map(async ({ worker, own }) => {
      const checkHeard = await retrying(async (attempt) => check(attempt, own))
      const look = async (attempt: Attempt): Promise<void> => {
        // Of another worker's fault the smallest route is looked for: the rest need not go on.
        if (failed !== undefined && failed !== worker) return
        try {
          histogram.add(await checkHeard(attempt))
        } catch (error) {
          failed ??= worker
          throw error
        }
      }
      await fc.assert(fc.asyncProperty(attempts, look), { seed: seed + worker, numRuns })
    }),
  )
  t.diagnostic(`${((performance.now() - started) / 1000).toFixed(1)} s`)
  for (const line of histogram.lines()) t.diagnostic(line)
  for (const result of results) if (result.status === 'rejected') throw result.reason
  const { late, failed: faults } = await reviewResults(tlsauto)
  t.diagnostic(`${late} reviews too late, ${await failOpenCount(stack)} fail-opens`)
  assert.equal(faults, 0, 'reviews that failed inside the server')
  const least = Math.floor((COUNT * share) / 200)
  const rare = KINDS.filter((kind) => histogram.count(kind) < least)
  assert.deepEqual(rare, [], 'too few to prove anything')
}

/** Tries again where a review had no answer in time, as on a busy machine: that is no fault of the answer. */
async function retrying<T>(
  look: (attempt: Attempt) => Promise<T>,
): Promise<(attempt: Attempt) => Promise<T>> {
  let known = await unheardReviews()
  return async (attempt) => {
    for (;;) {
      try {
        return await look(attempt)
      } catch (error) {
        const unheard = await unheardReviews()
        if (unheard === known) throw error
        known = unheard
      }
    }
  }
}

async function unheardReviews(): Promise<number> {
  return (await failOpenCount(stack)) + (await reviewResults(tlsauto)).late
}

const KINDS = [
  'created, added to',
  'created, left alone',
  'updated, added to',
  'updated, left alone',
  'denied',
  'refused by the schema',
]

/** Compares what the API server makes of a route with what it makes of it where tlsauto is off, and
 * with what it makes of the result. Gives a word for what came of it. */
async function check({ route, onto, namespace }: Attempt, own: string): Promise<string> {
  const request = (at: string): RouteRequest => ({
    kind: route.kind,
    namespace: at,
    object: route.object,
    onto: onto === undefined ? undefined : revisions.get(`${at}/${route.kind}/${onto}`),
  })
  const without = await ask(request('off'))
  const first = await ask(request(namespace))
  if (first.status >= 300) return refusal(first, without)
  assert.deepEqual(withoutAdditions(first.given, without.given), without.given)
  assert.deepEqual((await ask({ ...request(namespace), object: first.given })).given, first.given)
  if (onto === undefined && !isNamedLater(route)) await checkStored(request(own), first)
  const added = isDeepStrictEqual(first.given, without.given) ? 'left alone' : 'added to'
  return `${onto === undefined ? 'created' : 'updated'}, ${added}`
}

function isNamedLater({ object }: GeneratedRoute): boolean {
  return textAt(objectAt(object, 'metadata'), 'name') === undefined
}

/** What the schema refuses is refused without tlsauto too; what tlsauto denies, it denies by name. */
function refusal(first: Outcome, without: Outcome): string {
  if (without.status >= 300) {
    assert.deepEqual([first.status, first.status < 500], [without.status, true])
    return 'refused by the schema'
  }
  assert.equal(first.status, 403)
  assert.match(
    first.message,
    /^admission webhook "(validate|hosts)\.tlsauto\.dev" denied the request: /,
  )
  return 'denied'
}

/** Stores a route, which must come out as in the dry run, and writes it back as it is. */
async function checkStored(request: RouteRequest, dry: Outcome): Promise<void> {
  const { finalizers: _, ownerReferences: __, ...metadata } = objectAt(request.object, 'metadata')
  const object = { ...request.object, metadata }
  const stored = await ask({ ...request, object, stored: true })
  const onto = stored.revision
  try {
    assert.deepEqual(whatCounts(stored), whatCounts(dry))
    const again = await ask({ ...request, object: stored.given, onto })
    assert.deepEqual(again.given, stored.given)
    assert.equal(again.generation, 1)
  } finally {
    await send({ method: 'DELETE', path: routePath({ ...request, onto }) })
  }
}

function whatCounts({ given }: Outcome): JsonObject {
  return { spec: given['spec'], annotations: objectAt(given, 'metadata')['annotations'] }
}

/** What updates are made on: a route that has its Secret from us, and one that we leave alone. */
const STORED = {
  stored: {
    annotations: { 'tlsauto.dev/secret': STORED_SECRET },
    tls: { secretName: STORED_SECRET },
  },
  bare: { annotations: { 'tlsauto.dev/enabled': 'false' } },
} as const

const revisions = new Map<string, Revision>()

async function store(namespace: string): Promise<void> {
  for (const [name, { annotations, ...more }] of Object.entries(STORED)) {
    for (const [kind, rule] of [
      ['IngressRoute', { kind: 'Rule', match: 'Host(`stored.example.com`)' }],
      // Of no generated rule's hosts: where it has no TLS, it keeps others from being added to.
      ['IngressRouteTCP', { match: 'HostSNI(`tcp.stored.example.com`)' }],
    ] as const) {
      const spec = { entryPoints: ['websecure'], routes: [rule], ...more }
      const object = { metadata: { name, annotations }, spec }
      const { revision } = await ask({ kind, namespace, object, stored: true })
      revisions.set(`${namespace}/${kind}/${name}`, revision)
    }
  }
}
