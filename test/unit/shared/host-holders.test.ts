import assert from 'node:assert/strict'
import { beforeEach, suite, test } from 'node:test'
import type { JsonObject } from '../../../shared/json/json.ts'
import { parseIngress } from '../../../shared/route/seen-hosts.ts'
import {
  createClusterIndex,
  type ClusterIndex,
} from '../../../webhook/controller/index/cluster-index.ts'
import { administratorsClaim, claim } from '../../fixtures/domain-claims.ts'
import { certificate, route, rules, tcpRoute, wildcardCluster } from '../../fixtures/routes.ts'

const HOST = 'shop.example.com'
const WILDCARD = '*.example.com'

let index: ClusterIndex
beforeEach(() => {
  index = createClusterIndex(wildcardCluster)
})

suite('the namespace that holds a host', () => {
  test('is none before it is claimed, whoever names it', () => {
    putRoute('a', 1)
    putCertificate('b', 2)
    assert.equal(index.holderOf(HOST), undefined)
  })

  test('is that of its claim, until that is gone', () => {
    index.putClaim(claim(HOST, 'a'))
    assert.equal(index.holderOf(HOST), 'a')
    index.putClaim(claim(HOST, 'b'))
    assert.equal(index.holderOf(HOST), 'b')
    index.removeClaim(claim(HOST, 'b', { uid: 'an older one' }))
    assert.equal(index.holderOf(HOST), 'b', 'what is heard late counts for nothing')
    index.removeClaim(claim(HOST, 'b'))
    assert.equal(index.holderOf(HOST), undefined)
  })

  test('is the only one whose allowed-domains name it, whatever is claimed', () => {
    index.putClaim(claim(HOST, 'b'))
    allow('a', '*.example.com, other.org')
    assert.equal(index.holderOf(HOST), 'a')
    allow('c', HOST)
    assert.equal(index.holderOf(HOST), 'b', 'two are no answer')
    index.removeNamespace('a')
    assert.equal(index.holderOf(HOST), 'c')
    allow('c', 'other.org')
    assert.equal(index.holderOf(HOST), 'b')
  })

  test('stays the one of allowed-domains with something wrong in them', () => {
    index.putClaim(claim(HOST, 'b'))
    allow('a', '*.example.com, not a domain')
    assert.equal(index.holderOf(HOST), 'a')
  })

  test('is that of an administrator’s claim for all below its wildcard, unless it is claimed itself', () => {
    index.putClaim(administratorsClaim(WILDCARD, 'a', { below: true }))
    assert.equal(index.holderOf(HOST), 'a')
    assert.equal(index.holderOf('deeper.shop.example.com'), undefined)
    assert.equal(index.holderOf('example.com'), undefined)
    index.putClaim(claim(HOST, 'b'))
    assert.equal(index.holderOf(HOST), 'b')
  })

  test('is not that of any other claim of the wildcard', () => {
    index.putClaim(administratorsClaim(WILDCARD, 'a'))
    assert.equal(index.holderOf(HOST), undefined)
    index.putClaim(claim(WILDCARD, 'a', { spec: { below: true } }))
    assert.equal(index.holderOf(HOST), undefined)
  })
})

