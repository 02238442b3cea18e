import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { isJsonObject, listAt, objectAt, type JsonObject } from '../../shared/json/json.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { startDnsFront, type DnsFront } from '../stack/dns-front.ts'
import { startLetsEncrypt, type Problem } from '../stack/lets-encrypt.ts'
import { routeManifest } from '../stack/route-manifest.ts'
import { startSocks } from '../stack/socks.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { until } from '../stack/until.ts'
import {
  ANSWERS_404,
  ANSWERS_NEVER,
  ANSWERS_RUBBISH,
  BESIDE,
  CAUSE_ROWS,
  HANGS_UP,
  SELF_RESOLVED,
  type CauseRow,
} from './cause-rows.ts'

/** A cluster with everything around it that the rows need. */
export type BrokenCluster = {
  readonly stack: Stack
  readonly front: DnsFront
  apply(...objects: readonly JsonObject[]): Promise<void>
}

/** Seconds that a certificate of profile `short` is valid. */
const SHORT = 45

/** Starts it; all that listens in this process ends with the signal. */
export async function startBrokenCluster(signal: AbortSignal): Promise<BrokenCluster> {
  let front: DnsFront | undefined
  let stack: Stack | undefined
  const ways = () => ({
    resolver: front?.address ?? '',
    ports: new Map([
      [80, stack?.web ?? 0],
      [443, stack?.websecure ?? 0],
    ]),
  })
  stack = await startStack({
    profiles: { default: 7_776_000, short: SHORT },
    quotas: true,
    httpProxy: { url: await startSocks(ways, signal), except: SELF_RESOLVED },
    dnsFront: async (upstream) => {
      front = await startDnsFront({ upstream, zone: 'example.com', signal })
      return front.address
    },
  })
  if (front === undefined) throw new Error('nobody asked for a DNS server')
  const { kubectl, web } = stack
  const apply: BrokenCluster['apply'] = async (...items) => {
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
    await kubectl(['apply', '-f', '-'], { input })
  }
  await Promise.all(
    Object.entries(STRANGERS).map(async ([host, answer]) => listen(host, { web, answer, signal })),
  )
  await apply(...NAMESPACES.map((name) => namespace(name)), ...POLICIES, QUOTA)
  await apply(...(await issuers(stack, signal)))
  await stack.backends.serve({ namespace: 'default', name: 'web', text: 'a page' })
  await policiesHold(stack)
  return { stack, front, apply }
}

/** What answers where DNS leads astray. */
const STRANGERS: Readonly<Record<string, RequestListener>> = {
  [ANSWERS_404]: (_request, response) => response.writeHead(404).end('not here'),
  [ANSWERS_RUBBISH]: (_request, response) => response.end('It works!'),
  [ANSWERS_NEVER]: () => undefined,
  [HANGS_UP]: (request) => request.socket.destroy(),
}

async function listen(
  host: string,
  about: { readonly web: number; readonly answer: RequestListener; readonly signal: AbortSignal },
): Promise<void> {
  const server = createServer(about.answer)
  about.signal.addEventListener('abort', () => {
    server.close()
    server.closeAllConnections()
  })
  server.listen(about.web, host)
  await once(server, 'listening')
}

const NAMESPACES = ['unapproved', 'denied', 'full', 'strict', 'unasked', 'late']

function namespace(name: string): JsonObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
}

const QUOTA: JsonObject = {
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { namespace: 'full', name: 'small' },
  spec: { hard: { pods: '0' } },
}

/** As cert-manager's webhook keeps who has no right to approve from it, and as a policy for Pods may. */
const POLICIES: readonly JsonObject[] = [
  ...policy('nobody-approves', {
    namespaces: ['unapproved', 'denied'],
    rule: {
      apiGroups: ['cert-manager.io'],
      apiVersions: ['v1'],
      operations: ['UPDATE'],
      resources: ['certificaterequests/status'],
    },
    expression:
      "!has(object.status.conditions) || !object.status.conditions.exists(one, one.type == 'Approved')",
  }),
  ...policy('no-pods', {
    namespaces: ['strict'],
    rule: { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] },
    expression: 'false',
  }),
  ...policy('no-requests', {
    namespaces: ['unasked'],
    rule: {
      apiGroups: ['cert-manager.io'],
      apiVersions: ['v1'],
      operations: ['CREATE'],
      resources: ['certificaterequests'],
    },
    expression: 'false',
  }),
]

