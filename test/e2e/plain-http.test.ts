import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { objectAt, type JsonObject } from '../../shared/json/json.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { fetchPage } from '../demo/fetch-page.ts'
import { httpAnswer } from '../stack/http-answer.ts'
import { applyIssuer } from '../stack/issuer.ts'
import { find, makeNamespace, stored } from '../stack/objects.ts'
import { routeManifest } from '../stack/route-manifest.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { startSteadyClient } from '../stack/steady-client.ts'
import { startTlsauto } from '../stack/tlsauto.ts'
import { until } from '../stack/until.ts'

const DEADLINE_MS = 90_000
const NAMESPACE = 'plain'
const LIVE = 'live.example.com'
const DEAD = 'dead.example.com'

let stack: Stack

suite('plain HTTP of a route that gets TLS', () => {
  before(async () => {
    // A challenge that comes before Traefik has its route is lost: the next one is not.
    stack = await startStack({ backoff: '5s' })
    await Promise.all([applyIssuer(stack), startTlsauto(stack)])
    await stack.acme.dns.servfail(DEAD)
    await makeNamespace(stack, NAMESPACE)
    await stack.backends.serve({ namespace: NAMESPACE, name: 'web', text: 'page' })
    const rules = [`Host(\`${LIVE}\`) || Host(\`${DEAD}\`)`]
    const route = routeManifest({ namespace: NAMESPACE, name: 'r', rules })
    await stack.client.create(RESOURCES.ingressRoutes, route)
    await until('plain HTTP', async () => (await http(LIVE)) === '200' || undefined, DEADLINE_MS)
  })

  after(async () => {
    await stack.stop()
  })

  test('goes on without one gap, whatever becomes of the route', async (t) => {
    const client = startSteadyClient(async () => http(LIVE))
    await t.test(
      'is served until the host has its certificate, and redirected from then',
      async () => {
        await until(
          'the redirect',
          async () => (await http(LIVE)) === `302 https://${LIVE}/` || undefined,
          DEADLINE_MS,
        )
        assert.equal(await https(), LIVE)
        assert.equal(await http(DEAD), '200', 'a host without a certificate is not redirected')
      },
    )
    const secure = startSteadyClient(https)

    await t.test('leaves the ACME server its path', async () => {
      assert.equal(await http(LIVE, '/.well-known/acme-challenge/x'), '404')
    })

    await t.test('follows an edit of the rule', async () => {
      await patch({
        spec: routeManifest({
          namespace: NAMESPACE,
          name: 'r',
          rules: [`Host(\`${LIVE}\`) || Host(\`${DEAD}\`)`, 'Host(`new.example.com`)'],
        })['spec'],
      })
      await until(
        'the new host',
        async () => (await http('new.example.com')).startsWith('302') || undefined,
        DEADLINE_MS,
      )
    })

    await t.test('and so does HTTPS', async (t) => {
      const answers = await secure.stop()
      t.diagnostic(`${sum(answers)} requests`)
      assert.deepEqual([...answers.keys()], [LIVE])
    })

    await t.test('is served as ever once the route has opted out', async () => {
      await annotate('false')
      const companion = {
        resource: RESOURCES.ingressRoutes,
        namespace: NAMESPACE,
        name: 'tlsauto-http-r',
      }
      await until(
        'the companion to go',
        async () => (await find(stack.client, companion)) === undefined || undefined,
      )
      const route = await stored(stack.client, { ...companion, name: 'r' })
      assert.equal(objectAt(route, 'spec')['tls'], undefined)
      await until('plain HTTP', async () => (await http(LIVE)) === '200' || undefined)
    })

    await t.test('and redirected once it is back', async () => {
      await annotate(null)
      await until(
        'the redirect',
        async () => (await http(LIVE)).startsWith('302') || undefined,
        DEADLINE_MS,
      )
      assert.equal(await https(), LIVE)
    })

    const answers = await client.stop()
    t.diagnostic(`${sum(answers)} requests`)
    assert.deepEqual([...answers.keys()].toSorted(), ['200', `302 https://${LIVE}/`])
  })
})

/** The names in the certificate of a page that was served. */
async function https(): Promise<string> {
  const at = { domain: LIVE, port: stack.websecure, rootFile: stack.acme.rootFile }
  return (await fetchPage(at)).names
}

function sum(answers: ReadonlyMap<string, number>): number {
  return [...answers.values()].reduce((total, count) => total + count, 0)
}

/** The status that Traefik answers over plain HTTP, and where it redirects to. */
async function http(host: string, path?: string): Promise<string> {
  return httpAnswer(stack.web, host, path)
}

async function annotate(enabled: string | null): Promise<void> {
  await patch({ metadata: { annotations: { 'tlsauto.dev/enabled': enabled } } })
}

async function patch(change: JsonObject): Promise<void> {
  await stack.client.mergePatch(
    { resource: RESOURCES.ingressRoutes, namespace: NAMESPACE, name: 'r' },
    change,
  )
}
