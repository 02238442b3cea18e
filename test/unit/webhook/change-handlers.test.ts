import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { parseCertificate, type Certificate } from '../../../shared/certmanager/certificate.ts'
import type { JsonObject } from '../../../shared/json/json.ts'
import { parseMeta, type KubeObject } from '../../../shared/kube/object.ts'
import type { Route } from '../../../shared/traefik/route.ts'
import {
  addClaim,
  addEntry,
  addRoute,
  createHandlers,
  type Handlers,
} from '../../../webhook/controller/change-handlers.ts'
import {
  createClusterIndex,
  type ClusterIndex,
} from '../../../webhook/controller/index/cluster-index.ts'
import { describeNote, type EventNote } from '../../../webhook/runtime/event-notes.ts'
import { DONE, takeAtOnce, type Steps } from '../../../webhook/runtime/slices.ts'
import { administratorsClaim, claim } from '../../fixtures/domain-claims.ts'
import { route, rules, tcpRoute, wildcardCluster } from '../../fixtures/routes.ts'

const BORN = { creationTimestamp: '2026-03-01T10:00:00Z', resourceVersion: '1' }
const NOTHING_SAID = { labels: {}, annotations: {} }
const CERT = 'cert-shop-shop-example-com'
const OWNER = { apiVersion: 'traefik.io/v1alpha1', kind: 'IngressRoute', name: 'shop', uid: 'u' }

/** Everything that a change asked for, in the end: keys of work, `claim HOST`, `settle NAMESPACE`, `all`. */
type Bench = {
  readonly index: ClusterIndex
  readonly handlers: Handlers
  readonly asked: Set<string>
  readonly notes: EventNote[]
}

function bench({ leads = false } = {}): Bench {
  const index = createClusterIndex(wildcardCluster)
  index.setInstalledAt('2026-01-01T00:00:00Z')
  for (const namespace of ['team', 'other']) index.putNamespace(namespace, NOTHING_SAID)
  const asked = new Set<string>()
  const notes: EventNote[] = []
  const add = (key: string): void => void asked.add(key)
  const adding = { index, add, addEntrySoon: (key: string) => takeAtOnce(addEntry(adding, key)) }
  const handlers = createHandlers({
    ...adding,
    addClaimSoon: (host) => {
      add(`claim ${host}`)
      addClaim({ ...adding, addLater: (key) => add(`${key} later`) }, host)
    },
    addRouteSoon: (key) => takeAtOnce(addRoute(adding, key)),
    settle: (namespace) => add(`settle ${namespace}`),
    claimGone: (namespace) => add(`claim gone ${namespace}`),
    lookAtClaims: (namespace) => add(`claims ${namespace}`),
    addAll: () => add('all'),
    recorder: {
      record: (note) => void notes.push(note),
      remember: () => undefined,
      finish: async () => undefined,
    },
    owners: { gone: () => undefined, changed: () => undefined },
    active: () => leads,
  })
  return { index, handlers, asked, notes }
}

function certificate(metadata: JsonObject = {}, more: JsonObject = {}): Certificate {
  const parsed = parseCertificate({
    metadata: {
      ...BORN,
      name: CERT,
      namespace: 'team',
      uid: 'certificate-uid',
      labels: { 'app.kubernetes.io/managed-by': 'tlsauto' },
      ownerReferences: [OWNER],
      ...metadata,
    },
    spec: {
      secretName: 'tls-shop-shop-example-com',
      dnsNames: ['shop.example.com'],
      issuerRef: { name: 'letsencrypt-prod', kind: 'ClusterIssuer' },
    },
    ...more,
  })
  assert.ok(parsed)
  return parsed
}

function namespaceObject(annotations: JsonObject = {}, more: JsonObject = {}): KubeObject {
  const metadata = parseMeta({ ...BORN, name: 'team', uid: 'ns', annotations, ...more })
  assert.ok(metadata)
  return { apiVersion: 'v1', kind: 'Namespace', metadata }
}

