import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { httpAnswer } from '../stack/http-answer.ts'
import { find, makeNamespace, stored } from '../stack/objects.ts'
import { createRouteEditors } from '../stack/route-editors.ts'
import { routeEvents } from '../stack/route-events.ts'
import { routeManifest } from '../stack/route-manifest.ts'
import { applySelfSignedIssuer } from '../stack/self-signed-issuer.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { startSteadyClient } from '../stack/steady-client.ts'
import { startTlsauto } from '../stack/tlsauto.ts'
import { until } from '../stack/until.ts'

// Who may edit routes makes objects under the names that tlsauto needs for a route of somebody else's.
const NAMESPACE = 'squatted'

let stack: Stack
let mallory: KubeClient

before(async () => {
  stack = await startStack({ backoff: '1s' })
  const [editors] = await Promise.all([
    createRouteEditors(stack),
    startTlsauto(stack),
    applySelfSignedIssuer(stack),
  ])
  mallory = editors.bob
  await makeNamespace(stack, NAMESPACE)
  await stack.backends.serve({ namespace: NAMESPACE, name: 'web', text: 'page' })
})

after(async () => {
  await stack.stop()
})

test('the name of a companion that is still to be made: HTTP stays, and apply says why there is no HTTPS', async () => {
  await squat('tlsauto-http-shop')
  const stderr = await until('the server to know of it', async () => {
    const said = await apply('shop', ['shop.example.com'])
    if (said !== '') return said
    await stack.client.delete({
      resource: RESOURCES.ingressRoutes,
      namespace: NAMESPACE,
      name: 'shop',
    })
    return undefined
  })
  assert.match(stderr, /would end plain HTTP: tlsauto-http-shop exists and is not ours/)
  await until('plain HTTP', async () => (await http('shop.example.com')) === '200' || undefined)
  const client = startSteadyClient(async () => http('shop.example.com'))
  await until('the carrier', async () => find(stack.client, routeAt('cert-shop-shop-example-com')))
  assert.deepEqual([...(await client.stop()).keys()], ['200'])
  const { spec } = await stored(stack.client, routeAt('shop'))
  assert.ok(!JSON.stringify(spec).includes('secretName'))
})

test('it is HTTPS as soon as the name is free', async () => {
  await stack.client.delete(routeAt('tlsauto-http-shop'))
  await until('the redirect', async () => {
    return (await http('shop.example.com')) === '302 https://shop.example.com/' || undefined
  })
})

test('a companion that she takes over: HTTP comes back, with an Event', async () => {
  await apply('blog', ['blog.example.com'])
  await until('the redirect', async () => {
    return (await http('blog.example.com')) === '302 https://blog.example.com/' || undefined
  })
  const { routes } = strangeSpec()
  await mallory.mergePatch(routeAt('tlsauto-http-blog'), {
    metadata: { labels: { 'app.kubernetes.io/managed-by': null } },
    spec: { routes },
  })
  await until('plain HTTP', async () => (await http('blog.example.com')) === '200' || undefined)
  await until('the Event', async () => {
    const events = await routeEvents(stack, NAMESPACE)
    return events.some((event) => event.includes('CompanionTaken')) || undefined
  })
})

test('the name of a carrier: its host is not sent to HTTPS', async () => {
  await squat('cert-two-b-example-com')
  const stderr = await apply('two', ['a.example.com', 'b.example.com'])
  assert.match(stderr, /IngressRoute cert-two-b-example-com exists and is not ours/)
  await until('the redirect of the other host', async () => {
    return (await http('a.example.com')) === '302 https://a.example.com/' || undefined
  })
  assert.equal(await http('b.example.com'), '200')
})

async function squat(name: string): Promise<void> {
  const object = {
    ...routeManifest({ namespace: NAMESPACE, name, rules: [] }),
    spec: strangeSpec(),
  }
  // RBAC may take a moment to know her.
  await until(`her route ${name}`, async () => mallory.create(RESOURCES.ingressRoutes, object))
}

function strangeSpec(): ReturnType<typeof routeManifest> & { readonly routes: unknown } {
  const services = [{ name: 'web', port: 8080 }]
  return {
    entryPoints: ['web'],
    routes: [{ kind: 'Rule', match: 'Host(`mallory.example.com`)', services }],
  }
}

/** Applies a route as its user does, and gives the warnings. */
async function apply(name: string, hosts: readonly string[]): Promise<string> {
  const rules = hosts.map((host) => `Host(\`${host}\`)`)
  const input = JSON.stringify(routeManifest({ namespace: NAMESPACE, name, rules }))
  const { stderr } = await stack.kubectl(['apply', '-f', '-'], { input })
  return stderr
}

function routeAt(name: string): {
  resource: typeof RESOURCES.ingressRoutes
  namespace: string
  name: string
} {
  return { resource: RESOURCES.ingressRoutes, namespace: NAMESPACE, name }
}

async function http(host: string): Promise<string> {
  return httpAnswer(stack.web, host)
}
