import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Certificate } from '../../../shared/certmanager/certificate.ts'
import {
  certificatesForHosts,
  certificatesForNamed,
  hostClaims,
  nameOf,
  type DesiredCertificate,
  type HostClaim,
  type ManagedRoute,
} from '../../../shared/certificates/desired.ts'
import { decide } from '../../../shared/route/decide.ts'
import type { JsonObject } from '../../../shared/json/json.ts'
import type { ClusterSettings } from '../../../shared/settings/settings.ts'
import {
  certificate,
  cluster,
  route,
  rules,
  settingsOf,
  wildcardCluster,
} from '../../fixtures/routes.ts'

/** A managed route that serves these hosts, of that day of March. */
function managedRoute(
  name: string,
  day: number,
  hosts: readonly string[],
  more: {
    readonly annotations?: JsonObject
    readonly secretName?: string
    readonly cluster?: ClusterSettings
  } = {},
): ManagedRoute {
  const { annotations = {}, secretName } = more
  const it = route(
    {
      name,
      uid: `uid-${name}`,
      creationTimestamp: `2026-03-0${day}T10:00:00Z`,
      annotations,
    },
    { routes: rules(...hosts.map((host) => `Host(\`${host}\`)`)), tls: { secretName } },
  )
  const settings = settingsOf(it, more.cluster)
  const verdict = decide(it, settings)
  if (verdict.kind === 'unmanaged') throw new Error(`the fixture is unmanaged: ${verdict.reason}`)
  return { route: it, settings, verdict }
}

const letsencrypt = { name: 'letsencrypt-prod', kind: 'ClusterIssuer', group: 'cert-manager.io' }

/** What is wanted, with owners by name. */
type Wanted = Omit<DesiredCertificate, 'owners' | 'dnsNames'> & {
  readonly dnsNames: readonly string[]
  readonly owners: readonly string[]
}

function wanted(stem: string, differs: Partial<Wanted> & Pick<Wanted, 'dnsNames'>): Wanted {
  return {
    namespace: 'team',
    name: `cert-${stem}`,
    secretName: `tls-${stem}`,
    issuerRef: letsencrypt,
    options: { annotations: {}, spec: {} },
    owners: ['shop'],
    ...differs,
  }
}

function byName(desired: readonly DesiredCertificate[]): readonly Wanted[] {
  return desired.map((certificate) => ({
    ...certificate,
    owners: certificate.owners.map((owner) => owner.metadata.name),
  }))
}

type Row = {
  readonly name: string
  /** Oldest first, as the index gives them. */
  readonly routes: readonly ManagedRoute[]
  readonly existing?: Readonly<Record<string, Certificate>>
  readonly former?: Readonly<Record<string, Certificate>>
  /** Names of Certificates that are others'. */
  readonly taken?: readonly string[]
  readonly want: readonly Wanted[]
}

const SHARED = certificate(
  { name: 'cert-old-a-b-com' },
  { secretName: 'tls-old-a-b-com', dnsNames: ['a-b.com', 'a.b.com'] },
)
const OWN = certificate(
  { name: 'cert-new-a-b-com' },
  { secretName: 'tls-new-a-b-com', dnsNames: ['a-b.com'] },
)

