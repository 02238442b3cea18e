import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { kubeClient } from '../../shared/kube/client.ts'
import { objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { isStatus } from '../../shared/kube/kube-error.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { makeServingCertificate } from '../../webhook/serving/certificate.ts'
import { makeNamespace, stored } from '../stack/objects.ts'
import { routeManifest } from '../stack/route-manifest.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { until } from '../stack/until.ts'

const MANIFEST = join(import.meta.dirname, '..', '..', 'deploy', 'tlsauto.yaml')
const VICTIM = 'victim'
const LABELS = { 'app.kubernetes.io/managed-by': 'tlsauto' }
const THIEF_URL = 'https://thief.example.com/mutate'
const MUTATING = { resource: RESOURCES.mutatingWebhooks, name: 'tlsauto' }
const VALIDATING = { resource: RESOURCES.validatingWebhooks, name: 'tlsauto' }
const SHOP = { resource: RESOURCES.ingressRoutes, namespace: VICTIM, name: 'shop' }
const MTLS = { resource: RESOURCES.ingressRoutes, namespace: VICTIM, name: 'mtls' }
const OURS = { resource: RESOURCES.ingressRoutes, namespace: VICTIM, name: 'cert-shop' }
const CERTIFICATE = { resource: RESOURCES.certificates, namespace: VICTIM, name: 'own' }
const MIDDLEWARE = { resource: RESOURCES.middlewares, namespace: VICTIM, name: 'own' }
const CLAIM = { resource: RESOURCES.domainClaims, name: 'shop.example.com' }
const SERVICE = { name: 'thief', namespace: VICTIM, path: '/mutate' }
const SECRETS_RULE = {
  apiGroups: [''],
  apiVersions: ['v1'],
  resources: ['secrets'],
  operations: ['*'],
}
const { ca } = await makeServingCertificate(['127.0.0.1'])
const CA = Buffer.from(ca).toString('base64')
/** More than one host a line: what a tenant may store. */
const HOSTS = 3000

type Attempt = readonly [name: string, attempt: (thief: KubeClient) => Promise<unknown>]

/** Of the first webhook of a configuration. */
const webhook =
  (operation: 'replace' | 'add' | 'remove', path: string, value?: unknown) =>
  async (thief: KubeClient): Promise<unknown> =>
    thief.jsonPatch(MUTATING, [{ op: operation, path: `/webhooks/0/${path}`, value }])

const CONFIGURATIONS: readonly Attempt[] = [
  ['adds a rule for Secrets', webhook('add', 'rules/-', SECRETS_RULE)],
  ['has rules for Secrets alone', webhook('replace', 'rules', [SECRETS_RULE])],
  ['names another Service', webhook('replace', 'clientConfig/service', SERVICE)],
  ['names another path', webhook('replace', 'clientConfig/service/path', '/thief')],
  ['names a server outside', webhook('replace', 'clientConfig', { url: THIEF_URL })],
  ['widens the selector of namespaces', webhook('replace', 'namespaceSelector', {})],
  [
    'narrows the selector of objects',
    webhook('add', 'objectSelector', { matchLabels: { a: 'b' } }),
  ],
  ['takes the conditions away', webhook('remove', 'matchConditions')],
  ['fails every request', webhook('replace', 'failurePolicy', 'Fail')],
  ['lets the API server wait', webhook('replace', 'timeoutSeconds', 30)],
  ['renames the webhook', webhook('replace', 'name', 'thief.tlsauto.dev')],
  [
    'takes the webhook away',
    async (thief) => thief.jsonPatch(VALIDATING, [{ op: 'remove', path: '/webhooks/0' }]),
  ],
  [
    'adds a webhook by server-side apply',
    async (thief) =>
      thief.apply(
        RESOURCES.validatingWebhooks,
        {
          apiVersion: 'admissionregistration.k8s.io/v1',
          kind: 'ValidatingWebhookConfiguration',
          metadata: { name: 'tlsauto' },
          webhooks: [
            {
              name: 'thief.example.com',
              clientConfig: { url: THIEF_URL },
              rules: [SECRETS_RULE],
              sideEffects: 'None',
              admissionReviewVersions: ['v1'],
            },
          ],
        },
        { force: true },
      ),
  ],
  [
    'allows itself a URL',
    async (thief) =>
      thief.mergePatch(MUTATING, {
        metadata: { annotations: { 'tlsauto.dev/webhook-url': 'https://thief.example.com' } },
      }),
  ],
  [
    'allows itself a URL and names it, at once',
    async (thief) =>
      thief.jsonPatch(MUTATING, [
        {
          op: 'add',
          path: '/metadata/annotations/tlsauto.dev~1webhook-url',
          value: 'https://thief.example.com',
        },
        { op: 'replace', path: '/webhooks/0/clientConfig', value: { url: THIEF_URL } },
      ]),
  ],
  [
    'has it collected as garbage',
    async (thief) =>
      thief.mergePatch(VALIDATING, {
        metadata: { ownerReferences: [goneOwner('v1', 'ConfigMap')] },
      }),
  ],
  [
    'keeps it from being deleted',
    async (thief) =>
      thief.mergePatch(MUTATING, { metadata: { finalizers: ['example.com/thief'] } }),
  ],
]

const ROUTES: readonly Attempt[] = [
  ['sends a route to a Service of its own', patchShop({ routes: [entry('thief')] })],
  ['adds a rule', patchShop({ routes: [entry('web'), entry('thief')] })],
  ['moves it to other entry points', patchShop({ entryPoints: ['web'] })],
  ['has it get a certificate of another resolver', patchShop({ tls: { certResolver: 'thief' } })],
  ['drops the domains of its TLS', patchShop({ tls: { domains: null } })],
  ['takes it over with the label', patchShop({}, { labels: LABELS })],
  ['opts it out', patchShop({}, { annotations: { 'tlsauto.dev/enabled': 'false' } })],
  [
    'sets its ingress class',
    patchShop({}, { annotations: { 'kubernetes.io/ingress.class': 'x' } }),
  ],
  [
    'has it collected as garbage',
    patchShop({}, { ownerReferences: [goneOwner('v1', 'ConfigMap')] }),
  ],
  ['keeps it from being deleted', patchShop({}, { finalizers: ['example.com/thief'] })],
  ['deletes it', async (thief) => thief.delete(SHOP)],
  ['makes a route', async (thief) => thief.create(RESOURCES.ingressRoutes, route({ name: 'new' }))],
  [
    'makes a route with the label',
    async (thief) =>
      thief.create(RESOURCES.ingressRoutes, route({ name: 'labelled', labels: LABELS })),
  ],
  [
    'makes a route with the label and an owner',
    async (thief) =>
      thief.create(RESOURCES.ingressRoutes, route({ name: 'owned', labels: LABELS, ...owned() })),
  ],
  [
    'makes an HTTPS route that is called like a companion',
    async (thief) =>
      thief.create(RESOURCES.ingressRoutes, {
        ...route({ name: 'tlsauto-http-x', labels: LABELS, ...owned() }),
        spec: { routes: [entry('thief')], tls: {} },
      }),
  ],
  ...Object.entries({
    'drops the TLS options, which demand a client certificate,': {
      spec: { tls: { options: null } },
    },
    'names other TLS options': { spec: { tls: { options: { name: 'open' } } } },
    'drops the TLS': { spec: { tls: null } },
    'names another Secret': {
      metadata: { annotations: { 'tlsauto.dev/secret': 'tls-x' } },
      spec: { tls: { secretName: 'tls-x' } },
    },
    'hides the author of the TLS': { metadata: { managedFields: [{}] } },
  }).map(([name, patch]): Attempt => [
    `${name} of a route whose author wrote it`,
    async (thief) => thief.mergePatch(MTLS, patch),
  ]),
  [
    'makes a carrier a route',
    async (thief) => thief.mergePatch(OURS, { spec: { routes: [entry('thief')] } }),
  ],
  [
    'takes the label off a carrier, to do with it as it likes',
    async (thief) =>
      thief.mergePatch(OURS, {
        metadata: { labels: { 'app.kubernetes.io/managed-by': null } },
        spec: { routes: [entry('thief')] },
      }),
  ],
]

const OBJECTS: readonly Attempt[] = [
  [
    'takes over a Certificate',
    async (thief) => thief.mergePatch(CERTIFICATE, { metadata: { labels: LABELS } }),
  ],
  [
    'hands a Certificate over to itself',
    async (thief) =>
      thief.mergePatch(CERTIFICATE, { metadata: { annotations: { 'tlsauto.dev/adopt': 'true' } } }),
  ],
  [
    'changes a Certificate',
    async (thief) => thief.mergePatch(CERTIFICATE, { spec: { secretName: 'x' } }),
  ],
  ['deletes a Certificate', async (thief) => thief.delete(CERTIFICATE)],
  [
    'makes a Certificate',
    async (thief) => thief.create(RESOURCES.certificates, certificate('new')),
  ],
  ...Object.entries({
    'a CA': { isCA: true },
    'a user of the cluster': { literalSubject: 'CN=admin,O=system:masters' },
    'a group of Kubernetes': {
      subject: { organizations: ['shop', 'system:masters'] },
      usages: ['client auth'],
    },
    'a user of Kubernetes': { commonName: 'system:admin' },
    'a workload': { uris: ['spiffe://cluster.local/ns/kube-system/sa/default'] },
    'what signs others': { usages: ['cert sign'] },
    'what is good for all': { usages: ['server auth', 'any'] },
    'a key that is copied to other namespaces': {
      secretTemplate: {
        annotations: { 'reflector.v1.k8s.emberstack.com/reflection-allowed': 'true' },
      },
    },
    'a key in other forms': { additionalOutputFormats: [{ type: 'CombinedPEM' }] },
  }).flatMap(([name, spec], at): readonly Attempt[] => [
    [
      `makes a Certificate of ${name}`,
      async (thief) => thief.create(RESOURCES.certificates, labelled(`new-${at}`, spec)),
    ],
    [
      `makes a Certificate that is its own that of ${name}`,
      async (thief) => thief.mergePatch({ ...CERTIFICATE, name: 'labelled' }, { spec }),
    ],
  ]),
  [
    'takes over a Middleware',
    async (thief) => thief.mergePatch(MIDDLEWARE, { metadata: { labels: LABELS } }),
  ],
  ['deletes a Middleware', async (thief) => thief.delete(MIDDLEWARE)],
  ['makes a Middleware', async (thief) => thief.create(RESOURCES.middlewares, middleware('new'))],
  [
    'makes a Middleware with the label that does more than redirect',
    async (thief) =>
      thief.create(RESOURCES.middlewares, {
        ...middleware('labelled'),
        metadata: { namespace: VICTIM, name: 'labelled', labels: LABELS },
        spec: { headers: { customRequestHeaders: { 'X-User': 'root' } } },
      }),
  ],
]

const OWN: readonly Attempt[] = [
  [
    'makes another Secret',
    async (thief) => thief.create(RESOURCES.secrets, secret('other', 'kubernetes.io/tls')),
  ],
  [
    'makes a Secret of its name, but of no type',
    async (thief) => thief.create(RESOURCES.secrets, secret('tlsauto-serving', 'Opaque')),
  ],
  [
    'makes a Secret of its name that becomes a token',
    async (thief) => {
      const token = secret('tlsauto-serving', 'kubernetes.io/service-account-token')
      const annotations = { 'kubernetes.io/service-account.name': 'default' }
      const metadata = { namespace: 'tlsauto', name: 'tlsauto-serving', annotations }
      return thief.create(RESOURCES.secrets, { ...token, data: {}, metadata })
    },
  ],
  [
    'makes another Lease',
    async (thief) =>
      thief.create(RESOURCES.leases, {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { namespace: 'tlsauto', name: 'other' },
      }),
  ],
  [
    'writes an Event in the name of another',
    async (thief) => thief.create(RESOURCES.events, event('kubelet')),
  ],
  [
    'writes an Event that kubectl shows as another’s',
    async (thief) =>
      thief.create(RESOURCES.events, { ...event('tlsauto'), source: { component: 'kubelet' } }),
  ],
  [
    'writes an Event about a Pod',
    async (thief) =>
      thief.create(RESOURCES.events, {
        ...event('tlsauto'),
        involvedObject: { namespace: VICTIM, kind: 'Pod', name: 'shop' },
      }),
  ],
]

const CLAIMS: readonly Attempt[] = [
  [
    'gives a host to another namespace',
    async (thief) => thief.mergePatch(CLAIM, { spec: { namespace: 'thief' } }),
  ],
  [
    'claims all below a wildcard',
    async (thief) =>
      thief.create(RESOURCES.domainClaims, {
        ...claim('*.example.org', LABELS),
        spec: { host: '*.example.org', namespace: 'thief', below: true },
      }),
  ],
  [
    'claims a host as an administrator does',
    async (thief) => thief.create(RESOURCES.domainClaims, claim('x.example.org', {})),
  ],
  ['deletes a claim that is in use', async (thief) => thief.delete(CLAIM)],
  [
    'deletes an administrator’s claim',
    async (thief) => thief.delete({ ...CLAIM, name: 'admin.example.com' }),
  ],
  [
    'marks an administrator’s claim as not used',
    async (thief) =>
      thief.mergePatch(
        { ...CLAIM, name: 'admin.example.com' },
        { spec: { unusedSince: '2026-01-01T00:00:00Z' } },
      ),
  ],
]

suite('a thief with the token of tlsauto', () => {
  let stack: Stack
  let thief: KubeClient

  before(async () => {
    stack = await startStack()
    await stack.kubectl(['apply', '-f', MANIFEST])
    await makeNamespace(stack, VICTIM)
    const { client } = stack
    const shop = await client.create(RESOURCES.ingressRoutes, {
      ...route({ name: 'shop' }),
      spec: { routes: [entry('web')], tls: { domains: [{ main: 'shop.example.com' }] } },
    })
    const uid = textAt(objectAt(shop, 'metadata'), 'uid') ?? ''
    const carrier = route({ name: 'cert-shop', labels: LABELS, ...owned({ name: 'shop', uid }) })
    await client.create(RESOURCES.ingressRoutes, { ...carrier, spec: { routes: [] } })
    // By kubectl: who calls himself tlsauto is taken for it.
    const mtls = {
      ...route({ name: 'mtls' }),
      spec: { routes: [entry('web')], tls: { secretName: 'own', options: { name: 'mtls' } } },
    }
    await stack.kubectl(['apply', '-f', '-'], { input: JSON.stringify(mtls) })
    await client.create(RESOURCES.certificates, certificate('own'))
    await client.create(RESOURCES.certificates, labelled('labelled', {}))
    await client.create(RESOURCES.domainClaims, claim('shop.example.com', LABELS))
    await client.create(RESOURCES.domainClaims, claim('admin.example.com', {}))
    await client.create(RESOURCES.middlewares, middleware('own'))
    thief = kubeClient({ kubeconfig: await stack.serviceAccountKubeconfig('tlsauto', 'tlsauto') })
    await until(
      'all policies to be in force',
      async () => {
        const first = [CONFIGURATIONS, ROUTES, OBJECTS, OWN, CLAIMS].map(async ([attempt]) => {
          if (attempt === undefined) return false
          return (await refusal(attempt, thief)) !== undefined
        })
        return (await Promise.all(first)).every(Boolean) || undefined
      },
      30_000,
    )
  })

  after(async () => {
    await stack.stop()
  })

  for (const attempt of [...CONFIGURATIONS, ...ROUTES, ...OBJECTS, ...OWN, ...CLAIMS]) {
    test(`is refused when it ${attempt[0]}`, async () => {
      // Not by RBAC: tlsauto has the right, and the guard alone stands in the way.
      assert.match(
        (await refusal(attempt, thief)) ?? 'it was allowed',
        /ValidatingAdmissionPolicy 'tlsauto-guard-/,
      )
    })
  }

  test('does what tlsauto does: its CA, a URL where the administrator has allowed it', async () => {
    const path = '/webhooks/0/clientConfig'
    await thief.jsonPatch(MUTATING, [{ op: 'add', path: `${path}/caBundle`, value: CA }])
    const base = 'https://tlsauto.example.com'
    await stack.client.mergePatch(MUTATING, {
      metadata: { annotations: { 'tlsauto.dev/webhook-url': base } },
    })
    for (const url of [`${base}.thief.com/mutate`, `${base}:8443/mutate`, THIEF_URL]) {
      const operation = { op: 'replace', path, value: { url } } as const
      await assert.rejects(thief.jsonPatch(MUTATING, [operation]), /tlsauto-guard-webhooks/)
    }
    await thief.jsonPatch(MUTATING, [{ op: 'replace', path, value: { url: `${base}/mutate` } }])
  })

  test('does what tlsauto does: claims a host, marks it as not used, and deletes that', async () => {
    const name = 'free.example.com'
    await thief.create(RESOURCES.domainClaims, claim(name, LABELS))
    await thief.mergePatch({ ...CLAIM, name }, { spec: { unusedSince: '2026-01-01T00:00:00Z' } })
    await thief.mergePatch({ ...CLAIM, name }, { spec: { unusedSince: null } })
    await thief.mergePatch({ ...CLAIM, name }, { spec: { unusedSince: '2026-01-02T00:00:00Z' } })
    await thief.delete({ ...CLAIM, name })
  })

  test(`does what tlsauto does: names the Secret of a route with ${HOSTS} hosts, and takes it back`, async () => {
    const hosts = Array.from(
      { length: HOSTS },
      (_, index) => `Host(\`h${index}.shop.example.com\`)`,
    )
    const routes = hosts.map((match) => ({ ...entry('web'), match }))
    const long = { ...entry('web'), match: hosts.join(' || ') }
    const metadata = { name: 'large', annotations: { note: 'x'.repeat(100_000) } }
    const large = { ...route(metadata), spec: { routes: [...routes, long] } }
    await stack.client.create(RESOURCES.ingressRoutes, large)
    const target = { ...SHOP, name: 'large' }
    await thief.mergePatch(target, {
      metadata: { annotations: { 'tlsauto.dev/secret': 'tls-large' } },
      spec: { tls: { secretName: 'tls-large', options: { name: 'mtls' } } },
    })
    await thief.mergePatch(target, {
      metadata: { annotations: { 'tlsauto.dev/secret': null } },
      spec: { tls: null },
    })
    const services = large.spec.routes.map((one) => ({ ...one, services: entry('thief').services }))
    await assert.rejects(
      thief.mergePatch(target, { spec: { routes: services } }),
      /tlsauto-guard-routes/,
    )
    assert.deepEqual((await stored(stack.client, target))['spec'], large.spec)
  })

  test('wins where nobody installed the guard: so the tests above see it', async () => {
    await stack.kubectl(['delete', '-f', MANIFEST.replace('tlsauto.yaml', 'tlsauto-guard.yaml')])
    const attempt: Attempt = ['', webhook('replace', 'rules', [SECRETS_RULE])]
    await until('the policies to be gone', async () =>
      (await refusal(attempt, thief)) === undefined ? true : undefined,
    )
  })
})

/** What the attempt is refused with, or undefined where it succeeds. */
async function refusal([, attempt]: Attempt, thief: KubeClient): Promise<string | undefined> {
  try {
    await attempt(thief)
    return undefined
  } catch (error) {
    if (isStatus(error, 403)) return error.message
    throw error
  }
}

function patchShop(spec: JsonObject, metadata: JsonObject = {}): Attempt[1] {
  return async (thief) => thief.mergePatch(SHOP, { metadata, spec })
}

function entry(service: string) {
  return {
    kind: 'Rule',
    match: 'Host(`shop.example.com`)',
    services: [{ name: service, port: 80 }],
  }
}

function route(metadata: JsonObject & { readonly name: string }): JsonObject {
  const { name } = metadata
  const manifest = routeManifest({ namespace: VICTIM, name, rules: ['Host(`x.example.com`)'] })
  return { ...manifest, metadata: { namespace: VICTIM, ...metadata } }
}

function goneOwner(apiVersion: string, kind: string): JsonObject {
  return { apiVersion, kind, name: 'gone', uid: '00000000-0000-0000-0000-000000000000' }
}

function owned(by: JsonObject = {}): JsonObject {
  return { ownerReferences: [{ ...goneOwner('traefik.io/v1alpha1', 'IngressRoute'), ...by }] }
}

function certificate(name: string): JsonObject {
  const spec = { secretName: name, dnsNames: ['shop.example.com'], issuerRef: { name: 'ca' } }
  const metadata = { namespace: VICTIM, name }
  return { apiVersion: 'cert-manager.io/v1', kind: 'Certificate', metadata, spec }
}

/** One with the label of tlsauto, which it may change. */
function labelled(name: string, spec: JsonObject): JsonObject {
  const { spec: plain, ...others } = certificate(name)
  const metadata = { namespace: VICTIM, name, labels: LABELS }
  return { ...others, metadata, spec: { ...objectAt({ plain }, 'plain'), ...spec } }
}

function claim(host: string, labels: Readonly<Record<string, string>>): JsonObject {
  const name = host.replace('*', 'wildcard')
  const spec = { host, namespace: VICTIM, since: '2026-01-01T00:00:00Z', by: 'IngressRoute shop' }
  return {
    apiVersion: 'tlsauto.dev/v1alpha1',
    kind: 'DomainClaim',
    metadata: { name, labels },
    spec,
  }
}

function middleware(name: string): JsonObject {
  const metadata = { namespace: VICTIM, name }
  const spec = { redirectScheme: { scheme: 'https' } }
  return { apiVersion: 'traefik.io/v1alpha1', kind: 'Middleware', metadata, spec }
}

function secret(name: string, type: string): JsonObject {
  const data = { 'tls.crt': '', 'tls.key': '' }
  return { apiVersion: 'v1', kind: 'Secret', type, metadata: { namespace: 'tlsauto', name }, data }
}

function event(component: string): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { namespace: VICTIM, name: 'x' },
    involvedObject: { namespace: VICTIM, kind: 'IngressRoute', name: 'shop' },
    reportingComponent: component,
    source: { component },
  }
}
