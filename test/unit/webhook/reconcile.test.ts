import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { pino } from 'pino'
import { objectAt, type JsonObject } from '../../../shared/json/json.ts'
import { companionName } from '../../../shared/names/names.ts'
import type { KubeClient } from '../../../shared/kube/kube-client.ts'
import { createCertificateLimits } from '../../../webhook/controller/limits/certificate-limits.ts'
import {
  createClusterIndex,
  type ClusterIndex,
} from '../../../webhook/controller/index/cluster-index.ts'
import { createClaimKeeper } from '../../../webhook/controller/claim-keeper.ts'
import { createOwnerCheck } from '../../../webhook/controller/owner-check.ts'
import {
  certificateActions,
  reconcileCertificate,
  reconcileRoute,
  routeActions,
} from '../../../webhook/controller/reconcile.ts'
import { createRecorder, onFirstLook } from '../../../webhook/runtime/event-recorder.ts'

import { createWriteGate, type WriteGate } from '../../../webhook/controller/limits/write-gate.ts'
import { certificate, cluster, route, rules, tcpRoute } from '../../fixtures/routes.ts'
import { claim } from '../../fixtures/domain-claims.ts'
import { scriptedClient } from '../../fixtures/scripted-client.ts'

const logger = pino({ level: 'silent' })
const CERTIFICATE = 'team/cert-shop-shop-example-com'

/** What is asked of the API server for the route `shop` in that index. */
async function reconcile(index: ClusterIndex, firstLook = false): Promise<readonly string[]> {
  const { client, calls } = scriptedClient({})
  const recorder = createRecorder({ client, logger, isBusy: () => false })
  const owners = createOwnerCheck(client)
  const told = firstLook ? onFirstLook(recorder) : recorder
  const claims = createClaimKeeper({
    client,
    index,
    graceMs: 0,
    onChange: () => undefined,
    onLimited: () => undefined,
    onNameTaken: () => undefined,
    logger,
  })
  const writes = openGate(client, index)
  const input = { client, index, owners, claims, logger, writes, recorder: told }
  await reconcileRoute(input, 'IngressRoute team/shop')
  await reconcileCertificate(input, CERTIFICATE)
  await reconcileCertificate(input, CERTIFICATE)
  return calls
}

/** Without a limit. */
function openGate(client: KubeClient, index: ClusterIndex): WriteGate {
  const limits = createCertificateLimits(0)
  return createWriteGate({ client, index, limits, most: 0, logger })
}

function indexWith({ known }: { readonly known: boolean }): ClusterIndex {
  const index = createClusterIndex(cluster)
  index.setInstalledAt('2026-01-01T00:00:00Z')
  if (known) index.putNamespace('team', { labels: {}, annotations: {} })
  index.putRoute(route())
  return index
}

test('a route gets its name, its host is claimed, and it gets its Certificate and an Event', async () => {
  const calls = await reconcile(indexWith({ known: true }))
  assert.deepEqual(calls, [
    'patch shop',
    'create shop.',
    'create shop.example.com',
    'apply cert-shop-shop-example-com',
    'create shop.',
    'apply cert-shop-shop-example-com',
  ])
})

test('a host that its namespace has no room to claim gets no Certificate, and keeps one that it has', async () => {
  const index = createClusterIndex(cluster, { maxClaims: 1 })
  index.setInstalledAt('2026-01-01T00:00:00Z')
  index.putNamespace('team', { labels: {}, annotations: {} })
  index.putClaim(claim('old.example.com', 'team'))
  index.putRoute(route())
  assert.deepEqual(await reconcile(index), ['patch shop', 'create shop.'])
  const name = CERTIFICATE.slice('team/'.length)
  const names = { secretName: name.replace('cert-', 'tls-'), dnsNames: ['shop.example.com'] }
  index.putCertificate(certificate({ name }, names))
  assert.ok((await reconcile(index)).includes(`apply ${name}`))
})

test('nothing is done in a namespace whose settings are not known: it may have opted out', async () => {
  assert.deepEqual(await reconcile(indexWith({ known: false })), [])
})

test('nor is a Certificate taken away there', async () => {
  const index = createClusterIndex(cluster)
  const ownerReferences = [{ apiVersion: 'traefik.io/v1alpha1', kind: 'IngressRoute', uid: 'gone' }]
  const name = CERTIFICATE.slice('team/'.length)
  index.putCertificate(certificate({ name, ownerReferences }, { secretName: 'x', dnsNames: [] }))
  assert.deepEqual(await reconcile(index), [])
  index.putNamespace('team', { labels: {}, annotations: {} })
  assert.deepEqual((await reconcile(index))[0], `delete ${name}`)
})

test('what is wrong is told once, and at a first look not at all', async () => {
  const index = indexWith({ known: true })
  const name = CERTIFICATE.slice('team/'.length)
  index.putCertificate(certificate({ name, labels: {} }, { secretName: 'x', dnsNames: [] }))
  assert.deepEqual(await reconcile(index), [
    'patch shop',
    'create shop.',
    'create shop.example.com',
    'create shop.',
  ])
  assert.deepEqual(await reconcile(index, true), ['patch shop', 'create shop.'])
})

