import assert from 'node:assert/strict'
import { beforeEach, suite, test } from 'node:test'
import { parseCertificate, type Certificate } from '../../../shared/certmanager/certificate.ts'
import { objectAt, type JsonObject } from '../../../shared/json/json.ts'
import {
  createClusterIndex,
  type ClusterIndex,
} from '../../../webhook/controller/index/cluster-index.ts'
import { certificateActions, routeActions } from '../../../webhook/controller/reconcile.ts'
import { claim } from '../../fixtures/domain-claims.ts'
import { route, rules, wildcardCluster } from '../../fixtures/routes.ts'

const HOST = 'shop.example.com'
const NAME = 'cert-shop-shop-example-com'
const KEY = `team/${NAME}`

let index: ClusterIndex
beforeEach(() => {
  index = createClusterIndex(wildcardCluster)
  index.setInstalledAt('2026-01-01T00:00:00Z')
  index.putNamespace('team', { labels: {}, annotations: {} })
})

suite('a host that another namespace holds', () => {
  beforeEach(() => index.putClaim(claim(HOST, 'other')))

  test('gets no Certificate', () => {
    index.putRoute(route())
    assert.deepEqual(certificateActions(index, KEY), [])
  })

  test('keeps the one that it has, as it is', () => {
    index.putRoute(route())
    index.putCertificate(stored())
    assert.deepEqual(certificateActions(index, KEY), [])
    const issuer = { 'cert-manager.io/cluster-issuer': 'another' }
    index.putRoute(route({ annotations: { ...issuer, 'cert-manager.io/duration': '48h' } }))
    assert.deepEqual(certificateActions(index, KEY), [], 'nor is another issuer asked')
  })

  test('keeps it for all routes that serve the host, so that none takes it along', () => {
    index.putRoute(route())
    index.putRoute(route({ name: 'second', uid: 'second' }))
    index.putCertificate(stored())
    const [apply] = certificateActions(index, KEY)
    assert.equal(apply?.kind, 'apply')
    const object = apply.kind === 'apply' ? apply.object : {}
    assert.deepEqual(object['spec'], specOf(HOST))
  })

  test('loses it when no route of its own serves the host any more', () => {
    index.putCertificate(stored())
    assert.equal(certificateActions(index, KEY)[0]?.kind, 'delete')
  })

  test('is said to be held elsewhere', () => {
    index.putRoute(route())
    const told = routeActions(index, 'IngressRoute team/shop').flatMap((action) =>
      action.kind === 'event' ? [`${action.note.reason} ${action.note.about}`] : [],
    )
    assert.ok(told.includes(`HostHeldElsewhere ${HOST}`), told.join())
  })

  test('and so are a wildcard over it, and a name that an annotation adds', () => {
    const annotations = { 'cert-manager.io/alt-names': HOST }
    index.putRoute(route({ annotations }, { routes: rules('Host(`*.example.com`)') }))
    const told = routeActions(index, 'IngressRoute team/shop').flatMap((action) =>
      action.kind === 'event' ? [`${action.note.reason} ${action.note.about}`] : [],
    )
    assert.ok(told.includes(`HostHeldElsewhere *.example.com, ${HOST}`), told.join())
    assert.deepEqual(certificateActions(index, 'team/cert-shop-wildcard-example-com'), [])
  })

  test('is no name of a new Certificate for another host', () => {
    const annotations = {
      'cert-manager.io/alt-names': `${HOST},free.example.com`,
      'cert-manager.io/common-name': HOST,
    }
    index.putRoute(route({ annotations }, { routes: rules('Host(`own.example.com`)') }))
    const [apply] = certificateActions(index, 'team/cert-shop-own-example-com')
    const object = apply?.kind === 'apply' ? apply.object : {}
    assert.deepEqual(object['spec'], {
      ...specOf('own.example.com'),
      secretName: 'tls-shop-own-example-com',
      dnsNames: ['own.example.com', 'free.example.com'],
    })
  })

  test('stays a name of a Certificate that has it, while it is asked for', () => {
    const names = ['own.example.com', HOST]
    const annotations = { 'cert-manager.io/alt-names': HOST }
    const spec = { routes: rules('Host(`own.example.com`)') }
    index.putRoute(route({ annotations }, spec))
    index.putCertificate(stored(names, { annotations: { 'tlsauto.dev/alt-names': HOST } }))
    assert.deepEqual(certificateActions(index, KEY), [])
    index.putRoute(route({}, spec))
    const [apply] = certificateActions(index, KEY)
    const object = apply?.kind === 'apply' ? apply.object : {}
    assert.deepEqual(object['spec'], specOf('own.example.com'))
  })

  test('is in no new Certificate under a Secret name of the user’s own, and stays in an old one', () => {
    const annotations = { 'cert-manager.io/cluster-issuer': 'letsencrypt-prod' }
    const routes = rules('Host(`own.example.com`)', `Host(\`${HOST}\`)`)
    index.putRoute(route({ annotations }, { routes, tls: { secretName: 'mine' } }))
    const [apply] = certificateActions(index, 'team/mine')
    const object = apply?.kind === 'apply' ? apply.object : {}
    assert.deepEqual(object['spec'], { ...specOf('own.example.com'), secretName: 'mine' })
    index.putCertificate(stored(['own.example.com', HOST], { name: 'mine' }, 'mine'))
    assert.deepEqual(certificateActions(index, 'team/mine'), [])
  })
})

/** A Certificate of ours that the route `shop` owns. */
function stored(
  dnsNames: readonly string[] = [HOST],
  metadata: JsonObject = {},
  secretName = 'tls-shop-shop-example-com',
): Certificate {
  const { uid } = route().metadata
  const keys = Object.keys(objectAt(metadata, 'annotations')).map((key) => `f:${key}`)
  const owned: JsonObject = Object.fromEntries(keys.map((key): [string, unknown] => [key, {}]))
  const fieldsV1 = { 'f:metadata': { 'f:annotations': owned } }
  const parsed = parseCertificate({
    metadata: {
      name: NAME,
      namespace: 'team',
      uid: 'certificate',
      labels: { 'app.kubernetes.io/managed-by': 'tlsauto' },
      ownerReferences: [
        { apiVersion: 'traefik.io/v1alpha1', kind: 'IngressRoute', name: 'shop', uid },
      ],
      managedFields: [{ manager: 'tlsauto', fieldsV1 }],
      ...metadata,
    },
    spec: { ...specOf(...dnsNames), secretName },
  })
  if (parsed === undefined) throw new Error('the fixture is no Certificate')
  return parsed
}

function specOf(...dnsNames: readonly string[]): JsonObject {
  const issuerRef = { name: 'letsencrypt-prod', kind: 'ClusterIssuer', group: 'cert-manager.io' }
  return { secretName: 'tls-shop-shop-example-com', dnsNames, issuerRef }
}
