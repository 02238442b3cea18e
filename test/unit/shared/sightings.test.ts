import assert from 'node:assert/strict'
import { beforeEach, suite, test } from 'node:test'
import { seenHosts, parseIngress } from '../../../shared/seen-hosts.ts'
import { bySight, createSightings, type Sightings } from '../../../shared/sightings.ts'
import type { Route } from '../../../shared/traefik/route.ts'
import { route, rules, tcpRoute } from '../../fixtures/routes.ts'

const HOST = 'shop.example.com'

suite('the hosts that are seen', () => {
  const seen = [HOST, 'b.example.com']
  const routes = rules('Host(`shop.example.com`)', 'Host(`B.example.com.`) && PathPrefix(`/x`)')
  test('are those of all rules, whatever else the route says', () => {
    for (const spec of [
      { tls: { secretName: 'own' } },
      { tls: { certResolver: 'le' } },
      { entryPoints: ['web'] },
    ]) {
      assert.deepEqual(seenHosts(route({}, { ...spec, routes })), seen)
    }
    const labels = { 'app.kubernetes.io/managed-by': 'tlsauto' }
    const annotations = { 'tlsauto.dev/enabled': 'false' }
    assert.deepEqual(seenHosts(route({ labels, annotations }, { routes })), seen)
  })
  test('are those of tls.domains, and those of the rules all the same', () => {
    const tls = { domains: [{ main: '*.example.com', sans: ['example.com'] }] }
    assert.deepEqual(seenHosts(route({}, { routes, tls })), [
      ...seen,
      '*.example.com',
      'example.com',
    ])
  })
  test('are those of TCP routes, passthrough too', () => {
    assert.deepEqual(seenHosts(tcpRoute({}, { tls: { passthrough: true } })), [HOST])
  })
  test('are DNS names: nothing that cannot be held', () => {
    const odd = rules(
      'Host(`*`) || Host(`10.0.0.1`) || Host(`a_b.org`)',
      'PathPrefix(`/`)',
      'Host(',
    )
    assert.deepEqual(seenHosts(route({}, { routes: odd })), [])
  })
  test('of an Ingress are those under tls', () => {
    const metadata = { name: 'web', namespace: 'team' }
    const spec = { tls: [{ hosts: ['A.org', 'b.org'] }, {}, { hosts: ['a.org', 7] }], rules: [] }
    assert.deepEqual(parseIngress({ metadata, spec })?.hosts, ['a.org', 'b.org'])
    assert.deepEqual(parseIngress({ metadata, spec: { rules: [{ host: 'a.org' }] } })?.hosts, [])
  })
})

suite('the first sight of a host', () => {
  let sightings: Sightings
  beforeEach(() => {
    sightings = createSightings()
  })
  const first = () => [...sightings.of(HOST)].toSorted(bySight)[0]?.namespace
  test('is that of the oldest object, of all that were there before', () => {
    sightings.put(born('b', 2), [HOST])
    sightings.put(born('a', 3), [HOST])
    sightings.put(born('c', 4), [HOST])
    sightings.put(born('c', 1, 'older'), [HOST])
    assert.equal(first(), 'c')
  })

  test('is the first to come from then on, however old the object is', () => {
    const old = born('old', 1)
    sightings.put(old, [])
    sightings.settle()
    sightings.put(born('young', 9), [HOST])
    assert.deepEqual(sightings.put(old, ['x.org', HOST]), ['x.org', HOST])
    assert.equal(first(), 'young')
  })

  test('counts as long as anything in the namespace names the host', () => {
    sightings.settle()
    sightings.put(born('a', 1), [HOST])
    sightings.put(born('b', 1), [HOST])
    sightings.put(born('a', 2, 'second'), [HOST])
    assert.deepEqual(sightings.put(born('a', 1), ['other.org']), [HOST, 'other.org'])
    assert.equal(first(), 'a')
    sightings.put(born('a', 2, 'second'), [])
    assert.equal(sightings.at(HOST, 'a'), undefined)
    assert.equal(first(), 'b')
    sightings.put(born('a', 1), [HOST])
    assert.equal(first(), 'b')
  })
})

function born(namespace: string, hour: number, name = 'shop'): Route {
  return route({ namespace, name, creationTimestamp: `2026-03-01T0${hour}:00:00Z` })
}