const rows: readonly Row[] = [
  { name: 'no route needs no Certificate', routes: [], want: [] },
  {
    name: 'each host of a route has a Certificate of its own',
    routes: [managedRoute('shop', 1, ['b.example.com', 'a.example.com'])],
    want: [
      wanted('shop-b-example-com', { dnsNames: ['b.example.com'] }),
      wanted('shop-a-example-com', { dnsNames: ['a.example.com'] }),
    ],
  },
  {
    name: 'routes of one host share its Certificate: the oldest says how it is called',
    routes: [
      managedRoute('shop', 1, ['shop.example.com'], { annotations: { 'tlsauto.dev/app': 'old' } }),
      managedRoute('api', 2, ['shop.example.com'], { annotations: { 'tlsauto.dev/app': 'new' } }),
    ],
    want: [
      wanted('old-shop-example-com', { dnsNames: ['shop.example.com'], owners: ['shop', 'api'] }),
    ],
  },
  {
    name: 'the oldest route says who signs',
    routes: [
      managedRoute('shop', 1, ['shop.example.com'], {
        annotations: { 'cert-manager.io/issuer': 'old-ca' },
      }),
      managedRoute('api', 2, ['shop.example.com'], {
        annotations: { 'cert-manager.io/issuer': 'new-ca' },
      }),
    ],
    want: [
      wanted('shop-shop-example-com', {
        dnsNames: ['shop.example.com'],
        issuerRef: { name: 'old-ca', kind: 'Issuer', group: 'cert-manager.io' },
        owners: ['shop', 'api'],
      }),
    ],
  },
  {
    name: 'of hosts whose names come out equal the first has the plain one, the other one with a hash',
    routes: [managedRoute('shop', 1, ['a.b.com', 'a-b.com'])],
    want: [
      wanted('shop-a-b-com-2126210e', { dnsNames: ['a.b.com'] }),
      wanted('shop-a-b-com', { dnsNames: ['a-b.com'] }),
    ],
  },
  {
    name: 'across apps it is the host of the oldest route that has the plain one',
    routes: [managedRoute('a', 2, ['b-c.com']), managedRoute('a-b', 1, ['c.com'])],
    want: [
      wanted('a-b-c-com-b194609c', { dnsNames: ['b-c.com'], owners: ['a'] }),
      wanted('a-b-c-com', { dnsNames: ['c.com'], owners: ['a-b'] }),
    ],
  },
  {
    name: 'one that exists keeps its name before an older route',
    routes: [managedRoute('a', 1, ['b-c.com']), managedRoute('a-b', 2, ['c.com'])],
    existing: {
      'c.com': certificate(
        { name: 'cert-a-b-c-com' },
        { secretName: 'tls-a-b-c-com', dnsNames: ['c.com'] },
      ),
    },
    want: [
      wanted('a-b-c-com-b194609c', { dnsNames: ['b-c.com'], owners: ['a'] }),
      wanted('a-b-c-com', { dnsNames: ['c.com'], owners: ['a-b'] }),
    ],
  },
  {
    name: 'a name that is another’s, whoever that is, is not taken',
    routes: [managedRoute('a', 1, ['b-c.com'])],
    taken: ['cert-a-b-c-com'],
    want: [wanted('a-b-c-com-b194609c', { dnsNames: ['b-c.com'], owners: ['a'] })],
  },
  {
    name: 'not even with a hash',
    routes: [managedRoute('a', 1, ['b-c.com'])],
    taken: ['cert-a-b-c-com', 'cert-a-b-c-com-b194609c'],
    want: [wanted('a-b-c-com-2b7fb3de', { dnsNames: ['b-c.com'], owners: ['a'] })],
  },
  {
    name: 'a wildcard has the issuer for wildcards',
    routes: [managedRoute('shop', 1, ['*.a.com', 'b.com'], { cluster: wildcardCluster })],
    want: [
      wanted('shop-wildcard-a-com', {
        dnsNames: ['*.a.com'],
        issuerRef: { ...letsencrypt, name: 'letsencrypt-prod-dns' },
      }),
      wanted('shop-b-com', { dnsNames: ['b.com'] }),
    ],
  },
  {
    name: 'a wildcard and the host that is called like it have one each',
    routes: [managedRoute('shop', 1, ['wildcard.a.com', '*.a.com'], { cluster: wildcardCluster })],
    want: [
      wanted('shop-wildcard-a-com-4c53fa43', { dnsNames: ['wildcard.a.com'] }),
      wanted('shop-wildcard-a-com', {
        dnsNames: ['*.a.com'],
        issuerRef: { ...letsencrypt, name: 'letsencrypt-prod-dns' },
      }),
    ],
  },
  {
    name: 'an existing Certificate keeps its name, and the name of its Secret',
    routes: [managedRoute('new', 2, ['shop.example.com'])],
    existing: {
      'shop.example.com': certificate(
        { name: 'cert-old-shop-example-com' },
        { secretName: 'tls-adopted', dnsNames: ['shop.example.com'] },
      ),
    },
    want: [
      wanted('old-shop-example-com', {
        dnsNames: ['shop.example.com'],
        secretName: 'tls-adopted',
        owners: ['new'],
      }),
    ],
  },
  {
    name: 'one that was handed over says so itself from then on',
    routes: [managedRoute('shop', 1, ['a.com', 'b.com'])],
    existing: Object.fromEntries(
      ['a.com', 'b.com'].map((host) => [
        host,
        certificate(
          { name: 'site', labels: {}, annotations: { 'tlsauto.dev/adopt': 'true' } },
          { secretName: 'site', dnsNames: ['a.com', 'b.com'] },
        ),
      ]),
    ),
    want: [
      wanted('', {
        name: 'site',
        secretName: 'site',
        dnsNames: ['a.com', 'b.com'],
        options: { annotations: { 'tlsauto.dev/adopt': 'true' }, spec: {} },
      }),
    ],
  },
  {
    name: 'a Certificate that two hosts share serves both until the younger one has its own',
    routes: [managedRoute('new', 3, ['c.com', 'a-b.com']), managedRoute('old', 2, ['a.b.com'])],
    existing: { 'a-b.com': SHARED, 'a.b.com': SHARED },
    want: [
      wanted('new-c-com', { dnsNames: ['c.com'], owners: ['new'] }),
      wanted('old-a-b-com', { dnsNames: ['a-b.com', 'a.b.com'], owners: ['old', 'new'] }),
      wanted('new-a-b-com', { dnsNames: ['a-b.com'], owners: ['new'] }),
    ],
  },
  {
    name: 'until that is served, it stays',
    routes: [managedRoute('new', 3, ['a-b.com']), managedRoute('old', 2, ['a.b.com'])],
    existing: { 'a-b.com': OWN, 'a.b.com': SHARED },
    former: { 'a-b.com': SHARED },
    want: [
      wanted('new-a-b-com', { dnsNames: ['a-b.com'], owners: ['new'] }),
      wanted('old-a-b-com', { dnsNames: ['a-b.com', 'a.b.com'], owners: ['old', 'new'] }),
    ],
  },
  {
    name: 'then each has its own',
    routes: [managedRoute('new', 3, ['a-b.com']), managedRoute('old', 2, ['a.b.com'])],
    existing: { 'a-b.com': OWN, 'a.b.com': SHARED },
    want: [
      wanted('new-a-b-com', { dnsNames: ['a-b.com'], owners: ['new'] }),
      wanted('old-a-b-com', { dnsNames: ['a.b.com'], owners: ['old'] }),
    ],
  },
  {
    name: 'a route under a Secret name of its own asks for no Certificate of its hosts',
    routes: [
      managedRoute('named', 1, ['shop.example.com'], {
        annotations: { 'cert-manager.io/issuer': 'own-ca' },
        secretName: 'mine',
      }),
    ],
    want: [],
  },
  {
    name: 'what a route says of its Certificates is said of each; the names beside its hosts of the first',
    routes: [
      managedRoute('shop', 1, ['a.com', 'b.com'], {
        annotations: {
          'cert-manager.io/private-key-algorithm': 'ECDSA',
          'cert-manager.io/common-name': 'alt.com',
          'cert-manager.io/alt-names': 'a.com, Alt.com.,10.0.0.1',
          'cert-manager.io/subject-organizations': 'Shop Inc.',
          'acme.cert-manager.io/http01-ingress-class': 'nginx',
        },
      }),
      managedRoute('api', 2, ['b.com', 'c.com'], {
        annotations: { 'cert-manager.io/private-key-algorithm': 'Ed25519' },
      }),
    ],
    want: [
      wanted('shop-a-com', {
        dnsNames: ['a.com', 'alt.com'],
        options: {
          annotations: {
            'acme.cert-manager.io/http01-override-ingress-class': 'nginx',
            'tlsauto.dev/alt-names': 'alt.com',
          },
          spec: { privateKey: { algorithm: 'ECDSA' }, commonName: 'alt.com' },
        },
      }),
      wanted('shop-b-com', {
        dnsNames: ['b.com'],
        options: {
          annotations: { 'acme.cert-manager.io/http01-override-ingress-class': 'nginx' },
          spec: { privateKey: { algorithm: 'ECDSA' } },
        },
        owners: ['shop', 'api'],
      }),
      wanted('api-c-com', {
        dnsNames: ['c.com'],
        options: { annotations: {}, spec: { privateKey: { algorithm: 'Ed25519' } } },
        owners: ['api'],
      }),
    ],
  },
  {
    name: 'a wildcard among the added names has the issuer for wildcards',
    routes: [
      managedRoute('shop', 1, ['a.com'], {
        annotations: { 'cert-manager.io/alt-names': '*.a.com' },
        cluster: wildcardCluster,
      }),
    ],
    want: [
      wanted('shop-a-com', {
        dnsNames: ['a.com', '*.a.com'],
        issuerRef: { ...letsencrypt, name: 'letsencrypt-prod-dns' },
        options: { annotations: { 'tlsauto.dev/alt-names': '*.a.com' }, spec: {} },
      }),
    ],
  },
]

