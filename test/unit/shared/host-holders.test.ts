import assert from 'node:assert/strict'
import { beforeEach, suite, test } from 'node:test'
import type { JsonObject } from '../../../shared/json.ts'
import { createClusterIndex, type ClusterIndex } from '../../../webhook/controller/cluster-index.ts'
import { certificate, cluster, route, tcpRoute } from '../../fixtures/routes.ts'

const HOST = 'shop.example.com'

suite('the namespace that a host belongs to', () => {
  let index: ClusterIndex
  beforeEach(() => {
    index = createClusterIndex(cluster)
  })

  test('is none where nobody serves it', () => {
    putRoute('a', 1, { routes: [{ match: 'Host(`other.example.com`)' }] })
    assert.equal(index.holderOf(HOST), undefined)
  })

  test('is that of the oldest route', () => {
    putRoute('b', 2)
    putRoute('a', 3)
    putRoute('c', 1)
    assert.equal(index.holderOf(HOST), 'c')
    index.removeRoute(route(born('c', 1)))
    assert.equal(index.holderOf(HOST), 'b')
  })

  test('also where that route brings its own Secret, or is a TCP route', () => {
    putRoute('a', 1, { tls: { secretName: 'mine' } })
    putRoute('b', 2)
    assert.equal(index.holderOf(HOST), 'a')
    index.putRoute(tcpRoute(born('tcp', 0), { tls: { passthrough: true } }))
    assert.equal(index.holderOf(HOST), 'tcp')
  })

  test('is that of the oldest Certificate of ours, whatever route is older', () => {
    putRoute('a', 1)
    putCertificate('c', 3)
    putCertificate('b', 2)
    assert.equal(index.holderOf(HOST), 'b')
  })

  test('is that of the route that tlsauto noted it on, whatever Certificate is older', () => {
    putCertificate('c', 1)
    putNoted('b', 3, 'tlsauto')
    assert.equal(index.holderOf(HOST), 'b')
    index.removeRoute(route(born('b', 3)))
    assert.equal(index.holderOf(HOST), 'c')
  })

  test('is nobody’s by a note of his own', () => {
    putRoute('c', 1)
    putNoted('b', 3, 'kubectl')
    assert.equal(index.holderOf(HOST), 'c')
  })

  test('is the only one whose allowed-domains name it, whatever came before', () => {
    putCertificate('b', 2)
    allow('a', '*.example.com, other.org')
    assert.equal(index.holderOf(HOST), 'a')
    allow('c', HOST)
    assert.equal(index.holderOf(HOST), 'b', 'two are no answer')
    index.removeNamespace('a')
    assert.equal(index.holderOf(HOST), 'c')
    allow('c', 'other.org')
    assert.equal(index.holderOf(HOST), 'b')
  })

  function putRoute(namespace: string, hour: number, spec: JsonObject = {}): void {
    index.putRoute(route(born(namespace, hour), spec))
  }

  function putNoted(namespace: string, hour: number, manager: string): void {
    const fieldsV1 = { 'f:metadata': { 'f:annotations': { 'f:tlsauto.dev/holds': {} } } }
    const annotations = { 'tlsauto.dev/holds': `other.org,${HOST}` }
    const managedFields = [{ manager, fieldsV1 }]
    index.putRoute(route({ ...born(namespace, hour), annotations, managedFields }))
  }

  function putCertificate(namespace: string, hour: number): void {
    const spec = { secretName: 'tls', dnsNames: [HOST] }
    index.putCertificate(certificate({ ...born(namespace, hour), name: 'cert' }, spec))
  }

  function allow(namespace: string, domains: string): void {
    const annotations = { 'tlsauto.dev/allowed-domains': domains }
    index.putNamespace(namespace, { labels: {}, annotations })
  }
})

function born(namespace: string, hour: number): JsonObject {
  return { namespace, uid: namespace, creationTimestamp: `2026-03-01T0${hour}:00:00Z` }
}