const WILDCARD = route({ name: 'wild', uid: 'wild' }, { routes: rules('Host(`*.example.com`)') })
const WILDCARD_CERTIFICATE = certificate(
  { name: 'cert-wild-wildcard-example-com', ownerReferences: [] },
  {
    spec: {
      secretName: 'tls-wild',
      dnsNames: ['*.example.com'],
      issuerRef: { name: 'letsencrypt-prod-dns', kind: 'ClusterIssuer' },
    },
  },
)
const MIDDLEWARE = {
  apiVersion: 'traefik.io/v1alpha1',
  kind: 'Middleware',
  metadata: { ...certificate().metadata, name: 'tlsauto-http-shop', uid: 'middleware' },
  isRedirect: true,
}
const CLAIMS_OF_SHOP = [
  'DomainClaim team/shop.example.com',
  'claim *.example.com',
  'claim shop.example.com',
]
const WORK_OF_SHOP = [`Certificate team/${CERT}`, 'Certificate team/shop', 'IngressRoute team/shop']
const MOVED = route({}, { routes: rules('Host(`new.example.org`)') })

type Row = {
  readonly name: string
  /** What is stored before. */
  readonly stored?: readonly Route[]
  readonly certificates?: readonly Certificate[]
  readonly leads?: boolean
  readonly change: (
    handlers: Handlers,
    index: ClusterIndex,
  ) => Steps | typeof DONE | undefined | void
  readonly asks: readonly string[]
}

