import type { JsonObject } from '../../shared/json/json.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { quantile } from '../load/quantile.ts'
import { makeNamespace } from '../stack/objects.ts'
import { routeManifest } from '../stack/route-manifest.ts'
import type { Stack } from '../stack/stack.ts'
import { watchCertificates, type CertificateWatch } from './certificate-watch.ts'
import type { Measure } from './measure.ts'
import type { BareWebhook } from './start-bare.ts'

const WARM_UP = 50
const ROUTES = 1000
const MORE_MS = 0.5
const MORE_TIMES = 1.3

/** Namespaces in which a create meets no webhook, bare ones, and tlsauto's. */
const KINDS = ['none', 'bare', 'tlsauto'] as const
type Kind = (typeof KINDS)[number]

/** What tlsauto adds to a create on the API server, side by side with webhooks that do nothing. */
export async function benchCreate(input: {
  readonly stack: Stack
  readonly bare: BareWebhook
}): Promise<readonly Measure[]> {
  const { stack, bare } = input
  await installBare(stack, bare)
  for (const kind of KINDS) {
    const labels = {
      bench: kind,
      ...(kind === 'tlsauto' ? {} : { 'tlsauto.dev/enabled': 'false' }),
    }
    await makeNamespace(stack, `create-${kind}`, { labels })
  }
  const watch = await watchCertificates(stack)
  const times: Record<Kind, number[]> = { none: [], bare: [], tlsauto: [] }
  for (let round = 0; round < WARM_UP + ROUTES; round += 1) {
    for (const kind of inTurn(round)) {
      const took = await create(stack, { kind, name: `r${round}` }, watch)
      if (round >= WARM_UP) times[kind].push(took)
    }
  }
  await watch.close()
  for (const kind of KINDS) times[kind].sort((a, b) => a - b)
  return measures(times)
}

/** Who comes first changes from round to round. */
function inTurn(round: number): readonly Kind[] {
  const first = round % KINDS.length
  return [...KINDS.slice(first), ...KINDS.slice(0, first)]
}

/** Milliseconds of a create. What tlsauto's controller does with it is over before the next one. */
async function create(
  stack: Stack,
  { kind, name }: { readonly kind: Kind; readonly name: string },
  watch: CertificateWatch,
): Promise<number> {
  const host = `${name}.${kind}.example.com`
  const annotations = { 'cert-manager.io/issuer': 'missing' }
  const namespace = `create-${kind}`
  const route = routeManifest({ namespace, name, rules: [`Host(\`${host}\`)`], annotations })
  const came = watch.comes(`cert-${name}-${host.replaceAll('.', '-')}`)
  const started = performance.now()
  await stack.client.create(RESOURCES.ingressRoutes, route)
  const took = performance.now() - started
  if (kind === 'tlsauto') await came
  return took
}

function measures(times: Readonly<Record<Kind, readonly number[]>>): readonly Measure[] {
  const at = (kind: Kind, part: number): number => quantile(times[kind], part)
  const added = (kind: Kind): number => at(kind, 0.5) - at('none', 0.5)
  const [ours, bare] = [added('tlsauto'), added('bare')]
  const [slow, bareSlow] = [at('tlsauto', 0.99), at('bare', 0.99)]
  return [
    figure('create without a webhook, p50', { value: at('none', 0.5), baseline: null, goal: null }),
    figure('added to a create, p50', { value: ours, baseline: bare, goal: bare + MORE_MS }),
    figure('create, p99', { value: slow, baseline: bareSlow, goal: bareSlow * MORE_TIMES }),
  ]
}

function figure(
  name: string,
  figures: {
    readonly value: number
    readonly baseline: number | null
    readonly goal: number | null
  },
): Measure {
  const { value, goal } = figures
  return { name, ...figures, unit: 'ms', holds: goal === null || value <= goal }
}

/** As tlsauto's webhooks, but for their selectors; a failing one would be seen. */
async function installBare(stack: Stack, { url, ca }: BareWebhook): Promise<void> {
  const webhook = (path: string): JsonObject => ({
    name: `${path}.bare.example.com`,
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    failurePolicy: 'Fail',
    timeoutSeconds: 10,
    clientConfig: { url: `${url}/${path}`, caBundle: Buffer.from(ca).toString('base64') },
    namespaceSelector: { matchLabels: { bench: 'bare' } },
    rules: [
      {
        apiGroups: ['traefik.io'],
        apiVersions: ['v1alpha1'],
        resources: ['ingressroutes'],
        operations: ['CREATE'],
      },
    ],
  })
  const metadata = { name: 'bare' }
  await stack.client.create(RESOURCES.mutatingWebhooks, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata,
    webhooks: [webhook('mutate')],
  })
  await stack.client.create(RESOURCES.validatingWebhooks, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata,
    webhooks: [webhook('validate')],
  })
}
