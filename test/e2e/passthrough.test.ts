import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { connect, createServer } from 'node:tls'
import { objectAt, textAt } from '../../shared/json/json.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { fetchPage } from '../demo/fetch-page.ts'
import { makeServingCertificate } from '../../webhook/serving/certificate.ts'
import { httpAnswer } from '../stack/http-answer.ts'
import { applyIssuer } from '../stack/issuer.ts'
import { makeNamespace, stored } from '../stack/objects.ts'
import { routeManifest } from '../stack/route-manifest.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { startSteadyClient } from '../stack/steady-client.ts'
import { startTlsauto } from '../stack/tlsauto.ts'
import { until } from '../stack/until.ts'

const NAMESPACE = 'passthrough'
const HOST = 'pass.example.com'
const PORT = 8443
const OWN = 'the backend itself'
const OTHER = 'other.example.com'
const DEADLINE_MS = 90_000
const ANSWER_MS = 2000

let stack: Stack

before(async () => {
  stack = await startStack({ backoff: '5s' })
  await Promise.all([startTlsauto(stack), applyIssuer(stack)])
  await makeNamespace(stack, NAMESPACE)
  await stack.backends.serve({ namespace: NAMESPACE, name: 'web', text: 'page' })
})

after(async () => {
  await stack.stop()
})

test('a host whose TLS passes through keeps every connection when a route with it appears', async (t) => {
  t.after(await startTlsBackend())
  await stack.client.create(RESOURCES.ingressRouteTCPs, {
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'IngressRouteTCP',
    metadata: { namespace: NAMESPACE, name: 'pass' },
    spec: {
      entryPoints: ['websecure'],
      routes: [{ match: `HostSNI(\`${HOST}\`)`, services: [{ name: 'tls', port: PORT }] }],
      tls: { passthrough: true },
    },
  })
  await until('the backend', async () => (await whoAnswers()) === OWN || undefined)
  const client = startSteadyClient(whoAnswers)
  const rules = [`Host(\`${HOST}\`)`]
  const route = routeManifest({ namespace: NAMESPACE, name: 'r', rules })
  await stack.client.create(RESOURCES.ingressRoutes, route)
  await until('plain HTTP', async () => (await httpAnswer(stack.web, HOST)) === '200' || undefined)
  // What comes later has come: by then controller, cert-manager and Traefik have been through all of it.
  const other = routeManifest({
    namespace: NAMESPACE,
    name: 'other',
    rules: [`Host(\`${OTHER}\`)`],
  })
  await stack.client.create(RESOURCES.ingressRoutes, other)
  const page = { domain: OTHER, port: stack.websecure, rootFile: stack.acme.rootFile }
  await until(`https://${OTHER}`, async () => fetchPage(page), DEADLINE_MS)
  const answers = await client.stop()
  t.diagnostic([...answers].map(([answer, count]) => `${count} × ${answer}`).join(', '))
  assert.deepEqual([...answers.keys()], [OWN])
  const target = { resource: RESOURCES.ingressRoutes, namespace: NAMESPACE, name: 'r' }
  assert.deepEqual((await stored(stack.client, target))['spec'], route['spec'])
})

/** A Service that ends TLS by itself, with a certificate that tells it from Traefik. */
async function startTlsBackend(): Promise<() => void> {
  const service = await stack.client.create(RESOURCES.services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: NAMESPACE, name: 'tls' },
    spec: { selector: { app: 'tls' }, ports: [{ port: PORT }] },
  })
  const { cert, key } = await makeServingCertificate([HOST])
  const server = createServer({ cert, key }, (socket) => socket.end(OWN))
  server.on('tlsClientError', () => undefined)
  server.listen(PORT, textAt(objectAt(service, 'spec'), 'clusterIP'))
  await once(server, 'listening')
  return () => server.close()
}

/** What whoever ends TLS for the host says first; throws when the connection fails. */
async function whoAnswers(): Promise<string> {
  const options = { host: '127.0.0.1', port: stack.websecure, servername: HOST }
  const socket = connect({ ...options, rejectUnauthorized: false })
  const signal = AbortSignal.timeout(ANSWER_MS)
  const [said] = await Promise.race([
    once(socket, 'data', { signal }),
    once(socket, 'end', { signal }).then(() => ['nobody']),
  ]).finally(() => socket.destroy())
  return String(said)
}
