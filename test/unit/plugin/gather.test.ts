import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gather } from '../../../plugin/status/gather.ts'
import type { JsonObject } from '../../../shared/json.ts'
import type { KubeClient } from '../../../shared/kube/kube-client.ts'
import { scriptedClient } from '../../fixtures/scripted-client.ts'

test('a Certificate that has failed is never seen without the challenge that made it fail', async () => {
  const { certificates, challenges } = await gather(clusterWhereOneFailsMeanwhile(), 'team')
  assert.deepEqual(
    certificates.map(({ status }) => status.failedIssuanceAttempts),
    [1],
  )
  assert.deepEqual(
    challenges.map(({ state }) => state),
    ['invalid'],
  )
})

/** The challenge turns invalid and the Certificate fails of it when the Certificates are read: what
 * is asked for in the same moment, or before, knows nothing of it yet. */
function clusterWhereOneFailsMeanwhile(): KubeClient {
  let failed = false
  const metadata = { name: 'x', namespace: 'team', uid: 'x' }
  const objects: Readonly<Record<string, () => JsonObject>> = {
    certificates: () => ({ metadata, spec: {}, status: { failedIssuanceAttempts: 1 } }),
    challenges: () => ({ metadata, spec: {}, status: { state: failed ? 'invalid' : 'pending' } }),
  }
  return {
    ...scriptedClient({}).client,
    list: async ({ resource }) => {
      const object = objects[resource.plural]?.()
      if (resource.plural === 'certificates') setImmediate(() => (failed = true))
      await new Promise(setImmediate)
      return { items: object === undefined ? [] : [object], resourceVersion: '1', next: undefined }
    },
  }
}