function policy(
  name: string,
  about: {
    readonly namespaces: readonly string[]
    readonly rule: JsonObject
    readonly expression: string
  },
): readonly JsonObject[] {
  const { namespaces, rule, expression } = about
  const apiVersion = 'admissionregistration.k8s.io/v1'
  const namespaceSelector = {
    matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: namespaces }],
  }
  return [
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name },
      spec: {
        matchConstraints: { resourceRules: [rule] },
        validations: [{ expression, message: `by policy ${name}` }],
      },
    },
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name },
      spec: {
        policyName: name,
        validationActions: ['Deny'],
        matchResources: { namespaceSelector },
      },
    },
  ]
}

/** The API server reads policies again every second, all of them at once. */
async function policiesHold({ client }: Stack): Promise<void> {
  const refusals = { strict: 'no-pods', full: 'exceeded quota' }
  await Promise.all(
    Object.entries(refusals).map(async ([namespace, word]) =>
      until(`Pods in ${namespace} to be refused`, async () => {
        const pod = {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { namespace, name: 'a' },
          spec: { containers: [{ name: 'a', image: 'a' }] },
        }
        const refusal = await client.create(RESOURCES.pods, pod, { dryRun: true }).catch(String)
        return (typeof refusal === 'string' && refusal.includes(word)) || undefined
      }),
    ),
  )
}

function said(to: 'order' | 'challenge' | 'signing'): ReadonlyMap<string, Problem> {
  const rows = CAUSE_ROWS.flatMap(({ domain, says }) =>
    says?.to === to ? [[domain, problemOf(says)] as const] : [],
  )
  return new Map(rows)
}

function http(ingressClassName = 'traefik'): JsonObject {
  return { http01: { ingress: { ingressClassName } } }
}

async function issuers(stack: Stack, signal: AbortSignal): Promise<readonly JsonObject[]> {
  const { directory, dnsServer } = stack.acme
  const words = {
    orders: said('order'),
    challenges: said('challenge'),
    signing: said('signing'),
    accounts: new Map([[`mailto:${UNREGISTERED}`, TOO_MANY_ACCOUNTS]]),
  }
  const letsEncrypt = await startLetsEncrypt(stack, words, signal)
  const wait = { waitInsteadOfSelfCheck: '4s' }
  const updates = { dns01: { rfc2136: { nameserver: dnsServer } } }
  return [
    issuer('letsencrypt-prod', { server: directory, solver: { ...http(), ...wait } }),
    issuer('lets-encrypt', { server: letsEncrypt, solver: { ...http(), ...wait } }),
    issuer('short-lived', { server: directory, solver: { ...http(), ...wait }, profile: 'short' }),
    issuer('no-profile', { server: directory, solver: { ...http(), ...wait }, profile: 'nope' }),
    issuer('checking', { server: directory, solver: http() }),
    issuer('wrong-class', { server: directory, solver: { ...http('nginx'), ...wait } }),
    issuer('other-zone', {
      server: directory,
      solver: { ...http(), ...wait, selector: { dnsZones: ['other.example.net'] } },
    }),
    issuer('lost-updates', {
      server: directory,
      solver: { ...updates, waitInsteadOfSelfCheck: '1s' },
    }),
    issuer('unseen-updates', { server: directory, solver: updates }),
    issuer('nobody-there', { server: 'https://127.0.0.1:1/dir', solver: http() }),
    issuer('untrusted', { server: `${stack.apiServer}/dir`, solver: http() }),
    issuer('unregistered', { server: letsEncrypt, solver: http(), email: UNREGISTERED }),
    issuer('bad-email', { server: directory, solver: http(), email: 'nobody at home' }),
    issuer('old-acme', {
      server: 'https://acme-v01.api.letsencrypt.org/directory',
      solver: http(),
    }),
  ]
}

const UNREGISTERED = 'certificates@example.com'
const TOO_MANY_ACCOUNTS: Problem = {
  type: 'urn:ietf:params:acme:error:rateLimited',
  status: 429,
  detail:
    'too many new registrations (10) from this IP address in the last 3h0m0s, retry after 2099-01-02 03:04:05 UTC: see https://letsencrypt.org/docs/rate-limits/#new-registrations-per-ip-address',
}