test('an IngressRouteTCP of the same name as a route has a work of its own, and its own Secret', async () => {
  const index = indexWith({ known: true })
  index.putRoute(tcpRoute({ name: 'shop' }, { routes: [{ match: 'HostSNI(`db.example.com`)' }] }))
  const { client, calls } = scriptedClient({})
  const input = {
    client,
    index,
    owners: createOwnerCheck(client),
    writes: openGate(client, index),
    claims: createClaimKeeper({
      client,
      index,
      graceMs: 0,
      onChange: () => undefined,
      onLimited: () => undefined,
      onNameTaken: () => undefined,
      logger,
    }),
    logger,
    recorder: createRecorder({ client, logger, isBusy: () => false }),
  }
  await reconcileRoute(input, 'IngressRouteTCP team/shop')
  await reconcileCertificate(input, 'team/cert-shop-db-example-com')
  assert.deepEqual(calls, [
    'patch shop',
    'create shop.',
    'create db.example.com',
    'apply cert-shop-db-example-com',
    'create shop.',
  ])
})

test('a plain route whose host an IngressRouteTCP serves is left alone until that is gone', async () => {
  const index = indexWith({ known: true })
  const beside = tcpRoute({}, { tls: { passthrough: true } })
  index.putRoute(beside)
  assert.deepEqual(await reconcile(index), [])
  assert.deepEqual(index.neighbours('IngressRouteTCP team/db'), ['IngressRoute team/shop'])
  index.removeRoute(beside)
  assert.deepEqual((await reconcile(index))[0], 'patch shop')
})

test('old routes are taken on from the oldest to the youngest, and none that chose to be left alone', () => {
  const index = createClusterIndex(cluster)
  index.setInstalledAt('2026-12-01T00:00:00Z')
  const born = (name: string, month: number, annotations = {}) =>
    index.putRoute(
      route({ name, uid: name, creationTimestamp: `2026-0${month}-01T00:00:00Z`, annotations }),
    )
  born('b', 2)
  born('out', 1, { 'tlsauto.dev/enabled': 'false' })
  born('c', 3)
  born('a', 1)
  const order = [1, 2, 3, 4].map(() => index.takeOnOldest())
  assert.deepEqual(order, [
    'IngressRoute team/a',
    'IngressRoute team/b',
    'IngressRoute team/c',
    undefined,
  ])
  assert.equal(index.isOld('IngressRoute team/a'), false)
})

test('a route is not old once it owns a Certificate of ours, in its own namespace', () => {
  const index = createClusterIndex(cluster)
  index.setInstalledAt('2026-12-01T00:00:00Z')
  index.putRoute(route())
  const key = 'IngressRoute team/shop'
  const ownerReferences = [{ kind: 'IngressRoute', name: 'shop', uid: route().metadata.uid }]
  const spec = { secretName: 'x', dnsNames: ['shop.example.com'] }
  const put = (metadata: JsonObject): void =>
    index.putCertificate(certificate({ name: 'a', ownerReferences, ...metadata }, spec))
  put({ namespace: 'other' })
  put({ labels: {} })
  assert.equal(index.isOld(key), true)
  put({})
  assert.equal(index.isOld(key), false)
  index.removeCertificate(certificate({ name: 'a', ownerReferences }, spec))
  assert.equal(index.isOld(key), true)
})

test('a Certificate that two hosts shared is decided about under its own name alone', () => {
  const index = indexWith({ known: true })
  index.putRoute(route({ name: 'a', uid: 'a' }, { routes: rules('Host(`b-c.com`)') }))
  index.putRoute(route({ name: 'a-b', uid: 'b' }, { routes: rules('Host(`c.com`)') }))
  const put = (stem: string, dnsNames: readonly string[], uids: readonly string[]): void => {
    const metadata = {
      name: `cert-${stem}`,
      uid: stem,
      ownerReferences: uids.map((uid) => ownerOf(uid)),
    }
    index.putCertificate(certificate(metadata, { secretName: `tls-${stem}`, dnsNames }))
  }
  put('a-b-c-com', ['b-c.com', 'c.com'], ['a', 'b'])
  put('a-b-c-com-1', ['c.com'], ['b'])
  assert.deepEqual(certificateActions(index, 'team/cert-a-b-c-com'), [])
  assert.deepEqual(certificateActions(index, 'team/cert-a-b-c-com-1'), [])
})

