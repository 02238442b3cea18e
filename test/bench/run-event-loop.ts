import { pino } from 'pino'
import type { JsonObject } from '../../shared/json/json.ts'
import { RESOURCES, type Resource } from '../../shared/kube/resources.ts'
import { readConfig } from '../../webhook/config.ts'
import { createClusterIndex } from '../../webhook/controller/index/cluster-index.ts'
import { startController, type Controller } from '../../webhook/controller/controller.ts'
import { DEFAULT_PACE } from '../../webhook/runtime/reflector.ts'
import { createMetrics } from '../../webhook/runtime/metrics.ts'
import { warmUp } from '../../webhook/http/warm-up.ts'
import { wildcardCluster } from '../fixtures/routes.ts'
import { storingClient, type StoringClient } from '../fixtures/storing-client.ts'
import { routeManifest } from '../stack/route-manifest.ts'
import { watchLoop, type LoopWatch } from './holds.ts'

/** Once in a process that has just started, and once more in the same. */
const ROUNDS = 2

const HOSTS = 3000
const SHARED = 1000
const MANY = 10_000
const NAMESPACE = 'team'

const CONFIG = readConfig({
  argv: [
    '--backfill=0',
    '--max-certificates-per-namespace=0',
    '--max-claims-per-namespace=0',
    '--claim-grace=1h',
  ],
  env: {},
  hostname: 'bench',
})

type Server = {
  readonly api: StoringClient
  readonly loop: LoopWatch
  readonly controller: Controller
}

type Step = { readonly name: string; readonly act: (server: Server) => unknown }

/** What a tenant may store, and what then happens to it. */
type Scene = { readonly before: (api: StoringClient) => void; readonly steps: readonly Step[] }

const lead: Step['act'] = ({ controller }) => controller.setLeading(true)
const follow: Step['act'] = ({ controller }) => controller.setLeading(false)

const SCENES: readonly Scene[] = [
  {
    before: () => undefined,
    steps: [
      step('3,000 hosts: the route is stored', ({ api }) => put(api, wide())),
      step('3,000 hosts: the route is changed', ({ api }) => put(api, wide('v'))),
      step('3,000 hosts: claimed, and all Certificates made', lead),
      step('3,000 hosts: a port is changed', ({ api }) => put(api, wide('v', 81))),
      step('3,000 hosts: a leader begins', (server) => {
        follow(server)
        return lead(server)
      }),
      step('3,000 hosts: the server starts with them', restart),
      step('3,000 hosts: the route is deleted', ({ api }) =>
        api.remove(RESOURCES.ingressRoutes, wide()),
      ),
    ],
  },
  {
    before: (api) => {
      for (let at = 0; at < SHARED; at += 1) put(api, one(at, 'shop.example.com'))
    },
    steps: [
      step('1,000 routes on a host: the leader begins', lead),
      step('1,000 routes on a host: one more', ({ api }) =>
        put(api, one(SHARED, 'shop.example.com')),
      ),
      step('1,000 routes on a host: its Certificate changes', ({ api }) =>
        api.remove(RESOURCES.certificates, {
          metadata: { namespace: NAMESPACE, name: 'cert-route-0-shop-example-com' },
        }),
      ),
    ],
  },
  {
    before: (api) => {
      for (let at = 0; at < MANY; at += 1) put(api, one(at, `h${at}.example.com`))
    },
    steps: [
      step('10,000 routes: claimed, and all Certificates made', lead),
      step('10,000 routes: a leader begins', (server) => {
        follow(server)
        return lead(server)
      }),
      step('10,000 routes: the Namespace changes', ({ api }) =>
        put(api, namespace({ 'tlsauto.dev/allowed-domains': '*.example.com' }), 'namespaces'),
      ),
      step('10,000 routes: and changes back', ({ api }) => put(api, namespace(), 'namespaces')),
      step('10,000 routes: a claim for all below a wildcard', ({ api }) =>
        put(api, claimBelow(), 'domainClaims'),
      ),
      step('10,000 routes: a scrape', async ({ controller }) => controller.measure()),
      step('10,000 routes: the server starts with them', restart),
      step('10,000 routes: an IngressRouteTCP for a wildcard', ({ api }) =>
        put(api, tcpWildcard(), 'ingressRouteTCPs'),
      ),
    ],
  },
]