for (const { name, routes, existing = {}, former = {}, taken = [], want } of rows) {
  test(name, () => {
    const claims = hostClaims(routes, (host) => existing[host]).map((claim) => ({
      ...claim,
      former: former[claim.host],
    }))
    const desired = certificatesForHosts(claims, (certificate) => taken.includes(certificate))
    assert.deepEqual(byName(desired), want)
  })
}

const alone = { cover: undefined, guests: [], former: undefined }

test('claims are made host by host, with the routes that serve it and what there is', () => {
  const shop = managedRoute('shop', 1, ['a.example.com', 'b.example.com'])
  const api = managedRoute('api', 2, ['b.example.com'])
  const there = certificate({ name: 'cert-x' }, { secretName: 'tls-x' })
  assert.deepEqual(
    hostClaims([shop, api], (host) => (host === 'b.example.com' ? there : undefined)),
    [
      { host: 'a.example.com', oldest: shop, routes: [shop], existing: undefined, ...alone },
      { host: 'b.example.com', oldest: shop, routes: [shop, api], existing: there, ...alone },
    ],
  )
})

test('a claim is called as its Certificate is, else as the app of its oldest route says', () => {
  const shop = managedRoute('shop', 1, ['shop.example.com'])
  const [claim] = hostClaims([shop, managedRoute('api', 2, ['shop.example.com'])], () => undefined)
  assert.ok(claim !== undefined)
  assert.deepEqual(nameOf(claim), {
    certificate: 'cert-shop-shop-example-com',
    secret: 'tls-shop-shop-example-com',
  })
  const existing = certificate({ name: 'adopted' }, { secretName: 'mine' })
  const adopted: HostClaim = { ...claim, existing }
  assert.deepEqual(nameOf(adopted), { certificate: 'adopted', secret: 'mine' })
})

