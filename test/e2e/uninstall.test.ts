import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { fetchPage } from '../demo/fetch-page.ts'
import { applyIssuer } from '../stack/issuer.ts'
import { makeNamespace, stored } from '../stack/objects.ts'
import { routeManifest } from '../stack/route-manifest.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { startTlsauto, type Tlsauto } from '../stack/tlsauto.ts'
import { until } from '../stack/until.ts'
import { httpAnswer } from '../stack/http-answer.ts'

const MANIFEST = join(import.meta.dirname, '..', '..', 'deploy', 'tlsauto.yaml')
const NAMESPACE = 'leaving'
const HOSTS = ['a.leaving.org', 'b.leaving.org'] as const
const DEADLINE_MS = 90_000

let stack: Stack
let tlsauto: Tlsauto

before(async () => {
  stack = await startStack({ backoff: '5s' })
  ;[tlsauto] = await Promise.all([startTlsauto(stack), applyIssuer(stack)])
  await makeNamespace(stack, NAMESPACE)
  await stack.backends.serve({ namespace: NAMESPACE, name: 'web', text: 'page' })
})

after(async () => {
  await stack.stop()
})

test('when the whole installation is deleted, every route goes on serving all it served', async () => {
  const rules = HOSTS.map((host) => `Host(\`${host}\`)`)
  await stack.client.create(
    RESOURCES.ingressRoutes,
    routeManifest({ namespace: NAMESPACE, name: 'r', rules }),
  )
  for (const host of HOSTS) await until(host, async () => isServed(host), DEADLINE_MS)
  const before = await routes()
  // The Pod ends as its Deployment is deleted: here it is told by hand.
  await Promise.all([stack.kubectl(['delete', '-f', MANIFEST, '--wait=true']), tlsauto.stop()])
  assert.deepEqual(await routes(), before)
  for (const host of HOSTS) assert.ok(await isServed(host), host)
  // And who edits or creates routes is not held up by what is gone.
  await stack.kubectl(['annotate', 'ingressroute', 'r', '-n', NAMESPACE, 'note=after'])
  const late = routeManifest({
    namespace: NAMESPACE,
    name: 'late',
    rules: ['Host(`late.leaving.org`)'],
  })
  await stack.client.create(RESOURCES.ingressRoutes, late)
  const target = { resource: RESOURCES.ingressRoutes, namespace: NAMESPACE, name: 'late' }
  assert.deepEqual((await stored(stack.client, target))['spec'], late['spec'])
  await until(
    'plain HTTP',
    async () => (await httpAnswer(stack.web, 'late.leaving.org')) === '200' || undefined,
  )
  for (const host of HOSTS) assert.ok(await isServed(host), host)
})

/** Whether a host answers over HTTPS with its own certificate, and is redirected to there. */
async function isServed(host: string): Promise<true | undefined> {
  const page = await fetchPage({
    domain: host,
    port: stack.websecure,
    rootFile: stack.acme.rootFile,
  })
  const answer = await httpAnswer(stack.web, host)
  return (page.names === host && answer === `302 https://${host}/`) || undefined
}

/** Names and specs of all that Traefik reads in the namespace. */
async function routes(): Promise<string> {
  const { stdout } = await stack.kubectl([
    'get',
    'ingressroutes,middlewares',
    '-n',
    NAMESPACE,
    '-o',
    'jsonpath={range .items[*]}{.metadata.name}{.spec}{"\\n"}{end}',
  ])
  return stdout
}
