import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { JsonObject } from '../../../shared/json.ts'
import { measureHosts } from '../../../webhook/controller/host-metrics.ts'
import { createMetrics } from '../../../webhook/metrics.ts'
import { certificate, condition } from '../../fixtures/certificates.ts'

const NOW = new Date('2026-03-01T12:00:00Z')

function limited(words: string, more: JsonObject = {}): JsonObject {
  return {
    conditions: [
      condition('Ready', 'False'),
      condition('Issuing', 'False', {
        reason: 'Failed',
        message: `429 urn:ietf:params:acme:error:rateLimited: no: ${words}`,
      }),
    ],
    lastFailureTime: '2026-03-01T11:00:00Z',
    failedIssuanceAttempts: 1,
    ...more,
  }
}

suite('a scrape counts every host, whatever an issuer’s server says', () => {
  for (const [name, status] of [
    ['that it is free on no day', limited('retry after 2026-99-99 99:99:99 UTC')],
    ['that it is free after the calendar', limited('retry after 9999-12-31 99:99:99 UTC')],
    ['it failed 1e308 times', limited('', { failedIssuanceAttempts: 1e308 })],
    ['it failed on no day', limited('', { lastFailureTime: '2026-99-99T99:99:99Z' })],
    ['it failed on the last of all days', limited('', { lastFailureTime: '9999-12-31T23:59:59Z' })],
  ] as const) {
    test(name, async () => {
      const metrics = createMetrics('1.2.3')
      measureHosts(metrics, [certificate(status), certificate({ notAfter: 'soon' })], NOW)
      const text = await metrics.registry.getSingleMetricAsString('tlsauto_hosts')
      const counts = [...text.matchAll(/^tlsauto_hosts\{.*\} (\d+)$/gm)].map(([, count]) => count)
      assert.equal(
        counts.reduce((sum, count) => sum + Number(count), 0),
        2,
        text,
      )
    })
  }
})