const named = (
  name: string,
  day: number,
  hosts: readonly string[],
  secretName = 'mine',
): ManagedRoute =>
  managedRoute(name, day, hosts, {
    annotations: { 'cert-manager.io/issuer': `${name}-ca` },
    secretName,
    cluster,
  })

test('a Secret name of their own gives routes one Certificate of that name, of all their hosts', () => {
  const routes = [
    managedRoute('plain', 1, ['plain.example.com']),
    named('shop', 2, ['b.example.com', '*.example.com']),
    named('api', 3, ['a.example.com', 'b.example.com']),
    named('blog', 4, ['blog.example.com'], 'other'),
  ]
  assert.deepEqual(byName(certificatesForNamed(routes)), [
    {
      namespace: 'team',
      name: 'mine',
      secretName: 'mine',
      dnsNames: ['b.example.com', '*.example.com', 'a.example.com'],
      issuerRef: { name: 'shop-ca', kind: 'Issuer', group: 'cert-manager.io' },
      options: { annotations: {}, spec: {} },
      owners: ['shop', 'api'],
    },
    {
      namespace: 'team',
      name: 'other',
      secretName: 'other',
      dnsNames: ['blog.example.com'],
      issuerRef: { name: 'blog-ca', kind: 'Issuer', group: 'cert-manager.io' },
      options: { annotations: {}, spec: {} },
      owners: ['blog'],
    },
  ])
})
