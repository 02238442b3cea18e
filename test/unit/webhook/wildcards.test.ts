import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { parseCertificate, type Certificate } from '../../../shared/certmanager/certificate.ts'
import { listAt, objectAt, textAt, type JsonObject } from '../../../shared/json/json.ts'
import type { Route } from '../../../shared/traefik/route.ts'
import type { Action } from '../../../webhook/controller/plan/action.ts'
import {
  createClusterIndex,
  type ClusterIndex,
} from '../../../webhook/controller/index/cluster-index.ts'
import { certificateActions, routeActions } from '../../../webhook/controller/reconcile.ts'
import { route, rules, wildcardCluster } from '../../fixtures/routes.ts'

const labels = { 'app.kubernetes.io/managed-by': 'tlsauto' }
const SECRET = 'tlsauto.dev/secret'
const WILDCARD = 'all-wildcard-example-com'
const SHOP = 'shop-shop-example-com'

type RouteOptions = {
  readonly hosts: readonly string[]
  /** The Secret that it names, by our choice. */
  readonly names?: string
  readonly annotations?: Readonly<Record<string, string>>
}

/** The route `all` is older than the route `shop`. */
function routeOf(name: 'all' | 'shop', { hosts, names, annotations }: RouteOptions): Route {
  const day = name === 'all' ? 1 : 2
  return route(
    {
      name,
      uid: name,
      creationTimestamp: `2026-03-0${day}T10:00:00Z`,
      annotations: { ...annotations, ...(names === undefined ? {} : { [SECRET]: names }) },
    },
    {
      routes: rules(...hosts.map((host) => `Host(\`${host}\`)`)),
      ...(names === undefined ? {} : { tls: { secretName: names } }),
    },
  )
}

type CertificateOptions = {
  readonly ready?: boolean
  readonly owners?: readonly string[]
  readonly dnsNames?: readonly string[]
}

/** A Certificate of ours that was issued once. */
function certificateOf(stem: string, options: CertificateOptions = {}): Certificate {
  const { ready = true, owners = [stem.slice(0, stem.indexOf('-'))] } = options
  const isWildcard = stem === WILDCARD
  const host = isWildcard ? '*.example.com' : 'shop.example.com'
  const issuer = isWildcard ? 'letsencrypt-prod-dns' : 'letsencrypt-prod'
  const made = parseCertificate({
    metadata: {
      name: `cert-${stem}`,
      namespace: 'team',
      uid: stem,
      labels,
      ownerReferences: owners.map(ownerOf),
    },
    spec: {
      secretName: `tls-${stem}`,
      dnsNames: options.dnsNames ?? [host],
      issuerRef: { name: issuer, kind: 'ClusterIssuer' },
    },
    status: {
      notAfter: '2026-06-01T10:00:00Z',
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    },
  })
  assert.ok(made !== undefined)
  return made
}

function carrierOf(stem: string, owners: readonly string[]): Route {
  return route(
    { name: `cert-${stem}`, uid: `carrier-${stem}`, labels, ownerReferences: owners.map(ownerOf) },
    { entryPoints: [], routes: [], tls: { secretName: `tls-${stem}` } },
  )
}

function ownerOf(name: string): JsonObject {
  return { apiVersion: 'traefik.io/v1alpha1', kind: 'IngressRoute', name, uid: name }
}

const ALL = routeOf('all', { hosts: ['*.example.com'], names: `tls-${WILDCARD}` })
const NEW_SHOP = routeOf('shop', { hosts: ['shop.example.com'], names: `tls-${SHOP}` })
const MOVED_SHOP = routeOf('shop', { hosts: ['shop.example.com'], names: `tls-${WILDCARD}` })
const BOTH = ['all', 'shop']

type Row = {
  readonly name: string
  readonly routes: readonly Route[]
  readonly certificates?: readonly Certificate[]
  /** What is done, in the order: the wildcard's Certificate, the host's, the routes. */
  readonly want: readonly string[]
}

