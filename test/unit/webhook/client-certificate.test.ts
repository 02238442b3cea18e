import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { connect, type ConnectionOptions } from 'node:tls'
import { generate } from 'selfsigned'
import { NOTHING_TAKEN } from '../../../shared/route/taken-names.ts'
import { readClientCa } from '../../../webhook/http/client-ca.ts'
import { createLogger } from '../../../webhook/runtime/logger.ts'
import { createMetrics } from '../../../webhook/runtime/metrics.ts'
import { createWebhookServer, secureContext } from '../../../webhook/http/server.ts'
import type { KeyPair } from '../../../webhook/serving/certificate.ts'
import { makeCa, makeLeaf, makeServingCertificate } from '../../../webhook/serving/certificate.ts'
import { fakeClock } from '../../fixtures/fake-clock.ts'
import { cluster, routeJson } from '../../fixtures/routes.ts'

const now = new Date()
const LIFETIME = 86_400_000
const metrics = createMetrics('test')
const ca = await makeCa({ now, lifetime: LIFETIME })
const otherCa = await makeCa({ now, lifetime: LIFETIME })
const serving = await makeServingCertificate(['127.0.0.1'])
const REFUSED = 'a client certificate that a CA of --client-ca has signed is required'
const REVIEW = JSON.stringify({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: { uid: 'one', operation: 'CREATE', namespace: 'team', object: routeJson() },
})

suite('with --client-ca', () => {
  let server: Server

  before(async () => {
    server = createWebhookServer(
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
        isSynced: () => false,
        logger: createLogger('error').logger,
        metrics,
        clientCa: ca.cert,
        clock: fakeClock(),
      },
      serving,
    )
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })

  after(() => {
    server.close()
    server.closeAllConnections()
  })

  const call = async (path: string, client: ConnectionOptions, body = REVIEW): Promise<string> => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on a port
    const { port } = server.address() as AddressInfo
    const method = path.startsWith('/healthz') || path.startsWith('/readyz') ? 'GET' : 'POST'
    return new Promise((resolve, reject) => {
      const at = { host: '127.0.0.1', port, path, method, agent: false, ca: serving.ca }
      const sent = request({ ...at, ...client }, (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('end', () => resolve(`${answer.statusCode} ${Buffer.concat(chunks).toString()}`))
      }).on('error', reject)
      sent.end(method === 'GET' ? undefined : body)
    })
  }

  for (const path of ['/mutate', '/validate', '/hosts'] as const) {
    test(`${path} refuses a caller without a certificate`, async () => {
      assert.equal(await call(path, {}), `401 {"error":"${REFUSED}"}`)
    })
  }

  test('a certificate of another CA is none', async () => {
    assert.match(await call('/mutate', await clientOf(otherCa)), /^401 /)
  })

  test('nor is a certificate for servers', async () => {
    const leaf = await makeLeaf(ca, { names: ['x'], now, lifetime: LIFETIME })
    assert.match(await call('/mutate', leaf), /^401 /)
  })

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    test(`a session that began without a certificate is none when it is taken up again (${version})`, async () => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on a port
      const { port } = server.address() as AddressInfo
      const versions = { minVersion: version, maxVersion: version }
      const socket = connect({ host: '127.0.0.1', port, ca: serving.ca, ...versions })
      let session: Buffer | undefined
      socket.on('session', (one: Buffer) => {
        session = one
      })
      socket.end('GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n').resume()
      await once(socket, 'close')
      assert.match(await call('/mutate', { session, ...versions }), /^401 /)
    })
  }

  test('a certificate of the CA is answered', async () => {
    assert.match(await call('/mutate', await clientOf(ca)), /^200 .*"allowed":true/)
  })

  test('probes need none', async () => {
    assert.equal(await call('/healthz', {}), '200 ok')
    assert.equal(await call('/readyz', {}), '200 ok')
  })

  test('it is asked for still after the serving certificate was renewed', async () => {
    server.setSecureContext(secureContext(serving, ca.cert))
    assert.match(await call('/mutate', {}), /^401 /)
    assert.match(await call('/mutate', await clientOf(ca)), /^200 /)
  })

  test('each refusal is counted', async () => {
    const { values } = await metrics.rejected.get()
    const refused = values.find(({ labels }) => labels.reason === 'no_client_certificate')
    assert.equal(refused?.value, 8)
  })
})

test('a client CA that is missing, or no CA, is said, and nothing starts', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tlsauto-ca-'))
  try {
    const path = join(folder, 'ca.pem')
    await assert.rejects(readClientCa(path), /^Error: --client-ca .* can't be used: ENOENT/)
    await writeFile(path, 'no certificate')
    await assert.rejects(readClientCa(path), /can't be used/)
    await writeFile(path, serving.cert)
    await assert.rejects(readClientCa(path), /can't be used: its certificate is no CA/)
    await writeFile(path, ca.cert)
    assert.equal(await readClientCa(path), ca.cert)
  } finally {
    await rm(folder, { recursive: true })
  }
})

/** A certificate for clients, such as an API server's. */
async function clientOf(signer: KeyPair): Promise<KeyPair> {
  const made = await generate([{ name: 'commonName', value: 'kube-apiserver' }], {
    algorithm: 'sha256',
    keyType: 'ec',
    ca: signer,
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'extKeyUsage', clientAuth: true },
    ],
  })
  return { cert: made.cert, key: made.private }
}