suite('another namespace keeps a wildcard from this one', () => {
  test('if it holds that wildcard, or a host below it', () => {
    index.putClaim(claim(HOST, 'a'))
    assert.equal(index.rivalOf(WILDCARD, 'b'), 'a')
    assert.equal(index.rivalOf(WILDCARD, 'a'), undefined)
    index.putClaim(claim('x.example.com', 'b'))
    assert.equal(index.rivalOf(WILDCARD, 'a'), 'b')
    index.removeClaim(claim('x.example.com', 'b'))
    index.putClaim(claim(WILDCARD, 'c'))
    assert.equal(index.rivalOf(WILDCARD, 'a'), 'c')
  })

  test('not by a host below it that was claimed after the wildcard was', () => {
    index.putClaim(claim(WILDCARD, 'a', { creationTimestamp: '2026-03-01T10:00:00Z' }))
    index.putClaim(claim(HOST, 'b', { creationTimestamp: '2026-03-01T10:00:01Z' }))
    assert.equal(index.rivalOf(WILDCARD, 'a'), undefined)
    assert.equal(index.rivalOf(WILDCARD, 'c'), 'a')
    assert.equal(index.holderOf(HOST), 'b', 'the host itself is not the wildcard’s')
    index.putClaim(claim('x.example.com', 'c', { creationTimestamp: '2026-03-01T10:00:00Z' }))
    assert.equal(index.rivalOf(WILDCARD, 'a'), 'c', 'what was there already')
    index.removeClaim(claim('x.example.com', 'c'))
    allow('d', 'y.example.com')
    assert.equal(index.rivalOf(WILDCARD, 'a'), 'd', 'what an administrator allows')
  })

  test('not by a host that was claimed in the same second, but later', () => {
    const creationTimestamp = '2026-03-01T10:00:00Z'
    const at = (milliseconds: number) => ({
      creationTimestamp,
      spec: { since: `2026-03-01T10:00:00.00${milliseconds}Z` },
    })
    index.putClaim(claim(WILDCARD, 'a', at(2)))
    index.putClaim(claim(HOST, 'b', at(3)))
    assert.equal(index.rivalOf(WILDCARD, 'a'), undefined)
    index.putClaim(claim('x.example.com', 'c', at(1)))
    assert.equal(index.rivalOf(WILDCARD, 'a'), 'c')
  })

  test('if its allowed-domains alone name a host below it', () => {
    allow('a', HOST)
    assert.equal(index.rivalOf(WILDCARD, 'b'), 'a')
    allow('b', '*.example.com')
    assert.equal(index.rivalOf(WILDCARD, 'b'), undefined, 'the wildcard is allowed here alone')
    allow('a', 'other.org')
    assert.equal(index.rivalOf(WILDCARD, 'b'), undefined)
  })

  test('and not by a host further below, or beside it', () => {
    index.putClaim(claim('deeper.shop.example.com', 'a'))
    index.putClaim(claim('example.com', 'a'))
    assert.equal(index.rivalOf(WILDCARD, 'b'), undefined)
  })
})

