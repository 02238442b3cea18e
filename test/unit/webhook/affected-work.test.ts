import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { parseMeta, type KubeObject } from '../../../shared/kube/object.ts'
import {
  workAfterClaim,
  workAfterNamespace,
  workAfterNames,
  workOfClaim,
  workOfRoute,
  type Work,
} from '../../../webhook/controller/affected-work.ts'
import {
  createClusterIndex,
  type ClusterIndex,
} from '../../../webhook/controller/index/cluster-index.ts'
import { claim } from '../../fixtures/domain-claims.ts'
import { route, rules, wildcardCluster } from '../../fixtures/routes.ts'

/** An index with a route of `shop.example.com`, and one of the wildcard over it. */
function indexWithShop(): ClusterIndex {
  const index = createClusterIndex(wildcardCluster)
  index.setInstalledAt('2026-01-01T00:00:00Z')
  index.putNamespace('team', { labels: {}, annotations: {} })
  index.putRoute(route())
  index.putRoute(route({ name: 'all', uid: 'all' }, { routes: rules('Host(`*.example.com`)') }))
  return index
}

function namespace(annotations: Readonly<Record<string, string>>): KubeObject {
  const stamp = { uid: 'ns', resourceVersion: '1', creationTimestamp: '2026-03-01T10:00:00Z' }
  const metadata = parseMeta({ ...stamp, name: 'other', annotations })
  assert.ok(metadata)
  return { apiVersion: 'v1', kind: 'Namespace', metadata }
}

const CLAIM = claim('shop.example.com', 'team')

const ROWS: readonly {
  readonly name: string
  readonly work: (index: ClusterIndex) => Iterable<Work>
  readonly want: readonly string[]
}[] = [
  {
    name: 'a route that is not there',
    work: (index) => workOfRoute(index, 'IngressRoute team/none'),
    want: [],
  },
  {
    name: 'a route: its Certificates before itself',
    work: (index) => workOfRoute(index, 'IngressRoute team/shop'),
    want: [
      'add Certificate team/shop',
      'add Certificate team/cert-shop-shop-example-com',
      'add IngressRoute team/shop',
    ],
  },
  {
    name: 'the route of a wildcard: the routes below it, too',
    work: (index) => workOfRoute(index, 'IngressRoute team/all'),
    want: [
      'add Certificate team/all',
      'add Certificate team/cert-all-wildcard-example-com',
      'add IngressRoute team/all',
      'addEntrySoon IngressRoute team/shop',
    ],
  },
  {
    name: 'names that came or went: their claims, and those of the wildcards over them',
    work: (index) =>
      workAfterNames(index, route(), {
        hadUnread: false,
        hosts: ['a.example.org', 'b.example.org'],
      }),
    want: [
      'addClaimSoon a.example.org',
      'addClaimSoon b.example.org',
      'addClaimSoon *.example.org',
    ],
  },
  {
    name: 'more or fewer unread names: all claims of the namespace',
    work: (index) => workAfterNames(index, route(), { hadUnread: true, hosts: [] }),
    want: ['lookAtClaims team'],
  },
  {
    name: 'a claim that gives somebody a right: who names its host or the wildcard over it',
    work: (index) => {
      index.putClaim(CLAIM)
      return workAfterClaim(index, { kind: 'added', object: CLAIM }, undefined)
    },
    want: [
      'addClaimSoon shop.example.com',
      'addRouteSoon IngressRoute team/shop',
      'addRouteSoon IngressRoute team/all',
    ],
  },
  {
    name: 'a claim that changes nobody’s right: its own work only',
    work: (index) => {
      index.putClaim(CLAIM)
      return workAfterClaim(index, { kind: 'updated', before: CLAIM, object: CLAIM }, CLAIM.spec)
    },
    want: ['addClaimSoon shop.example.com'],
  },
  {
    name: 'a claim that goes: room for another',
    work: (index) => workAfterClaim(index, { kind: 'deleted', object: CLAIM }, undefined),
    want: ['addClaimSoon shop.example.com', 'claimGone team'],
  },
  {
    name: 'a Namespace with allowed domains, heard by the leader: the routes under them',
    work: (index) => {
      const object = namespace({ 'tlsauto.dev/allowed-domains': 'shop.example.com' })
      return workAfterNamespace(index, { kind: 'added', object }, { leads: true })
    },
    want: [
      'settle other',
      'addRouteSoon IngressRoute team/shop',
      'addRouteSoon IngressRoute team/all',
    ],
  },
  {
    name: 'the same, heard by another replica: its own routes only',
    work: (index) => {
      const object = namespace({ 'tlsauto.dev/allowed-domains': 'shop.example.com' })
      return workAfterNamespace(index, { kind: 'added', object }, { leads: false })
    },
    want: ['settle other'],
  },
]

suite('from a change to its work', () => {
  for (const { name, work, want } of ROWS) {
    test(name, () => {
      const all = Array.from(work(indexWithShop()), ({ to, about }) => `${to} ${about}`)
      assert.deepEqual(all, want)
    })
  }
})

test('a claim waits for things to settle only where nobody names its host', () => {
  const index = indexWithShop()
  const shop = { key: 'DomainClaim team/shop.example.com', later: false }
  assert.deepEqual(workOfClaim(index, 'shop.example.com'), shop)
  index.putClaim(claim('gone.example.com', 'team'))
  const gone = { key: 'DomainClaim team/gone.example.com', later: true }
  assert.deepEqual(workOfClaim(index, 'gone.example.com'), gone)
  assert.equal(workOfClaim(index, 'nobodys.example.com'), undefined)
})