function problemOf({ type, status, detail, retryAfter }: Problem): Problem {
  return { type, status, detail, ...(retryAfter === undefined ? {} : { retryAfter }) }
}

function issuer(
  name: string,
  about: {
    readonly server: string
    readonly solver: JsonObject
    readonly profile?: string
    readonly email?: string
  },
): JsonObject {
  const { server, solver, profile = 'default', email } = about
  return {
    apiVersion: 'cert-manager.io/v1',
    kind: 'ClusterIssuer',
    metadata: { name },
    spec: {
      acme: {
        server,
        profile,
        ...(email === undefined ? {} : { email }),
        privateKeySecretRef: { name: `${name}-account` },
        solvers: [solver],
      },
    },
  }
}

/** Breaks what the rows say, and applies their routes. */
export async function breakAll(
  { stack, front, apply }: BrokenCluster,
  rows: readonly CauseRow[],
): Promise<void> {
  await Promise.all(rows.map(async (row) => breakDns({ stack, front }, row)))
  await stack.acme.dns.caa('le-caa.example.com', 'ca.example.net')
  await apply(...BESIDE, RIVAL, routeOf({ domain: 'held.example.com' }))
  await apply(...rows.map((row) => routeOf(row)))
}

/** What stands in the place of `twin`'s Secret before it. */
const RIVAL: JsonObject = {
  apiVersion: 'cert-manager.io/v1',
  kind: 'Certificate',
  metadata: { namespace: 'default', name: 'rival' },
  spec: {
    secretName: 'tls-twin-twin-example-com',
    dnsNames: ['rival.example.com'],
    issuerRef: { kind: 'ClusterIssuer', name: 'nope' },
  },
}

/** What DNS says of a row's domain from now on. */
export async function breakDns(
  { stack, front }: Pick<BrokenCluster, 'stack' | 'front'>,
  { domain, dns, at }: Pick<CauseRow, 'domain' | 'dns' | 'at'>,
): Promise<void> {
  if (dns === 'fails') await stack.acme.dns.servfail(domain)
  if (dns === 'no such name') front.forget(domain)
  if (dns === 'no answer') front.mute(domain)
  if (at !== undefined) await stack.acme.dns.set(domain, [at])
}

/** The name of a row's route. */
export function routeName(domain: string): string {
  return domain.replace('*.', '').split('.')[0] ?? ''
}

/** A row's route. */
export function routeOf(
  row: Pick<CauseRow, 'domain' | 'namespace' | 'issuer' | 'annotations'>,
): JsonObject {
  const { domain, namespace = 'default', issuer } = row
  return routeManifest({
    namespace,
    name: routeName(domain),
    rules: [`Host(\`${domain}\`)`],
    annotations: {
      ...row.annotations,
      ...(issuer === undefined ? {} : { 'cert-manager.io/cluster-issuer': issuer }),
    },
  })
}

/** An approver that says no to every request of namespace `denied`, until the signal. */
export async function denyRequests({ client }: Stack, signal: AbortSignal): Promise<void> {
  const at = { resource: RESOURCES.certificateRequests, namespace: 'denied' }
  const { items, resourceVersion } = await client.list(at)
  const deny = async (request: JsonObject): Promise<void> => {
    const status = objectAt(request, 'status')
    const conditions = listAt(status, 'conditions').filter(isJsonObject)
    if (conditions.some(({ type }) => type === 'Denied')) return
    const denied = {
      type: 'Denied',
      status: 'True',
      reason: 'policy.example.com',
      message: 'no names of example.com',
      lastTransitionTime: new Date().toISOString().replace(/\.\d+/, ''),
    }
    const told = { ...request, status: { ...status, conditions: [...conditions, denied] } }
    // A stale one comes again.
    await client.replace(RESOURCES.certificateRequests, told, 'status').catch(() => undefined)
  }
  for (const item of items) await deny(item)
  for await (const { type, object } of client.watch({
    ...at,
    resourceVersion,
    timeoutSeconds: 300,
    signal,
  })) {
    if (type === 'ADDED' || type === 'MODIFIED') await deny(object)
  }
}
