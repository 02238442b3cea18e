import assert from 'node:assert/strict'
import { beforeEach, suite, test } from 'node:test'
import { seenHosts, parseIngress } from '../../../shared/route/seen-hosts.ts'
import { createSightings, type Sightings } from '../../../shared/claims/sightings.ts'
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
  test('are those of its annotations, and those beside a matcher of a newer Traefik', () => {
    const annotations = {
      'cert-manager.io/alt-names': `WWW.${HOST}, *.${HOST},not a name`,
      'cert-manager.io/common-name': 'cn.org',
    }
    const routes = rules(`Host(\`${HOST}\`) && Tomorrow(\`x\`)`)
    const seen = [HOST, `www.${HOST}`, `*.${HOST}`, 'cn.org']
    assert.deepEqual(seenHosts(route({ annotations }, { routes })), seen)
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
  const first = () => [...sightings.of(HOST)].toSorted(sightings.compare)[0]?.namespace
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
    sightings.settle(true)
    sightings.put(born('young', 9), [HOST])
    assert.deepEqual(sightings.put(old, ['x.org', HOST]), ['x.org', HOST])
    assert.equal(first(), 'young')
  })

  test('counts as long as anything in the namespace names the host', () => {
    sightings.settle(false)
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

suite('the first of two sights', () => {
  const rows: readonly {
    readonly name: string
    readonly before?: readonly Route[]
    readonly isByAge?: boolean
    readonly later?: readonly Route[]
    readonly want: string
  }[] = [
    {
      name: 'is that of the object that is unchanged for longest, where hosts were claimed before',
      before: [at('edited', '20', 1), at('young', '19', 9)],
      want: 'young',
    },
    {
      name: 'is that of the oldest object, where none were',
      before: [at('old', '20', 1), at('young', '9', 9)],
      isByAge: true,
      want: 'old',
    },
    {
      name: 'is that of what was there, where none were',
      before: [at('old', '20', 9)],
      isByAge: true,
      later: [at('new', '19', 1)],
      want: 'old',
    },
    {
      name: 'is that of what was written first, however late it is heard of',
      later: [at('heard-first', '100', 1), at('written-first', '99', 9)],
      want: 'written-first',
    },
    {
      name: 'counts from the first object of a namespace',
      later: [at('a', '30', 1), at('b', '20', 1), at('a', '10', 1)],
      want: 'a',
    },
  ]
  for (const { name, before = [], isByAge = false, later = [], want } of rows) {
    test(name, () => {
      const sightings = createSightings()
      const put = (one: Route, index: number): void => {
        const named = route({ ...one.metadata, name: `${one.metadata.namespace}-${index}` })
        sightings.put(named, [HOST])
      }
      before.forEach(put)
      sightings.settle(isByAge)
      later.forEach(put)
      const [first] = [...sightings.of(HOST)].toSorted(sightings.compare)
      assert.equal(first?.namespace, want)
    })
  }
})

function born(namespace: string, hour: number, name = 'shop'): Route {
  return route({ namespace, name, creationTimestamp: `2026-03-01T0${hour}:00:00Z` })
}

function at(namespace: string, resourceVersion: string, hour: number): Route {
  return route({ ...born(namespace, hour).metadata, resourceVersion })
}