const ROWS: readonly Row[] = [
  {
    name: 'a new route asks for itself, its Certificates and the claims of its hosts',
    change: ({ onRoute }) => onRoute({ kind: 'added', object: route() }),
    asks: [...CLAIMS_OF_SHOP, ...WORK_OF_SHOP],
  },
  {
    name: 'a route that changes asks for what it had and for what it gets',
    stored: [route()],
    change: ({ onRoute }) => onRoute({ kind: 'updated', before: route(), object: MOVED }),
    asks: [
      'Certificate team/cert-shop-new-example-org',
      'DomainClaim team/new.example.org',
      'claim *.example.org',
      'claim *.example.com',
      'claim new.example.org',
      'claim shop.example.com',
      ...WORK_OF_SHOP,
    ],
  },
  {
    name: 'a route that goes asks for what it had',
    stored: [route()],
    change: ({ onRoute }) => onRoute({ kind: 'deleted', object: route() }),
    asks: ['claim *.example.com', 'claim shop.example.com', ...WORK_OF_SHOP],
  },
  {
    name: 'an IngressRouteTCP asks for the routes beside it with its hosts',
    stored: [route()],
    change: ({ onRoute }) =>
      onRoute({
        kind: 'added',
        object: tcpRoute({ name: 'db', uid: 'db' }),
      }),
    asks: [
      'Certificate team/cert-db-shop-example-com',
      'IngressRouteTCP team/db',
      ...CLAIMS_OF_SHOP,
      ...WORK_OF_SHOP,
    ],
  },
  {
    name: 'an Ingress asks for the claims of its hosts',
    change: ({ onIngress }) =>
      onIngress({
        kind: 'added',
        object: {
          apiVersion: 'networking.k8s.io/v1',
          metadata: route().metadata,
          kind: 'Ingress',
          hosts: ['shop.example.com'],
          isCut: false,
        },
      }),
    asks: CLAIMS_OF_SHOP,
  },
  {
    name: 'a Certificate that is new asks for itself',
    stored: [route()],
    change: ({ onCertificate }) => onCertificate({ kind: 'added', object: certificate() }),
    asks: [`Certificate team/${CERT}`],
  },
  {
    name: 'a Certificate that changes wakes its owners',
    stored: [route()],
    certificates: [certificate()],
    change: ({ onCertificate }) =>
      onCertificate({ kind: 'updated', before: certificate(), object: certificate() }),
    asks: [`Certificate team/${CERT}`, 'IngressRoute team/shop'],
  },
  {
    name: 'owners that are no routes are not woken',
    certificates: [certificate()],
    change: ({ onCertificate }) =>
      onCertificate({
        kind: 'updated',
        before: certificate(),
        object: certificate({ ownerReferences: [{ ...OWNER, apiVersion: 'v1', kind: 'Pod' }] }),
      }),
    asks: [`Certificate team/${CERT}`],
  },
  {
    name: 'a Certificate that goes asks for its next one and for the routes that served it',
    stored: [route()],
    certificates: [certificate({ name: 'cert-old' })],
    change: ({ onCertificate }) =>
      onCertificate({ kind: 'deleted', object: certificate({ name: 'cert-old' }) }),
    asks: ['Certificate team/cert-old', `Certificate team/${CERT}`, 'IngressRoute team/shop'],
  },
  {
    name: 'a wildcard’s Certificate wakes the routes that it covers',
    stored: [route(), WILDCARD],
    change: ({ onCertificate }) => onCertificate({ kind: 'added', object: WILDCARD_CERTIFICATE }),
    asks: ['Certificate team/cert-wild-wildcard-example-com', ...WORK_OF_SHOP],
  },
  {
    name: 'the Certificate of a host below a wildcard asks for the wildcard’s',
    stored: [route(), WILDCARD],
    certificates: [WILDCARD_CERTIFICATE],
    change: ({ onCertificate }) => onCertificate({ kind: 'added', object: certificate() }),
    asks: ['Certificate team/cert-wild-wildcard-example-com', `Certificate team/${CERT}`],
  },
  {
    name: 'a companion’s Middleware wakes its route',
    stored: [route()],
    change: ({ onMiddleware }) => onMiddleware({ kind: 'added', object: MIDDLEWARE }),
    asks: WORK_OF_SHOP,
  },
  {
    name: 'a Namespace that changes wakes all its routes',
    stored: [route()],
    change: ({ onNamespace }) =>
      onNamespace({ kind: 'updated', before: namespaceObject(), object: namespaceObject() }),
    asks: ['settle team'],
  },
  {
    name: 'one that gets allowed domains wakes the routes of all namespaces with such hosts',
    stored: [route(), route({ namespace: 'other', uid: 'theirs' })],
    leads: true,
    change: ({ onNamespace }) =>
      onNamespace({
        kind: 'updated',
        before: namespaceObject(),
        object: namespaceObject({ 'tlsauto.dev/allowed-domains': 'shop.example.com' }),
      }),
    asks: [
      'settle team',
      ...WORK_OF_SHOP,
      ...WORK_OF_SHOP.map((key) => key.replace('team/', 'other/')),
    ],
  },
  {
    name: 'and so does one that loses them',
    stored: [route({ namespace: 'other', uid: 'theirs' })],
    leads: true,
    change: ({ onNamespace }) =>
      onNamespace({
        kind: 'updated',
        before: namespaceObject({ 'tlsauto.dev/allowed-domains': 'shop.example.com' }),
        object: namespaceObject(),
      }),
    asks: ['settle team', ...WORK_OF_SHOP.map((key) => key.replace('team/', 'other/'))],
  },
  {
    name: 'a Namespace that goes asks for nothing',
    stored: [route()],
    leads: true,
    change: ({ onNamespace }) => onNamespace({ kind: 'deleted', object: namespaceObject() }),
    asks: [],
  },
  {
    name: 'and so does one that is being deleted',
    stored: [route()],
    leads: true,
    change: ({ onNamespace }) => {
      const object = namespaceObject({}, { deletionTimestamp: '2026-03-02T00:00:00Z' })
      onNamespace({ kind: 'updated', before: namespaceObject(), object })
    },
    asks: [],
  },
  {
    name: 'a claim wakes the routes that name its host, wherever they are',
    stored: [route(), route({ namespace: 'other', uid: 'theirs' })],
    change: ({ onClaim }) => onClaim({ kind: 'added', object: claim('shop.example.com', 'team') }),
    asks: [
      'claim shop.example.com',
      ...WORK_OF_SHOP,
      ...WORK_OF_SHOP.map((key) => key.replace('team/', 'other/')),
    ],
  },
  {
    name: 'a claim that gives nobody another right wakes no route',
    stored: [route()],
    change: ({ onClaim }, index) => {
      const before = claim('shop.example.com', 'team')
      index.putClaim(before)
      const spec = { unusedSince: '2026-03-02T00:00:00Z' }
      onClaim({ kind: 'updated', before, object: claim('shop.example.com', 'team', { spec }) })
    },
    asks: ['DomainClaim team/shop.example.com', 'claim shop.example.com'],
  },
  {
    name: 'a claim that goes makes room in its namespace',
    stored: [route()],
    change: ({ onClaim }, index) => {
      index.putClaim(claim('shop.example.com', 'team'))
      onClaim({ kind: 'deleted', object: claim('shop.example.com', 'team') })
    },
    asks: [
      'DomainClaim team/shop.example.com',
      'claim gone team',
      'claim shop.example.com',
      ...WORK_OF_SHOP,
    ],
  },
  {
    name: 'a claim for all below a wildcard wakes everything',
    change: ({ onClaim }) =>
      onClaim({
        kind: 'added',
        object: administratorsClaim('*.example.com', 'team', { below: true }),
      }),
    asks: ['all', 'claim *.example.com'],
  },
  {
    name: 'our own webhook configuration wakes everything',
    change: ({ onConfiguration }) => onConfiguration({ kind: 'added', object: namespaceObject() }),
    asks: ['all'],
  },
]

