import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import { createClusterIndex, type ClusterIndex } from '../../../webhook/controller/cluster-index.ts'
import { reconcileCertificate, reconcileRoute } from '../../../webhook/controller/reconcile.ts'
import { createRecorder, onFirstLook } from '../../../webhook/controller/recorder.ts'
import { certificate, cluster, route } from '../../fixtures/routes.ts'
import { scriptedClient } from '../../fixtures/scripted-client.ts'

const logger = pino({ level: 'silent' })
const CERTIFICATE = 'team/cert-shop-shop-example-com'

/** What is asked of the API server for the route `shop` in that index. */
async function reconcile(index: ClusterIndex, firstLook = false): Promise<readonly string[]> {
  const { client, calls } = scriptedClient({})
  const recorder = createRecorder(client, logger)
  const input = { client, index, logger, recorder: firstLook ? onFirstLook(recorder) : recorder }
  await reconcileRoute(input, 'team/shop')
  await reconcileCertificate(input, CERTIFICATE)
  await reconcileCertificate(input, CERTIFICATE)
  return calls
}

function indexWith({ known }: { readonly known: boolean }): ClusterIndex {
  const index = createClusterIndex(cluster)
  index.setInstalledAt('2026-01-01T00:00:00Z')
  if (known) index.putNamespace('team', { labels: {}, annotations: {} })
  index.putRoute(route())
  return index
}

test('a route gets its name, its Certificate and an Event', async () => {
  const calls = await reconcile(indexWith({ known: true }))
  assert.deepEqual(calls, [
    'patch shop',
    'create shop.',
    'apply cert-shop-shop-example-com',
    'create shop.',
    'apply cert-shop-shop-example-com',
  ])
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
  assert.deepEqual(await reconcile(index), ['patch shop', 'create shop.', 'create shop.'])
  assert.deepEqual(await reconcile(index, true), ['patch shop', 'create shop.'])
})
