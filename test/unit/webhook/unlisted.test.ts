import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import type { KubeClient } from '../../../shared/kube/kube-client.ts'
import { KubeError } from '../../../shared/kube/kube-error.ts'
import { readConfig } from '../../../webhook/config.ts'
import { createClusterIndex } from '../../../webhook/controller/index/cluster-index.ts'
import { startController } from '../../../webhook/controller/controller.ts'
import { DEFAULT_PACE } from '../../../webhook/runtime/reflector.ts'
import { createMetrics } from '../../../webhook/runtime/metrics.ts'
import { brokenCluster } from '../../fixtures/broken-cluster.ts'
import { cluster } from '../../fixtures/routes.ts'
import { selectingClient } from '../../fixtures/selecting-client.ts'
import { until } from '../../stack/until.ts'

const CONFIG = readConfig({ argv: [], env: {}, hostname: 'test' })

/** A cluster without the kind DomainClaim, on which Ingresses may not be listed. */
function olderCluster(): KubeClient {
  const client = selectingClient(brokenCluster())
  const refusals = new Map([
    ['domainclaims', 404],
    ['ingresses', 403],
  ])
  return {
    ...client,
    list: async (options) => {
      const status = refusals.get(options.resource.plural)
      if (status !== undefined) throw new KubeError('no', { status, reason: '' })
      return client.list(options)
    },
  }
}

test('a server that can’t list what it must know says so once, and what to do', async () => {
  const lines: string[] = []
  const logger = pino({ level: 'error' }, { write: (line) => void lines.push(line) })
  const metrics = createMetrics('1.2.3')
  const index = createClusterIndex(cluster)
  const ending = new AbortController()
  const { signal } = ending
  const failures = async (): Promise<number> =>
    (await metrics.watchRestarts.get()).values.reduce((sum, { value }) => sum + value, 0)
  const controller = startController({
    ...CONFIG,
    index,
    logger,
    metrics,
    signal,
    client: olderCluster(),
    pace: DEFAULT_PACE,
    onFault: () => assert.fail(),
  })
  await until('several failures', async () => ((await failures()) > 5 ? true : undefined))
  const scraped = await metrics.registry.metrics()
  ending.abort()
  await controller.done
  assert.equal(controller.isSynced(), false)
  assert.match(scraped, /^tlsauto_listed\{kind="DomainClaim"\} 0$/m)
  assert.match(scraped, /^tlsauto_listed\{kind="Ingress"\} 0$/m)
  assert.match(scraped, /^tlsauto_listed\{kind="IngressRoute"\} 1$/m)
  assert.equal(lines.length, 2)
  const all = lines.join('')
  assert.match(all, /DomainClaims can't be listed: nothing is written .*this version’s manifest/)
  assert.match(all, /Ingresses can't be listed: nothing is written .*roles/)
})