const ROWS: readonly Row[] = [
  {
    name: 'until the wildcard is issued, both are ordered',
    routes: [ALL, NEW_SHOP],
    want: [
      `apply cert-${WILDCARD} for *.example.com of all`,
      `apply cert-${SHOP} for shop.example.com of shop`,
    ],
  },
  {
    name: 'while it is not ready, the host has its own',
    routes: [ALL, NEW_SHOP],
    certificates: [certificateOf(WILDCARD, { ready: false })],
    want: [`apply cert-${SHOP} for shop.example.com of shop`],
  },
  {
    name: 'a host that comes to a ready wildcard is not ordered: it becomes an owner, and its route moves',
    routes: [ALL, NEW_SHOP],
    certificates: [certificateOf(WILDCARD)],
    want: [
      `apply cert-${WILDCARD} for *.example.com of all, shop`,
      `carrier cert-${WILDCARD} of all, shop`,
      `patch shop to tls-${WILDCARD}`,
    ],
  },
  {
    name: 'a host’s own stays while a route names its Secret',
    routes: [ALL, NEW_SHOP, carrierOf(WILDCARD, BOTH)],
    certificates: [certificateOf(WILDCARD, { owners: BOTH }), certificateOf(SHOP)],
    want: [`patch shop to tls-${WILDCARD}`],
  },
  {
    name: 'and goes then',
    routes: [ALL, MOVED_SHOP],
    certificates: [certificateOf(WILDCARD, { owners: BOTH }), certificateOf(SHOP)],
    want: [`delete cert-${SHOP}`],
  },
  {
    name: 'at rest nothing is done',
    routes: [ALL, MOVED_SHOP],
    certificates: [certificateOf(WILDCARD, { owners: BOTH })],
    want: [],
  },
  {
    name: 'a route of several hosts keeps the Secret of the first, a carrier brings the wildcard’s',
    routes: [
      ALL,
      routeOf('shop', { hosts: ['shop.org', 'shop.example.com'], names: 'tls-shop-shop-org' }),
      carrierOf(WILDCARD, BOTH),
    ],
    certificates: [certificateOf(WILDCARD, { owners: BOTH })],
    want: [],
  },
  {
    name: 'a wildcard that no route names and no carrier brings covers nothing',
    routes: [
      routeOf('all', { hosts: ['all.org', '*.example.com'], names: 'tls-all-all-org' }),
      NEW_SHOP,
    ],
    certificates: [certificateOf(WILDCARD)],
    want: [`carrier cert-${WILDCARD} of all`, `apply cert-${SHOP} for shop.example.com of shop`],
  },
  {
    name: 'under another issuer a host has its own',
    routes: [
      ALL,
      routeOf('shop', {
        hosts: ['shop.example.com'],
        names: `tls-${SHOP}`,
        annotations: { 'cert-manager.io/cluster-issuer': 'letsencrypt-prod-dns' },
      }),
    ],
    certificates: [certificateOf(WILDCARD)],
    want: [`apply cert-${SHOP} for shop.example.com of shop`],
  },
  {
    name: 'and with another key',
    routes: [
      ALL,
      routeOf('shop', {
        hosts: ['shop.example.com'],
        names: `tls-${SHOP}`,
        annotations: { 'cert-manager.io/private-key-algorithm': 'ECDSA' },
      }),
    ],
    certificates: [certificateOf(WILDCARD)],
    want: [`apply cert-${SHOP} for shop.example.com of shop`],
  },
  {
    name: 'and with names beside it',
    routes: [
      ALL,
      routeOf('shop', {
        hosts: ['shop.example.com'],
        names: `tls-${SHOP}`,
        annotations: { 'cert-manager.io/common-name': 'Shop' },
      }),
    ],
    certificates: [certificateOf(WILDCARD)],
    want: [`apply cert-${SHOP} for shop.example.com of shop`],
  },
  {
    name: 'hosts two labels below a wildcard, and its parent, are not covered',
    routes: [
      ALL,
      routeOf('shop', { hosts: ['example.com', 'a.b.example.com', '*.b.example.com'] }),
    ],
    certificates: [certificateOf(WILDCARD)],
    want: ['patch shop to tls-shop-example-com'],
  },
  {
    name: 'when the wildcard is not ready any more, the host gets its own, and stays an owner until then',
    routes: [ALL, MOVED_SHOP],
    certificates: [certificateOf(WILDCARD, { ready: false, owners: BOTH })],
    want: [`apply cert-${SHOP} for shop.example.com of shop`],
  },
  {
    name: 'so it is when the wildcard’s route is gone: its Certificate stays',
    routes: [MOVED_SHOP],
    certificates: [certificateOf(WILDCARD, { owners: BOTH })],
    want: [`apply cert-${SHOP} for shop.example.com of shop`],
  },
  {
    name: 'also where the host’s route names another Secret',
    routes: [
      routeOf('shop', { hosts: ['shop.org', 'shop.example.com'], names: 'tls-shop-shop-org' }),
      carrierOf(WILDCARD, BOTH),
    ],
    certificates: [
      certificateOf(WILDCARD, { owners: BOTH }),
      certificateOf(SHOP, { ready: false }),
    ],
    want: [`carrier cert-${SHOP} of shop`],
  },
  {
    name: 'the host’s own is ready: its route moves to it',
    routes: [MOVED_SHOP, carrierOf(SHOP, ['shop'])],
    certificates: [certificateOf(WILDCARD, { owners: BOTH }), certificateOf(SHOP)],
    want: [`patch shop to tls-${SHOP}`],
  },
  {
    name: 'and the wildcard’s goes',
    routes: [NEW_SHOP, carrierOf(WILDCARD, BOTH)],
    certificates: [certificateOf(WILDCARD, { owners: BOTH }), certificateOf(SHOP)],
    want: [`delete cert-${WILDCARD}`, `delete carrier cert-${WILDCARD}`],
  },
  {
    name: 'a wildcard that nobody lives off goes with its route',
    routes: [routeOf('shop', { hosts: ['shop.org'], names: 'tls-shop-shop-org' })],
    certificates: [certificateOf(WILDCARD, { owners: BOTH })],
    want: [`delete cert-${WILDCARD}`],
  },
  {
    name: 'a host that would be called like the wildcard is covered by it, and shares it no more',
    routes: [
      routeOf('all', {
        hosts: ['*.example.com', 'wildcard.example.com'],
        names: `tls-${WILDCARD}`,
      }),
    ],
    certificates: [
      certificateOf(WILDCARD, { dnsNames: ['*.example.com', 'wildcard.example.com'] }),
    ],
    want: ['apply cert-all-wildcard-example-com for *.example.com of all'],
  },
  {
    name: 'one route may serve both',
    routes: [
      routeOf('all', { hosts: ['*.example.com', 'shop.example.com'], names: `tls-${WILDCARD}` }),
    ],
    certificates: [certificateOf(WILDCARD)],
    want: [],
  },
]