function step(name: string, act: Step['act']): Step {
  return { name, act }
}

/** A second server over what is stored: it lists all of it, and leads. */
async function restart({ api, loop }: Server): Promise<void> {
  const { controller, end } = serve(api)
  controller.setLeading(true)
  await loop.rest(api.calls)
  await end()
}

function serve(api: StoringClient): { readonly controller: Controller; end(): Promise<void> } {
  const ending = new AbortController()
  const controller = startController({
    ...CONFIG,
    client: api.client,
    index: createClusterIndex(wildcardCluster),
    pace: { ...DEFAULT_PACE, stall: 3_600_000 },
    metrics: createMetrics('1.2.3'),
    logger: pino({ level: 'error' }),
    onFault: (stop, about, error) => {
      throw new Error(`${stop} ${about}`, { cause: error })
    },
    signal: ending.signal,
  })
  const end = async (): Promise<void> => {
    ending.abort()
    await controller.done
  }
  return { controller, end }
}

/** The longest turn of each step, in milliseconds. */
async function play({ before, steps }: Scene, loop: LoopWatch): Promise<Map<string, number>> {
  const api = storingClient()
  put(api, namespace(), 'namespaces')
  const metadata = { name: 'tlsauto', creationTimestamp: '2026-01-01T00:00:00Z' }
  put(api, { metadata }, 'mutatingWebhooks')
  before(api)
  const { controller, end } = serve(api)
  await loop.rest(api.calls)
  const holds = new Map<string, number>()
  for (const { name, act } of steps) {
    loop.longest()
    await act({ api, loop, controller })
    await loop.rest(api.calls)
    const longest = loop.longest()
    holds.set(name, longest)
    process.stderr.write(`${name}: ${longest.toFixed(1)} ms\n`)
  }
  await end()
  return holds
}

function put(
  api: StoringClient,
  object: JsonObject,
  kind: keyof typeof RESOURCES = 'ingressRoutes',
): void {
  const resource: Resource = RESOURCES[kind]
  api.put(resource, object)
}

function namespace(annotations: Readonly<Record<string, string>> = {}): JsonObject {
  return { metadata: { name: NAMESPACE, annotations } }
}

function one(at: number, host: string): JsonObject {
  const rules = [`Host(\`${host}\`)`]
  const spec = { entryPoints: ['websecure'] }
  return routeManifest({ namespace: NAMESPACE, name: `route-${at}`, rules, spec })
}

function wide(letter = 'h', port = 80): JsonObject {
  const hosts = Array.from({ length: HOSTS }, (_, at) => `${letter}${at}.customers.org`)
  const match = hosts.map((host) => `Host(\`${host}\`)`).join(' || ')
  const routes = [{ kind: 'Rule', match, services: [{ name: 'shop', port }] }]
  const spec = { entryPoints: ['web', 'websecure'], routes }
  return routeManifest({ namespace: NAMESPACE, name: 'wide', rules: [], spec })
}

function claimBelow(): JsonObject {
  const spec = { host: '*.example.com', namespace: NAMESPACE, below: true }
  return { metadata: { name: 'wildcard.example.com' }, spec }
}

function tcpWildcard(): JsonObject {
  const match = 'HostSNI(`*.example.com`)'
  const routes = [{ match, services: [{ name: 'db', port: 5432 }] }]
  return {
    metadata: { namespace: NAMESPACE, name: 'db' },
    spec: { entryPoints: ['websecure'], routes, tls: { passthrough: true } },
  }
}

/** Prints the figures of each round as JSON; of one scene, where its number is given. */
async function run(only: string | undefined): Promise<void> {
  warmUp(wildcardCluster)
  const loop = watchLoop()
  const scenes = SCENES.filter((_scene, at) => only === undefined || String(at) === only)
  const rounds: Readonly<Record<string, number>>[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const holds: (readonly [string, number])[] = []
    for (const scene of scenes) holds.push(...(await play(scene, loop)))
    rounds.push(Object.fromEntries(holds))
  }
  await loop.stop()
  process.stdout.write(JSON.stringify(rounds))
}

await run(process.argv[2])
process.exit()
