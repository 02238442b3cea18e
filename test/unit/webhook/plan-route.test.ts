import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Certificate } from '../../../shared/certmanager/certificate.ts'
import { hostClaims, type ManagedRoute } from '../../../shared/certmanager/desired.ts'
import { decide } from '../../../shared/decide.ts'
import type { JsonObject } from '../../../shared/json.ts'
import type { ClusterSettings } from '../../../shared/settings.ts'
import { planRoute, type RoutePatch } from '../../../webhook/controller/plan-route.ts'
import { certificate, cluster, route, settingsOf } from '../../fixtures/routes.ts'

const ANNOTATION = 'tlsauto.dev/secret'
const secretName = 'tls-shop-shop-example-com'

type Row = {
  readonly name: string
  readonly metadata?: JsonObject
  readonly spec?: JsonObject
  readonly flags?: Partial<ClusterSettings>
  /** The Certificate that stands for shop.example.com. */
  readonly existing?: Certificate
  readonly want: RoutePatch | undefined
}

/** A route that says what we once gave it. */
function naming(name: string): Pick<Row, 'metadata' | 'spec'> {
  return {
    metadata: { resourceVersion: '7', annotations: { [ANNOTATION]: name } },
    spec: { tls: { secretName: name } },
  }
}

function patch(name: string, tls: JsonObject = {}): RoutePatch {
  return {
    secretName: name,
    patch: {
      metadata: { resourceVersion: '7', annotations: { [ANNOTATION]: name } },
      spec: { tls: { secretName: name, ...tls } },
    },
  }
}

function shop(status: JsonObject): Certificate {
  const made = certificate(
    { name: 'cert-old-shop-example-com' },
    { secretName: 'tls-old-shop-example-com', dnsNames: ['shop.example.com'] },
  )
  return { ...made, status: { ...made.status, ...status } }
}

const ISSUED = { notAfter: '2026-06-01T10:00:00Z' }
const PENDING = { notAfter: undefined }

const ROWS: readonly Row[] = [
  {
    name: 'a route that the webhook missed gets its Secret',
    metadata: { resourceVersion: '7' },
    want: patch(secretName),
  },
  {
    name: 'with the default TLS options',
    metadata: { resourceVersion: '7' },
    flags: { defaultTlsOptions: 'mtls@file' },
    want: patch(secretName, { options: { name: 'mtls@file' } }),
  },
  { name: 'a route that names it is left as it is', ...naming(secretName), want: undefined },
  {
    name: 'a route that carriers serve is left as it is',
    flags: { attach: 'carry' },
    want: undefined,
  },
  {
    name: "a Secret of the user's own is left as it is",
    metadata: { annotations: { 'cert-manager.io/issuer': 'ca' } },
    spec: { tls: { secretName: 'mine' } },
    want: undefined,
  },
  {
    name: 'a route moves to the Secret that its host has, once there is something in it',
    ...naming(secretName),
    existing: shop(ISSUED),
    want: patch('tls-old-shop-example-com'),
  },
  {
    name: 'and not before: a valid certificate is never dropped',
    ...naming(secretName),
    existing: shop(PENDING),
    want: undefined,
  },
  {
    name: "nor where another manager owns the name: a copied manifest's is its user's",
    ...naming(secretName),
    metadata: {
      annotations: { [ANNOTATION]: secretName },
      managedFields: [
        { manager: 'kubectl', fieldsV1: { 'f:spec': { 'f:tls': { 'f:secretName': {} } } } },
      ],
    },
    existing: shop(ISSUED),
    want: undefined,
  },
]

suite('what a stored route lacks', () => {
  for (const { name, metadata, spec, flags, existing, want } of ROWS) {
    test(name, () => {
      const managed = managedRoute({ metadata, spec, flags })
      const claims = hostClaims([managed], () => existing)
      assert.deepEqual(planRoute(managed, claims), want)
    })
  }
})

function managedRoute({
  metadata,
  spec,
  flags,
}: Pick<{ [K in keyof Row]-?: Row[K] | undefined }, 'metadata' | 'spec' | 'flags'>): ManagedRoute {
  const it = route(metadata, spec)
  const settings = settingsOf(it, { ...cluster, ...flags })
  const verdict = decide(it, settings)
  if (verdict.kind === 'unmanaged') throw new Error(`the fixture is unmanaged: ${verdict.reason}`)
  return { route: it, settings, verdict }
}
