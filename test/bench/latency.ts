import type { JsonObject } from '../../shared/json/json.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { companionName } from '../../shared/names/names.ts'
import { fetchPage } from '../demo/fetch-page.ts'
import { quantile } from '../load/quantile.ts'
import { imageProgram } from '../stack/image-program.ts'
import { applyIssuer } from '../stack/issuer.ts'
import { find, makeNamespace } from '../stack/objects.ts'
import { routeManifest } from '../stack/route-manifest.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { startTlsauto } from '../stack/tlsauto.ts'
import { until } from '../stack/until.ts'
import { watchCertificates } from './certificate-watch.ts'
import type { Measure } from './measure.ts'

const ROUTES = 200
const WARM_UP = 20

/** How soon a plain route has its Certificate, and how soon verified HTTPS, on a stack of its own. */
export async function benchLatency(): Promise<readonly Measure[]> {
  const stack = await startStack()
  try {
    await applyIssuer(stack)
    const byHand = await timeToHttps(stack, 'by-hand', certificateByHand)
    const plain = await creations(stack, 'baseline', NOTHING)
    await startTlsauto(stack, {
      ...(await imageProgram()),
      flags: [
        '--log-level=info',
        '--max-certificates-per-namespace=0',
        '--max-claims-per-namespace=0',
      ],
    })
    const https = await timeToHttps(stack, 'https', async () => ({}))
    const certificates = await timeToCertificate(stack)
    return [
      measure('create to Certificate, p50', { at: 0.5, of: certificates, beside: plain, goal: 10 }),
      measure('create to Certificate, p99', {
        at: 0.99,
        of: certificates,
        beside: plain,
        goal: 30,
      }),
      {
        name: 'create to verified HTTPS',
        value: https,
        unit: 's',
        baseline: byHand,
        goal: 10,
        holds: https < 10,
      },
    ]
  } finally {
    await stack.stop()
  }
}

/** Milliseconds from sending the create of a route until a watch shows its Certificate. */
async function timeToCertificate(stack: Stack): Promise<readonly number[]> {
  const watch = await watchCertificates(stack)
  try {
    return await creations(stack, 'latency', {
      comes: async (name) => watch.comes(`cert-${name}-${name}-example-com`),
      rests: async (name) => companionOf(stack, name),
    })
  } finally {
    await watch.close()
  }
}

/** Waits for the last that is made for a route of namespace `latency`. */
async function companionOf(stack: Stack, route: string): Promise<void> {
  const target = {
    resource: RESOURCES.ingressRoutes,
    namespace: 'latency',
    name: companionName(route),
  }
  await until('its companion', async () => find(stack.client, target))
}

/** What comes of a route: what is timed, and what is waited for before the next. */
type Outcome = Readonly<Record<'comes' | 'rests', (name: string) => Promise<void>>>

const NOTHING: Outcome = { comes: async () => undefined, rests: async () => undefined }

/** Creates routes one after the other, and times each with what is to come of it. cert-manager and
 * Traefik pause: their work on one route is not the wait for the next. */
async function creations(
  stack: Stack,
  namespace: string,
  { comes, rests }: Outcome,
): Promise<readonly number[]> {
  await makeNamespace(stack, namespace)
  const times: number[] = []
  const others = [stack.certManager, stack.traefik]
  for (const other of others) other.kill('SIGSTOP')
  for (let index = 0; index < WARM_UP + ROUTES; index += 1) {
    const name = `r${index}`
    const route = quietRoute(namespace, name)
    const came = comes(name)
    const started = performance.now()
    await stack.client.create(RESOURCES.ingressRoutes, route)
    await came
    if (index >= WARM_UP) times.push(performance.now() - started)
    await rests(name)
  }
  await stack.kubectl(['delete', 'namespace', namespace])
  for (const other of others) other.kill('SIGCONT')
  return times
}

function quietRoute(namespace: string, name: string): JsonObject {
  const annotations = { 'cert-manager.io/issuer': 'missing' }
  return routeManifest({ namespace, name, rules: [`Host(\`${name}.example.com\`)`], annotations })
}

/** Seconds from the create of a route until its page comes over HTTPS, verified. */
async function timeToHttps(
  stack: Stack,
  name: string,
  prepare: (stack: Stack, namespace: string) => Promise<JsonObject>,
): Promise<number> {
  const namespace = await makeNamespace(stack, name)
  await stack.backends.serve({ namespace, name: 'web', text: name })
  const domain = `${name}.example.com`
  const started = performance.now()
  const spec = await prepare(stack, namespace)
  const rules = [`Host(\`${domain}\`)`]
  await stack.client.create(
    RESOURCES.ingressRoutes,
    routeManifest({ namespace, name: 'r', rules, spec }),
  )
  const at = { domain, port: stack.websecure, rootFile: stack.acme.rootFile }
  await until('HTTPS', async () => fetchPage(at), 60_000)
  return (performance.now() - started) / 1000
}
/** What a user without tlsauto writes; gives what goes into the route. */
async function certificateByHand(stack: Stack, namespace: string): Promise<JsonObject> {
  await stack.client.create(RESOURCES.certificates, {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    metadata: { namespace, name: 'r' },
    spec: {
      secretName: 'r',
      dnsNames: [`${namespace}.example.com`],
      issuerRef: { kind: 'ClusterIssuer', name: 'letsencrypt-prod' },
    },
  })
  return { tls: { secretName: 'r' } }
}

/** One quantile, beside the same quantile of the create alone, without tlsauto. */
function measure(
  name: string,
  input: {
    readonly at: number
    readonly of: readonly number[]
    readonly beside: readonly number[]
    readonly goal: number
  },
): Measure {
  const value = quantile(sorted(input.of), input.at)
  return {
    name,
    value,
    unit: 'ms',
    baseline: quantile(sorted(input.beside), input.at),
    goal: input.goal,
    holds: value < input.goal,
  }
}

function sorted(times: readonly number[]): readonly number[] {
  return times.toSorted((a, b) => a - b)
}