suite('a wildcard and the hosts below it', () => {
  for (const { name, routes, certificates = [], want } of ROWS) {
    test(name, () => {
      const index = indexOf(routes, certificates)
      const actions = [
        ...[WILDCARD, SHOP].flatMap((stem) => certificateActions(index, `team/cert-${stem}`)),
        ...BOTH.flatMap((one) => routeActions(index, `IngressRoute team/${one}`)),
      ]
      assert.deepEqual(actions.flatMap(line), want)
    })
  }
})

function indexOf(routes: readonly Route[], certificates: readonly Certificate[]): ClusterIndex {
  const index = createClusterIndex(wildcardCluster)
  index.setInstalledAt('2026-01-01T00:00:00Z')
  index.putNamespace('team', { labels: {}, annotations: {} })
  routes.forEach(index.putRoute)
  certificates.forEach(index.putCertificate)
  return index
}

function line(action: Action): readonly string[] {
  if (action.kind === 'patch') {
    const tls = objectAt(objectAt(action.patch, 'spec'), 'tls')
    return [`patch ${action.route.metadata.name} to ${textAt(tls, 'secretName')}`]
  }
  if (action.kind === 'delete') {
    return [`delete ${action.resource === 'ingressRoutes' ? 'carrier ' : ''}${action.name}`]
  }
  if (action.kind !== 'apply') return []
  const metadata = objectAt(action.object, 'metadata')
  const owners = listAt(metadata, 'ownerReferences')
    .map((owner) => textAt(objectAt({ owner }, 'owner'), 'name'))
    .join(', ')
  const name = textAt(metadata, 'name')
  if (action.resource === 'ingressRoutes') return [`carrier ${name} of ${owners}`]
  const names = listAt(objectAt(action.object, 'spec'), 'dnsNames').join(', ')
  return [`apply ${name} for ${names} of ${owners}`]
}
