import { setTimeout as delay } from 'node:timers/promises'
import type { JsonObject } from '../../shared/json/json.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { isStatus } from '../../shared/kube/kube-error.ts'
import { companionName } from '../../shared/names/names.ts'
import { RESOURCES, type Resource } from '../../shared/kube/resources.ts'
import { routeManifest, type RouteInput } from '../stack/route-manifest.ts'
import type { Invariant } from './invariants.ts'

/** Who walks a scenario, and where. */
export type Client = {
  readonly client: KubeClient
  readonly namespace: string
  /** With the server away. */
  away(during: () => Promise<unknown>): Promise<void>
  /** While another one leads. */
  ruled(during: () => Promise<unknown>): Promise<void>
}

/** What a user does: from where the first steps lead, in peace, to where the last step leads, disturbed. */
export type Scenario = {
  readonly before: readonly Step[]
  readonly step: Step
  /** The invariants that the user's own step breaks. */
  readonly breaks?: readonly Invariant[]
}

type Step = (at: Client) => Promise<unknown>

const SECURE = { entryPoints: ['websecure'] }
const ISSUER = 'cert-manager.io/cluster-issuer'
const ENABLED = 'tlsauto.dev/enabled'
const HTTP = 'tlsauto.dev/http'
const OURS = 'app.kubernetes.io/managed-by'
/** Sooner than what the proxy delays. */
const SOON_MS = 300

/** All scenarios, by name. Hosts are `a`, `b`, … of a domain of the namespace's own. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  create: { before: [], step: create('r', ['a', 'b']) },
  'create-secure': { before: [], step: create('r', ['a'], { spec: SECURE }) },
  'create-tcp': { before: [], step: createTcp('r', 'a') },
  'create-carry': {
    before: [],
    step: create('r', ['a'], { annotations: { 'tlsauto.dev/attach': 'carry' } }),
  },
  'create-on-taken-name': {
    before: [foreignCertificate('a')],
    step: create('r', ['a', 'b'], { spec: SECURE }),
  },
  slipped: { before: [], step: async (at) => at.away(async () => created(at, 'r', ['a', 'b'])) },
  'add-host': { before: [create('r', ['a'])], step: rules('r', ['a', 'b']) },
  'remove-host': { before: [create('r', ['a', 'b'])], step: rules('r', ['a']) },
  'change-primary-host': { before: [create('r', ['a', 'b'])], step: rules('r', ['c', 'b']) },
  'change-only-host': { before: [create('r', ['a'])], step: rules('r', ['b']) },
  join: { before: [create('r', ['a'])], step: create('second', ['a']) },
  leave: {
    before: [create('r', ['a']), create('second', ['a'])],
    step: remove('ingressRoutes', 'r'),
  },
  'leave-as-younger': {
    before: [create('r', ['a']), create('second', ['a', 'b'])],
    step: remove('ingressRoutes', 'second'),
  },
  'opt-out': { before: [create('r', ['a', 'b'])], step: annotate('r', ENABLED, 'false') },
  'opt-in': {
    before: [create('r', ['a', 'b'], { annotations: { [ENABLED]: 'false' } })],
    step: annotate('r', ENABLED, null),
  },
  'opt-out-namespace': {
    before: [create('r', ['a'])],
    step: async (at) => namespace(at, { labels: { [ENABLED]: 'false' } }),
  },
  delete: { before: [create('r', ['a', 'b'])], step: remove('ingressRoutes', 'r') },
  'delete-and-create': {
    before: [create('r', ['a'])],
    step: async (at) => at.away(async () => recreated(at)),
    // Garbage collection takes what the first one owned, in an order of its own.
    breaks: ['redirect-leads-somewhere', 'middleware-first'],
  },
  issuer: { before: [create('r', ['a', 'b'])], step: annotate('r', ISSUER, 'another') },
  'issuer-namespace': {
    before: [create('r', ['a']), create('second', ['b'], { spec: SECURE })],
    step: async (at) => namespace(at, { annotations: { [ISSUER]: 'another' } }),
  },
  'http-serve': { before: [create('r', ['a', 'b'])], step: annotate('r', HTTP, 'serve') },
  'http-off': {
    before: [create('r', ['a'])],
    step: annotate('r', HTTP, 'off'),
    breaks: ['http-answers'],
  },
  'entry-points-secure': {
    before: [create('r', ['a'])],
    step: async (at) => patch(at, 'r', { spec: SECURE }),
    breaks: ['http-answers'],
  },
  'edit-certificate': {
    before: [create('r', ['a'])],
    step: async (at) =>
      patch(at, certificateOf(at, 'a'), { metadata: { ownerReferences: [] } }, 'certificates'),
  },
  'delete-certificate': {
    before: [create('r', ['a'])],
    step: async (at) => removed(at, 'certificates', certificateOf(at, 'a')),
    breaks: ['named-certificate-stays', 'redirect-leads-somewhere'],
  },
  'delete-carrier': {
    before: [create('r', ['a', 'b'])],
    step: async (at) => removed(at, 'ingressRoutes', certificateOf(at, 'b')),
  },
  'delete-companion': {
    before: [create('r', ['a'])],
    step: remove('ingressRoutes', companionName('r')),
    breaks: ['http-answers'],
  },
  // Of two events of one kind the second tells the reflector a place behind the first.
  'delete-companions': {
    before: [create('r', ['a']), create('second', ['b'])],
    step: async (at) => {
      for (const name of ['r', 'second']) await removed(at, 'ingressRoutes', companionName(name))
    },
    breaks: ['http-answers'],
  },
  'delete-middleware': {
    before: [create('r', ['a'])],
    step: remove('middlewares', companionName('r')),
    breaks: ['redirect-leads-somewhere', 'middleware-first'],
  },
  // Someone takes an object over while tlsauto is about to write to it.
  disown: {
    before: [create('r', ['a']), create('second', ['a'], { spec: SECURE })],
    step: async (at) => {
      await removed(at, 'ingressRoutes', 'second')
      await delay(SOON_MS)
      const metadata = { ownerReferences: [], labels: { [OURS]: null } }
      await patch(at, certificateOf(at, 'a'), { metadata }, 'certificates')
    },
  },
  'replace-leftover': {
    before: [create('r', ['a', 'b'])],
    step: async (at) => {
      await rules('r', ['a'])(at)
      await delay(SOON_MS)
      await removed(at, 'certificates', certificateOf(at, 'b')).catch(ifMissing)
      await foreignCertificate('b')(at)
    },
  },
  'not-leading': {
    before: [create('r', ['a'])],
    step: async (at) => at.ruled(async () => rules('r', ['a', 'b'])(at)),
  },
  restart: {
    before: [create('r', ['a', 'b'])],
    step: async (at) => at.away(async () => undefined),
  },
  'restart-on-taken-name': {
    before: [foreignCertificate('a'), create('r', ['a', 'b'], { spec: SECURE })],
    step: async (at) => at.away(async () => undefined),
  },
}

/** The domain of a namespace's hosts. */
export function domainOf(namespace: string): string {
  return `${namespace}.org`
}