suite('a Certificate whose names a hand changed', () => {
  test('is put right under its name', () => {
    const index = indexWith({ known: true })
    index.putRoute(route())
    putChanged(index, ownerOf(route().metadata.uid, 'shop'))
    assert.deepEqual(applied(index), ['cert-shop-shop-example-com'])
  })

  test('is left alone where another route that is there owns it: the host gets its own', () => {
    const index = indexWith({ known: true })
    index.putRoute(route())
    index.putRoute(route({ name: 'other', uid: 'other' }, { routes: rules('Host(`x`') }))
    putChanged(index, ownerOf('other', 'other'))
    assert.match(String(applied(index)[0]), /^cert-shop-shop-example-com-[0-9a-f]{8}$/)
  })
})

function putChanged(index: ClusterIndex, owner: JsonObject): void {
  index.putCertificate(
    certificate(
      { name: 'cert-shop-shop-example-com', uid: 'c', ownerReferences: [owner] },
      { secretName: 'tls-shop-shop-example-com', dnsNames: ['x.example.org'] },
    ),
  )
}

function applied(index: ClusterIndex): readonly unknown[] {
  return certificateActions(index, 'team/cert-shop-shop-example-com').map((action) =>
    action.kind === 'apply' ? objectAt(action.object, 'metadata')['name'] : action.kind,
  )
}

function ownerOf(uid: string, name = uid): JsonObject {
  return { apiVersion: 'traefik.io/v1alpha1', kind: 'IngressRoute', name, uid }
}

suite('a stranger has the name of a companion', () => {
  const BOTH = { entryPoints: ['web', 'websecure'] }
  const stranger = route({ name: 'tlsauto-http-shop', uid: 'stranger' })
  const key = 'IngressRoute team/shop'
  const shop = (metadata: JsonObject = {}, spec: JsonObject = {}) =>
    route(metadata, { ...BOTH, ...spec })
  const verbs = (index: ClusterIndex): readonly string[] =>
    routeActions(index, key).map((action) =>
      action.kind === 'event' ? action.note.reason : action.kind,
    )

  test('the route is carried, and said to be, until the stranger goes', () => {
    const index = indexWith({ known: true })
    index.putRoute(shop())
    assert.deepEqual(verbs(index), ['apply', 'apply', 'HttpKept', 'patch', 'SecretNamed'])
    index.putRoute(stranger)
    assert.deepEqual(verbs(index), ['CompanionTaken'])
    assert.deepEqual(index.neighbours('IngressRoute team/tlsauto-http-shop'), [key])
    index.removeRoute(stranger)
    assert.equal(index.managed(key)?.verdict.attach, 'inject')
  })

  test('so it is with a Middleware', () => {
    const index = indexWith({ known: true })
    index.putRoute(shop())
    const { metadata } = stranger
    index.putMiddleware({ apiVersion: '', kind: 'Middleware', metadata, isRedirect: true })
    assert.deepEqual(verbs(index), ['CompanionTaken'])
    assert.deepEqual(index.routeKeysOfCompanion('team', 'tlsauto-http-shop'), [key])
  })

  test('also where the name is cut', () => {
    const index = indexWith({ known: true })
    const name = 'a'.repeat(245)
    index.putRoute(shop({ name }))
    assert.deepEqual(index.routeKeysOfCompanion('team', companionName(name)), [
      `IngressRoute team/${name}`,
    ])
  })

  test('TLS that ended plain HTTP is taken back', () => {
    const index = indexWith({ known: true })
    const secretName = 'tls-shop-shop-example-com'
    index.putRoute(
      shop({ annotations: { 'tlsauto.dev/secret': secretName } }, { tls: { secretName } }),
    )
    index.putRoute(stranger)
    assert.deepEqual(verbs(index), ['CompanionTaken', 'patch', 'SecretTakenBack'])
  })
})

const ISSUER = { 'cert-manager.io/issuer': 'ca' }

for (const [name, annotations, tls] of [
  ['an annotation', { ...ISSUER, 'cert-manager.io/alt-names': 'theirs.org' }, null],
  ['a common name', { ...ISSUER, 'cert-manager.io/common-name': 'theirs.org' }, null],
  ['a Secret of its own', ISSUER, { secretName: 'mine' }],
] as const) {
  test(`nobody gets a certificate for another namespace's host by ${name}`, () => {
    const index = createClusterIndex(cluster)
    index.setInstalledAt('2026-01-01T00:00:00Z')
    for (const namespace of ['team', 'other']) {
      index.putNamespace(namespace, { labels: {}, annotations: {} })
    }
    const theirs = { namespace: 'other', uid: 'other', creationTimestamp: '2026-02-01T00:00:00Z' }
    index.putRoute(route(theirs, { routes: rules('Host(`theirs.org`)') }))
    const hosts = tls === null ? 'Host(`own.org`)' : 'Host(`own.org`) || Host(`theirs.org`)'
    index.putRoute(route({ annotations }, { routes: rules(hosts), tls }))
    const key = tls === null ? 'team/cert-shop-own-org' : 'team/mine'
    const written = JSON.stringify(certificateActions(index, key))
    assert.match(written, /own\.org/)
    assert.doesNotMatch(written, /theirs\.org/)
  })
}