suite('the namespace that gets a host by a claim', () => {
  test('is the one that named it first', () => {
    index.beginOrder()
    putRoute('b', 2)
    putRoute('a', 1)
    assert.equal(claimant(), 'b')
    assert.equal(index.isHeldElsewhere(HOST, 'a'), true)
    assert.equal(index.isHeldElsewhere(HOST, 'b'), false)
  })

  test('also if tlsauto has nothing to do with what named it', () => {
    index.beginOrder()
    const annotations = { 'tlsauto.dev/enabled': 'false' }
    index.putRoute(route({ ...born('a', 9), annotations }, { tls: { secretName: 'own' } }))
    putRoute('b', 1)
    assert.equal(claimant(), 'a')
  })

  test('also by a TCP route, or an Ingress with TLS', () => {
    index.beginOrder()
    index.putRoute(
      tcpRoute(born('a', 9), { ...served('db.org', 'HostSNI'), tls: { passthrough: true } }),
    )
    index.putRoute(route(born('b', 1), served('db.org')))
    assert.equal(claimant('db.org'), 'a')
    const ingress = parseIngress({ metadata: born('c', 9), spec: { tls: [{ hosts: [HOST] }] } })
    if (ingress !== undefined) assert.deepEqual(index.putIngress(ingress), [HOST])
    putRoute('b', 1)
    assert.equal(claimant(), 'c')
    if (ingress !== undefined) index.removeIngress(ingress)
    assert.equal(claimant(), 'b')
  })

  test('is not the one that makes a Certificate with our label', () => {
    putRoute('a', 2)
    putCertificate('b', 1)
    assert.equal(claimant(), 'a')
  })

  test('is nobody while allowed-domains or an administrator give it to a namespace without it', () => {
    putRoute('a', 1)
    index.putClaim(administratorsClaim(WILDCARD, 'b', { below: true }))
    assert.equal(claimant(), undefined)
    putRoute('b', 2)
    assert.equal(claimant(), 'b')
    allow('c', HOST)
    assert.equal(claimant(), undefined)
  })

  test('of a wildcard is one that no host below it forbids', () => {
    index.beginOrder()
    index.putClaim(claim(HOST, 'b'))
    putRoute('a', 1, served(WILDCARD))
    assert.equal(claimant(WILDCARD), undefined)
    putRoute('b', 2, served(WILDCARD))
    assert.equal(claimant(WILDCARD), 'b')
  })

  test('of a wildcard is not one that names it after another named a host below it', () => {
    index.beginOrder()
    putRoute('b', 2)
    putRoute('a', 1, served(WILDCARD))
    assert.equal(claimant(WILDCARD), undefined)
    assert.equal(index.isHeldElsewhere(WILDCARD, 'a'), true)
    putRoute('a', 1, { routes: rules(`Host(\`${WILDCARD}\`) || Host(\`${HOST}\`)`) })
    assert.equal(
      claimant(WILDCARD),
      undefined,
      'who names that host as well has not named it first',
    )
    index.removeRoute(route(born('b', 2), served(HOST)))
    assert.equal(claimant(WILDCARD), 'a')
    assert.equal(index.isHeldElsewhere(WILDCARD, 'a'), false)
  })

  test('of a wildcard is one that names it before another names a host below it', () => {
    index.beginOrder()
    putRoute('a', 1, served(WILDCARD))
    putRoute('b', 2)
    assert.equal(claimant(WILDCARD), 'a')
    assert.equal(index.isHeldElsewhere(WILDCARD, 'a'), false)
  })

  test('is the one that was noted on a route, only where no host was ever claimed', () => {
    const noted = (): void => {
      putRoute('a', 1)
      const fieldsV1 = { 'f:metadata': { 'f:annotations': { 'f:tlsauto.dev/holds': {} } } }
      const annotations = { 'tlsauto.dev/holds': `other.org,${HOST}` }
      const managedFields = [{ manager: 'tlsauto', fieldsV1 }]
      index.putRoute(route({ ...born('b', 2), annotations, managedFields }))
    }
    noted()
    index.beginOrder()
    assert.equal(claimant(), 'a', 'a note alone can be anybody’s')
    index = createClusterIndex(wildcardCluster)
    noted()
    putCertificate('b', 2)
    index.beginOrder()
    assert.equal(claimant(), 'b')
    index = createClusterIndex(wildcardCluster)
    noted()
    putCertificate('b', 2)
    index.putClaim(claim('any.org', 'a'))
    index.beginOrder()
    assert.equal(claimant(), 'a')
    index = createClusterIndex(wildcardCluster)
    index.beginOrder()
    noted()
    assert.equal(claimant(), 'a', 'what comes later is not read')
  })
})

function claimant(host = HOST): string | undefined {
  return index.claimState(host).claimant?.namespace
}

function putRoute(namespace: string, hour: number, spec: JsonObject = {}): void {
  index.putRoute(route(born(namespace, hour), spec))
}

function putCertificate(namespace: string, hour: number): void {
  const spec = { secretName: 'tls', dnsNames: [HOST] }
  index.putCertificate(certificate({ ...born(namespace, hour), name: 'cert' }, spec))
}

function allow(namespace: string, domains: string): void {
  const annotations = { 'tlsauto.dev/allowed-domains': domains }
  index.putNamespace(namespace, { labels: {}, annotations })
}

function served(host: string, matcher = 'Host'): JsonObject {
  return { routes: rules(`${matcher}(\`${host}\`)`) }
}

function born(namespace: string, hour: number): JsonObject {
  return { namespace, uid: namespace, creationTimestamp: `2026-03-01T0${hour}:00:00Z` }
}
