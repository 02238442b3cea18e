import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, suite, test } from 'node:test'
import type { NamespaceSettings } from '../../../shared/settings/settings.ts'
import { NOTHING_TAKEN } from '../../../shared/route/taken-names.ts'
import { createLogger } from '../../../webhook/runtime/logger.ts'
import { createMetrics } from '../../../webhook/runtime/metrics.ts'
import { createWebhookServer } from '../../../webhook/http/server.ts'
import { makeServingCertificate } from '../../../webhook/serving/certificate.ts'
import { fakeClock } from '../../fixtures/fake-clock.ts'
import { cluster, routeJson } from '../../fixtures/routes.ts'

const serving = await makeServingCertificate(['127.0.0.1'])
const LIMITED = { labels: {}, annotations: { 'tlsauto.dev/allowed-domains': 'own.example.com' } }
const FREE = { labels: {}, annotations: {} }

const clock = fakeClock()

let server: Server
let known: NamespaceSettings | undefined
let read: NamespaceSettings | undefined
let synced: boolean
/** Milliseconds that a namespace takes to be read. */
let slowness = 0

suite('the webhook that checks hosts', () => {
  before(async () => {
    server = createWebhookServer(
      {
        cluster,
        hostClaims: 'deny',
        index: {
          namespace: () => known,
          rivalOf: (host) => (host === 'shop.example.com' ? 'another' : undefined),
          servedByTcp: () => undefined,
          takenNames: NOTHING_TAKEN,
        },
        readNamespace: async () => {
          clock.stayBusy(slowness)
          return read
        },
        clock,
        isSynced: () => synced,
        logger: createLogger('error').logger,
        metrics: createMetrics('test'),
        clientCa: undefined,
      },
      serving,
    )
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })

  beforeEach(() => {
    ;[known, read, synced, slowness] = [FREE, undefined, true, 0]
  })

  after(() => {
    server.close()
    server.closeAllConnections()
  })

  test('denies a host that another namespace holds', async () => {
    assert.match(await call(), /^200 .*"allowed":false.*another namespace holds shop/)
  })

  test('answers nothing before it knows who holds what: the failurePolicy decides', async () => {
    synced = false
    assert.match(await call(), /^503 .*not known yet/)
  })

  test('but a denial holds', async () => {
    ;[known, synced] = [LIMITED, false]
    assert.match(await call(), /^200 .*"allowed":false.*allowed-domains/)
  })

  test('reads a namespace that the watch has not brought', async () => {
    ;[known, read] = [undefined, LIMITED]
    assert.match(await call(), /^200 .*"allowed":false.*allowed-domains/)
  })

  test('answers what it has decided, also where that took longer than it may', async () => {
    ;[known, read, slowness] = [undefined, LIMITED, 60]
    assert.match(
      await call(reviewOf(routeJson()), '50ms'),
      /^200 .*"allowed":false.*allowed-domains/,
    )
  })

  test('answers nothing about one that can not be read', async () => {
    known = undefined
    assert.match(await call(), /^503 .*could not be read/)
  })

  test('answers nothing about a route that can not be read', async () => {
    assert.match(await call(reviewOf({ ...routeJson(), spec: 1 })), /^500 .*could not be checked/)
  })

  test('denies what costs too much to read', async () => {
    const sans = Array.from({ length: 260_000 }, () => 'a')
    const review = reviewOf(routeJson({}, { tls: { domains: [{ sans }] } }))
    assert.match(await call(review), /^200 .*"uid":"a-1".*"allowed":false.*too many values/)
  })
})

/** As the API server writes it, field by field. */
function reviewOf(object: object): string {
  return JSON.stringify({
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: { uid: 'a-1', operation: 'CREATE', namespace: 'team', object },
  })
}

async function call(body = reviewOf(routeJson()), timeout = '10s'): Promise<string> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on a port
  const { port } = server.address() as AddressInfo
  return new Promise((resolve, reject) => {
    const at = { host: '127.0.0.1', port, path: `/hosts?timeout=${timeout}`, method: 'POST' }
    request({ ...at, agent: false, ca: serving.ca }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => resolve(`${answer.statusCode} ${Buffer.concat(chunks).toString()}`))
    })
      .on('error', reject)
      .end(body)
  })
}
