import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { suite, test, type TestContext } from 'node:test'
import { connect, type TLSSocket } from 'node:tls'
import { NOTHING_TAKEN } from '../../../shared/route/taken-names.ts'
import { createWebhookServer, type ServerLimits } from '../../../webhook/http/server.ts'
import { createLogger } from '../../../webhook/runtime/logger.ts'
import { createMetrics } from '../../../webhook/runtime/metrics.ts'
import { makeServingCertificate } from '../../../webhook/serving/certificate.ts'
import { fakeClock } from '../../fixtures/fake-clock.ts'
import { cluster } from '../../fixtures/routes.ts'

const serving = await makeServingCertificate(['127.0.0.1'])
const HOST = '127.0.0.1'
const LARGEST = 7 * 2 ** 20
const DEADLINE = { timeout: 30_000 }

suite('the limits of the server', () => {
  test('of more connections than it may have one is ended', DEADLINE, async (t) => {
    const body = { largest: 1000, most: 10, mostBytes: 10_000 }
    const port = await serve(t, { body, connections: 2 })
    const sockets = [1, 2, 3].map(() => open(port))
    t.after(() => sockets.forEach((socket) => socket.destroy()))
    await Promise.race(sockets.map(async (socket) => once(socket, 'close')))
    assert.equal(sockets.filter(({ closed }) => closed).length, 1)
  })

  for (const path of ['/mutate', '/validate', '/hosts']) {
    test(`a body for ${path} that is too large is refused before it comes`, DEADLINE, async (t) => {
      const port = await serve(t)
      const headers = { 'content-length': LARGEST + 1 }
      const at = { host: HOST, port, path, method: 'POST', agent: false, ca: serving.ca, headers }
      const sent = request(at)
      sent.flushHeaders()
      const status = await new Promise((resolve, reject) => {
        sent.once('response', ({ statusCode }) => resolve(statusCode))
        sent.once('error', reject)
      })
      sent.on('error', () => undefined).destroy()
      assert.equal(status, 413)
    })
  }
})

/** A TLS connection that ends only when the server ends it. */
function open(port: number): TLSSocket {
  const socket = connect({ port, host: HOST, ca: serving.ca })
  return socket.on('error', () => undefined).resume()
}

async function serve(t: TestContext, limits?: ServerLimits): Promise<number> {
  const server = createWebhookServer(
    {
      cluster,
      hostClaims: 'warn',
      index: {
        namespace: () => undefined,
        rivalOf: () => undefined,
        servedByTcp: () => undefined,
        takenNames: NOTHING_TAKEN,
      },
      readNamespace: async () => undefined,
      isSynced: () => true,
      logger: createLogger('error').logger,
      metrics: createMetrics('test'),
      clientCa: undefined,
      clock: fakeClock(),
      ...(limits === undefined ? {} : { limits }),
    },
    serving,
  )
  server.listen(0, HOST)
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on a port
  return (server.address() as AddressInfo).port
}
