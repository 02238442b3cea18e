import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { isJsonObject, listAt, objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { stored } from '../stack/objects.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { until } from '../stack/until.ts'

const ROOT = join(import.meta.dirname, '..', '..')

// As `deploy/` installs it: the API server comes by the Service. Nothing routes to it here, so that
// only what is stored can be looked at.
let stack: Stack

before(async () => {
  stack = await startStack()
  await stack.kubectl(['apply', '-f', join(ROOT, 'deploy', 'tlsauto.yaml')])
  const kubeconfig = await stack.serviceAccountKubeconfig('tlsauto', 'tlsauto')
  const [port = 0] = await stack.ports(1)
  await stack.processes.start(process.execPath, {
    name: 'tlsauto',
    args: [join(ROOT, 'webhook', 'main.ts'), `--kubeconfig=${kubeconfig}`, `--listen=:${port}`],
    log: join(stack.folder, 'logs', 'tlsauto.log'),
  })
})

after(async () => {
  await stack.stop()
})

test('the configurations keep their Service and get the CA of a certificate for its name', async () => {
  const bundles = await until('the CA in each configuration', async () => {
    const configs = await Promise.all([
      clientConfig('mutating'),
      clientConfig('validating'),
      clientConfig('validating', 'tlsauto-hosts'),
    ])
    const found = configs.flatMap((config) => textAt(config, 'caBundle') ?? [])
    return found.length === configs.length ? found : undefined
  })
  assert.deepEqual(objectAt(await clientConfig('mutating'), 'service'), service('/mutate'))
  assert.deepEqual(objectAt(await clientConfig('validating'), 'service'), service('/validate'))
  const hosts = await clientConfig('validating', 'tlsauto-hosts')
  assert.deepEqual(objectAt(hosts, 'service'), service('/hosts'))
  const secret = await stored(stack.client, {
    resource: RESOURCES.secrets,
    namespace: 'tlsauto',
    name: 'tlsauto-serving',
  })
  const leaf = new X509Certificate(decode(textAt(objectAt(secret, 'data'), 'tls.crt')))
  assert.equal(leaf.checkHost('tlsauto.tlsauto.svc'), 'tlsauto.tlsauto.svc')
  for (const bundle of bundles) {
    assert.ok(leaf.verify(new X509Certificate(decode(bundle)).publicKey))
  }
})

test('applied again, the manifest leaves the CA where it is', async () => {
  const before = textAt(await clientConfig('mutating'), 'caBundle')
  await stack.kubectl(['apply', '-f', join(ROOT, 'deploy', 'tlsauto.yaml')])
  assert.equal(textAt(await clientConfig('mutating'), 'caBundle'), before)
})

async function clientConfig(
  kind: 'mutating' | 'validating',
  name = 'tlsauto',
): Promise<JsonObject> {
  const resource = kind === 'mutating' ? RESOURCES.mutatingWebhooks : RESOURCES.validatingWebhooks
  const configuration = await stored(stack.client, { resource, name })
  const webhook = listAt(configuration, 'webhooks').find(isJsonObject) ?? {}
  return objectAt(webhook, 'clientConfig')
}

function service(path: string): JsonObject {
  return { name: 'tlsauto', namespace: 'tlsauto', path, port: 443 }
}

function decode(base64: string | undefined): Buffer {
  return Buffer.from(base64 ?? '', 'base64')
}