type More = Pick<RouteInput, 'annotations' | 'spec'>

function create(name: string, hosts: readonly string[], more: More = {}): Step {
  return async (at) => created(at, name, hosts, more)
}

async function created(
  { client, namespace }: Client,
  name: string,
  hosts: readonly string[],
  more: More = {},
): Promise<void> {
  const manifest = routeManifest({ namespace, name, rules: matches(namespace, hosts), ...more })
  await client.create(RESOURCES.ingressRoutes, manifest)
}

function createTcp(name: string, host: string): Step {
  return async ({ client, namespace }) => {
    const rules = [`HostSNI(\`${host}.${domainOf(namespace)}\`)`]
    const spec = { ...SECURE, tls: {} }
    const kind = 'IngressRouteTCP'
    await client.create(
      RESOURCES.ingressRouteTCPs,
      routeManifest({ kind, namespace, name, rules, spec }),
    )
  }
}

function ifMissing(error: unknown): void {
  if (!isStatus(error, 404)) throw error
}

async function recreated(at: Client): Promise<void> {
  await removed(at, 'ingressRoutes', 'r')
  await created(at, 'r', ['a'])
}

function rules(name: string, hosts: readonly string[]): Step {
  return async (at) => {
    const { namespace } = at
    const { spec } = routeManifest({ namespace, name, rules: matches(namespace, hosts) })
    await patch(at, name, { spec })
  }
}

function annotate(name: string, key: string, value: string | null): Step {
  return async (at) => patch(at, name, { metadata: { annotations: { [key]: value } } })
}

type Plural = 'ingressRoutes' | 'certificates' | 'middlewares'

async function patch(
  { client, namespace }: Client,
  name: string,
  change: JsonObject,
  plural: Plural = 'ingressRoutes',
): Promise<void> {
  await client.mergePatch({ resource: RESOURCES[plural], namespace, name }, change)
}

async function namespace({ client, namespace }: Client, metadata: JsonObject): Promise<void> {
  await client.mergePatch({ resource: RESOURCES.namespaces, name: namespace }, { metadata })
}

function remove(plural: Plural, name: string): Step {
  return async (at) => removed(at, plural, name)
}

async function removed({ client, namespace }: Client, plural: Plural, name: string): Promise<void> {
  const resource: Resource = RESOURCES[plural]
  await client.delete({ resource, namespace, name })
}

function foreignCertificate(host: string): Step {
  return async (at) => {
    const { client, namespace } = at
    await client.create(RESOURCES.certificates, {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata: { namespace, name: certificateOf(at, host) },
      spec: { secretName: 'foreign', dnsNames: ['foreign.org'], issuerRef: { name: 'missing' } },
    })
  }
}

/** Under route `r`. */
function certificateOf({ namespace }: Client, host: string): string {
  return `cert-r-${host}-${domainOf(namespace).replaceAll('.', '-')}`
}

function matches(namespace: string, hosts: readonly string[]): readonly string[] {
  return hosts.map((host) => `Host(\`${host}.${domainOf(namespace)}\`)`)
}