suite('from an event to the keys of work', () => {
  for (const { name, stored = [], certificates = [], leads, change, asks } of ROWS) {
    test(name, () => {
      const { index, handlers, asked } = bench({ leads: leads === true })
      for (const one of stored) index.putRoute(one)
      for (const one of certificates) index.putCertificate(one)
      const steps = change(handlers, index)
      if (steps && steps !== DONE) takeAtOnce(steps)
      assert.deepEqual([...asked].toSorted(), [...asks].toSorted())
    })
  }
})

function issuing(message: string): JsonObject {
  return {
    status: {
      lastFailureTime: '2026-03-02T00:00:00Z',
      conditions: [{ type: 'Issuing', status: 'False', reason: 'Failed', message }],
    },
  }
}

const READY = {
  status: { conditions: [{ type: 'Ready', status: 'True', reason: '', message: '' }] },
}

function heard(before: Certificate, object: Certificate, leads = true): readonly string[] {
  const { handlers, notes } = bench({ leads })
  handlers.onCertificate({ kind: 'updated', before, object })
  return notes.map((note) => `${note.on.kind} ${note.on.name}: ${describeNote(note).message}`)
}

suite('what the owners of a Certificate hear', () => {
  const FAILED = certificate({}, issuing('the CA said no: '))

  test('that issuance failed, and why', () => {
    assert.deepEqual(heard(certificate(), FAILED), [
      'IngressRoute shop: shop.example.com: the CA said no; kubectl tlsauto status says why',
    ])
  })

  test('that it is issued', () => {
    assert.equal(heard(certificate(), certificate({}, READY)).length, 1)
  })

  for (const [name, before, after, leads] of [
    ['a failure that was told before is not told again', FAILED, FAILED, true],
    ['who does not lead tells nothing', certificate(), FAILED, false],
    [
      "another's Certificate is not ours to speak of",
      certificate(),
      certificate({ labels: {} }, issuing('no')),
      true,
    ],
  ] as const) {
    test(name, () => assert.deepEqual(heard(before, after, leads), []))
  }
})

test('the decision about a Certificate asks for the hosts that want the names which its own hosts would have', () => {
  const { index } = bench()
  const served = (name: string, app: string, host: string): void => {
    const annotations = { 'tlsauto.dev/app': app }
    const creationTimestamp = `2026-03-01T10:00:0${index.routeKeys().length}Z`
    const metadata = { name, uid: name, annotations, creationTimestamp }
    index.putRoute(route(metadata, { routes: rules(`Host(\`${host}\`)`) }))
  }
  served('oldest', 'a', 'a.b.example.org')
  // Another app's name for the same host, and another host whose name under the first app comes out equal.
  served('second', 'b', 'a.b.example.org')
  served('third', 'a', 'a-b.example.org')
  assert.deepEqual(
    index.claimsAround('team/cert-b-a-b-example-org').map(({ host }) => host),
    ['a.b.example.org', 'a-b.example.org'],
  )
})
