import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { parseCertificate } from '../../shared/certmanager/certificate.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { routeResource } from '../../shared/traefik/route-resource.ts'
import { fetchPage, type Page } from '../demo/fetch-page.ts'
import { applyIssuer } from '../stack/issuer.ts'
import { makeNamespace, stored } from '../stack/objects.ts'
import { routeManifest, type RouteInput } from '../stack/route-manifest.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { startTlsauto } from '../stack/tlsauto.ts'
import { until } from '../stack/until.ts'

const DEADLINE_MS = 90_000
/** A challenge that comes before Traefik has its route is lost: on a busy machine the next one is not. */
const BACKOFF = '5s'

let stack: Stack

suite('a route that nobody wrote a word about TLS into', () => {
  before(async () => {
    stack = await startStack({ backoff: BACKOFF })
    await Promise.all([applyIssuer(stack), startTlsauto(stack)])
  })

  after(async () => {
    await stack.stop()
  })

  test("serves HTTPS that verifies against the ACME server's root", async (t) => {
    const started = Date.now()
    const namespace = await site('plain', { rules: ['Host(`plain.example.com`)'] })
    const page = await served('plain.example.com')
    t.diagnostic(`HTTPS after ${((Date.now() - started) / 1000).toFixed(1)} s`)
    assert.deepEqual([page.text, page.names], [`page of ${namespace}`, 'plain.example.com'])
  })

  test('with three hosts serves each with its own, also where one of them is dead', async () => {
    await stack.acme.dns.servfail('dead.three.org')
    const hosts = ['dead.three.org', 'b.three.org', 'c.three.org']
    const namespace = await site('three', {
      rules: [`Host(\`${hosts.slice(0, 2).join('`) || Host(`')}\`)`, `Host(\`${hosts[2]}\`)`],
    })
    const pages = await Promise.all(hosts.slice(1).map(served))
    assert.deepEqual(
      pages.map((page) => page.names),
      ['b.three.org', 'c.three.org'],
    )
    const name = 'cert-r-dead-three-org'
    await until('the dead one to have failed', async () => {
      const at = { resource: RESOURCES.certificates, namespace, name }
      return parseCertificate(await stored(stack.client, at))?.status.lastFailureTime
    })
    await assert.rejects(fetch('dead.three.org'))
    // And nothing of that has changed the others.
    assert.equal((await served('b.three.org')).names, 'b.three.org')
  })

  test('shares the certificate of a host with another route', async () => {
    const namespace = await site('shared', { rules: ['Host(`shared.example.com`)'] })
    await served('shared.example.com')
    await stack.client.create(
      RESOURCES.ingressRoutes,
      routeManifest({ namespace, name: 's', rules: ['Host(`shared.example.com`) && Path(`/s`)'] }),
    )
    await until('both to name one Secret', async () => {
      const named = ['-o', 'jsonpath={.items[*].spec.tls.secretName}']
      const routes = await stack.kubectl(['get', 'ingressroutes', '-n', namespace, ...named])
      const secret = 'tls-r-shared-example-com'
      return routes.stdout === `${secret} ${secret}` || undefined
    })
    assert.equal((await served('shared.example.com')).names, 'shared.example.com')
  })

  test('and so does an IngressRouteTCP whose TLS ends at Traefik', async () => {
    const tls = { spec: { entryPoints: ['websecure'], tls: {} } }
    const rules = ['HostSNI(`tcp.example.com`) || HostSNI(`b.tcp.org`)']
    const namespace = await site('tcp', { kind: 'IngressRouteTCP', rules, ...tls })
    const pages = await Promise.all(['tcp.example.com', 'b.tcp.org'].map(served))
    assert.deepEqual(
      pages.map((page) => [page.text, page.names]),
      [
        [`page of ${namespace}`, 'tcp.example.com'],
        [`page of ${namespace}`, 'b.tcp.org'],
      ],
    )
  })
})

suite('where the entry point terminates TLS by itself', () => {
  before(async () => {
    stack = await startStack({ entryPointTls: 'terminates', backoff: BACKOFF })
    await Promise.all([applyIssuer(stack), startTlsauto(stack, { flags: ['--attach=carry'] })])
  })

  after(async () => {
    await stack.stop()
  })

  test('--attach=carry serves each host with its own certificate, and HTTP as before', async () => {
    const namespace = await site('carry', { rules: ['Host(`a.carry.org`)', 'Host(`b.carry.org`)'] })
    const pages = await Promise.all(['a.carry.org', 'b.carry.org'].map(served))
    assert.deepEqual(
      pages.map((page) => page.names),
      ['a.carry.org', 'b.carry.org'],
    )
    const { stdout } = await stack.kubectl([
      'get',
      'ingressroute',
      'r',
      '-n',
      namespace,
      '-o',
      'yaml',
    ])
    assert.doesNotMatch(stdout, /tls|generation: [^1]/)
  })
})

/** A namespace with a backend and a route `r` to it. */
async function site(
  namespace: string,
  route: Pick<RouteInput, 'kind' | 'rules' | 'spec'>,
): Promise<string> {
  await makeNamespace(stack, namespace)
  await stack.backends.serve({ namespace, name: 'web', text: `page of ${namespace}` })
  const manifest = routeManifest({ namespace, name: 'r', ...route })
  await stack.client.create(routeResource(route.kind ?? 'IngressRoute'), manifest)
  return namespace
}

async function fetch(domain: string): Promise<Page> {
  return fetchPage({ domain, port: stack.websecure, rootFile: stack.acme.rootFile })
}

async function served(domain: string): Promise<Page> {
  return until(`https://${domain}`, async () => fetch(domain), DEADLINE_MS)
}
