import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { JsonObject } from '../../shared/json/json.ts'
import { openKeepAlive, type KeepAlive } from '../load/keep-alive.ts'
import { reviewBody } from '../load/review-body.ts'
import { routeManifest } from '../stack/route-manifest.ts'
import { makeNamespace } from '../stack/objects.ts'
import { servingCa } from '../stack/serving-ca.ts'
import type { Stack } from '../stack/stack.ts'
import type { Tlsauto } from '../stack/tlsauto.ts'
import type { Measure } from './measure.ts'
import { large, shapes } from './rules.ts'

const BODY_MS = 250
const RULE_MS = 50
const ROUNDS = 5
/** A namespace that allows none of the hosts. */
const BOUND = 'bound'
/** Between two looks at the event loop. */
const PING_MS = 1

type Heavy = { readonly name: string; readonly body: string; readonly goal: number }

/** How long the largest bodies and the longest rules keep an honest review waiting: of a server that
 * has just started, and of one that has seen such already. */
export async function benchBlocking(input: {
  readonly stack: Stack
  readonly tlsauto: Tlsauto
}): Promise<readonly Measure[]> {
  const { stack, tlsauto } = input
  const place = {
    url: tlsauto.url,
    ca: await servingCa(stack),
    file: join(stack.folder, 'heavy.json'),
  }
  const annotations = { 'tlsauto.dev/allowed-domains': 'other.example.com' }
  await makeNamespace(stack, BOUND, { annotations })
  const measures: Measure[] = []
  for (const heavy of [...bodies(), ...rules()]) {
    await tlsauto.stop()
    await tlsauto.start()
    const [first = Number.NaN, ...later] = await waitsFor(heavy, place)
    measures.push(
      measure(`${heavy.name}, just started`, first, heavy.goal),
      measure(`${heavy.name}, warm`, Math.min(...later), heavy.goal),
    )
  }
  return measures
}

function measure(name: string, value: number, goal: number): Measure {
  return { name, value, unit: 'ms', baseline: null, goal, holds: value <= goal }
}

type Place = { readonly url: string; readonly ca: string; readonly file: string }

async function waitsFor({ body }: Heavy, place: Place): Promise<readonly number[]> {
  await writeFile(place.file, body)
  const honest = await openKeepAlive(place.url, place.ca)
  const waits: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const perPath: number[] = []
    for (const path of ['/mutate', '/validate']) {
      perPath.push(await longestWait(honest, async () => post(place, path)))
    }
    waits.push(Math.max(...perPath))
  }
  honest.close()
  return waits
}

const POST = join(import.meta.dirname, '..', 'load', 'run-post.ts')

/** Looked at, or refused for what it would cost. */
async function post({ url, ca, file }: Place, path: string): Promise<void> {
  const { stdout } = await promisify(execFile)(process.execPath, [POST, url, path, ca, file])
  if (stdout !== '200' && stdout !== '413') throw new Error(`status ${stdout}`)
}

/** Milliseconds of the slowest honest review during some work. */
async function longestWait(honest: KeepAlive, work: () => Promise<void>): Promise<number> {
  let longest = 0
  const working = { done: false }
  const worked = work().finally(() => {
    working.done = true
  })
  while (!working.done) {
    const started = performance.now()
    await honest.post('/validate', reviewBody('honest'))
    longest = Math.max(longest, performance.now() - started)
    await delay(PING_MS)
  }
  await worked
  return longest
}

/** As large as can be, in the shapes that cost most: the parser of JSON, or what comes after it. */
function bodies(): readonly Heavy[] {
  const hosts = { routes: Array.from({ length: 30_000 }, (_, at) => entry(`h${at}.example.com`)) }
  return [
    body('7 MB of one text', { padding: 'x'.repeat(7_300_000) }),
    body('7 MB of empty objects', empty(2_400_000)),
    body('120,000 empty entries', empty(120_000)),
    body('240,000 distinct keys', members(240_000)),
    body('240,000 annotations', {}, { metadata: { annotations: members(240_000) } }),
    body('30,000 hosts', hosts),
    body('30,000 hosts that are not allowed', hosts, { request: { namespace: BOUND } }),
  ]
}

function body(
  name: string,
  spec: JsonObject,
  {
    metadata = {},
    request = {},
  }: { readonly metadata?: JsonObject; readonly request?: JsonObject } = {},
): Heavy {
  const route = routeManifest({ namespace: 'default', name: 'heavy', rules: [] })
  const object = { ...route, metadata: { name: 'heavy', ...metadata }, spec }
  return { name: `body: ${name}`, body: reviewBody('heavy', object, request), goal: BODY_MS }
}

function empty(count: number): JsonObject {
  return { routes: Array.from({ length: count }, () => ({})) }
}

function entry(host: string): JsonObject {
  return { kind: 'Rule', match: `Host(\`${host}\`)`, services: [{ name: 'web', port: 80 }] }
}

function members(count: number): JsonObject {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`name-${at}`, 'x']))
}

function rules(): readonly Heavy[] {
  return shapes.map(({ name, make }) => {
    const route = routeManifest({ namespace: 'default', name: 'heavy', rules: [make(large)] })
    return { name: `rule: ${name}`, body: reviewBody('heavy', route), goal: RULE_MS }
  })
}
