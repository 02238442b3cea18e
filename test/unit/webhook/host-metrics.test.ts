import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Certificate } from '../../../shared/certmanager/certificate.ts'
import type { JsonObject } from '../../../shared/json/json.ts'
import { measureHosts } from '../../../webhook/controller/host-metrics.ts'
import { createSlices } from '../../../webhook/runtime/slices.ts'
import { createMetrics, type Metrics } from '../../../webhook/runtime/metrics.ts'
import { certificate, condition } from '../../fixtures/certificates.ts'

const slices = createSlices()
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
      const certificates = [certificate(status), certificate({ notAfter: 'soon' })]
      await measureHosts(certificates, { metrics, onFault: fail, slices, now: NOW })
      assert.equal(total(await countsIn(metrics)), 2)
    })
  }
})

test('a Certificate that can not be judged is one of state unknown, and told', async () => {
  const metrics = createMetrics('1.2.3')
  const bad: Certificate = {
    ...certificate(),
    get status(): never {
      throw new Error('no')
    },
  }
  const told: string[] = []
  const onFault = (stop: string, about: string): void => void told.push(`${stop} ${about}`)
  await measureHosts([bad, certificate()], { metrics, onFault, slices, now: NOW })
  const counts = await countsIn(metrics)
  assert.equal(counts['unknown'], 1)
  assert.equal(total(counts), 2)
  assert.deepEqual(told, ['measure Certificate team/cert-shop-shop-example-com'])
})

function fail(_stop: string, _about: string, error: unknown): never {
  throw error
}

async function countsIn(metrics: Metrics): Promise<Readonly<Record<string, number>>> {
  const text = await metrics.registry.getSingleMetricAsString('tlsauto_hosts')
  const lines = text.matchAll(/^tlsauto_hosts\{state="(.*)"\} (\d+)$/gm)
  return Object.fromEntries(Array.from(lines, ([, state = '', count]) => [state, Number(count)]))
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}
