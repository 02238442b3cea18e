import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addEntry } from '../../../webhook/controller/change-handlers.ts'
import { takeAtOnce } from '../../../webhook/runtime/slices.ts'
import { createClusterIndex } from '../../../webhook/controller/index/cluster-index.ts'
import { parseMiddleware } from '../../../webhook/controller/plan/redirect-middleware.ts'
import { cluster, route } from '../../fixtures/routes.ts'

const KINDS = ['IngressRoute', 'IngressRouteTCP', 'Certificate', 'DomainClaim', 'X a/b', 'Y']
const FORGED = KINDS.map((kind) => ({
  apiVersion: 'traefik.io/v1alpha1',
  kind,
  name: 'owner',
  uid: 'u',
}))

test('of forged owners only routes become work: each other kind would be a metric of its own', () => {
  const index = createClusterIndex(cluster)
  const keys = new Set<string>()
  const add = (key: string): void => void keys.add(key)
  const labels = { 'app.kubernetes.io/managed-by': 'tlsauto' }
  index.putRoute(route({ name: 'mine', labels, ownerReferences: FORGED }))
  takeAtOnce(addEntry({ index, add, addEntrySoon: add }, 'IngressRoute team/mine'))
  const owners = [...keys].filter((key) => key.endsWith('/owner'))
  assert.deepEqual(owners, ['IngressRoute team/owner', 'IngressRouteTCP team/owner'])
})

test('of a stranger’s Middleware little is kept, however much he writes', () => {
  const ownerReferences = Array.from({ length: 10_000 }, () => FORGED[0])
  const annotations = { 'tlsauto.dev/redirects': 'x'.repeat(200_000) }
  const metadata = { name: 'm', namespace: 'team', ownerReferences, annotations }
  assert.ok(JSON.stringify(parseMiddleware({ metadata })).length < 1000)
})
