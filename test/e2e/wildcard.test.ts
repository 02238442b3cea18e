import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { parseCertificate } from '../../shared/certmanager/certificate.ts'
import { objectAt } from '../../shared/json/json.ts'
import { listAll } from '../../shared/kube/kube-client.ts'
import { parseMeta } from '../../shared/kube/object.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { fetchPage, type Page } from '../demo/fetch-page.ts'
import { applyDnsIssuer } from '../stack/dns-issuer.ts'
import { applyIssuer } from '../stack/issuer.ts'
import { knotIsMissing } from '../stack/knot.ts'
import { makeNamespace, stored } from '../stack/objects.ts'
import { routeManifest } from '../stack/route-manifest.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { startTlsauto } from '../stack/tlsauto.ts'
import { until } from '../stack/until.ts'

const DEADLINE_MS = 120_000
const ZONE = 'example.com'

let stack: Stack

suite('a wildcard in one route, a host below it in another', { skip: knotIsMissing() }, () => {
  before(async () => {
    // A challenge that comes before Traefik has its route is lost: the next one is not.
    stack = await startStack({ zone: ZONE, backoff: '5s' })
    const { knot } = stack.acme
    assert.ok(knot !== undefined)
    const flags = ['--wildcard-cluster-issuer=letsencrypt-prod-dns']
    await Promise.all([
      applyIssuer(stack),
      applyDnsIssuer(stack, knot),
      startTlsauto(stack, { flags }),
    ])
  })

  after(async () => {
    await stack.stop()
  })

  test('have one Certificate, of one Order over DNS-01, and are both served with it', async (t) => {
    const started = Date.now()
    const namespace = await makeNamespace(stack, 'wild')
    await stack.backends.serve({ namespace, name: 'web', text: 'a page' })
    await create(namespace, 'all', `*.${ZONE}`)
    assert.equal((await served(`any.${ZONE}`)).names, `*.${ZONE}`)
    t.diagnostic(`the wildcard after ${((Date.now() - started) / 1000).toFixed(1)} s`)
    await create(namespace, 'shop', `shop.${ZONE}`)
    assert.deepEqual(await served(`shop.${ZONE}`), {
      ...(await served(`any.${ZONE}`)),
      names: `*.${ZONE}`,
    })
    await until('the route to name the wildcard’s Secret', async () => {
      const at = { resource: RESOURCES.ingressRoutes, namespace, name: 'shop' }
      const { secretName } = objectAt(objectAt(await stored(stack.client, at), 'spec'), 'tls')
      return secretName === 'tls-all-wildcard-example-com' || undefined
    })
    assert.deepEqual(await certificates(namespace), [
      ['cert-all-wildcard-example-com', 'letsencrypt-prod-dns', ['all', 'shop']],
    ])
    assert.equal(await orders(namespace), 1)
  })

  test('have their own again when the wildcard’s route goes, without a moment without one', async () => {
    const namespace = await makeNamespace(stack, 'leaving')
    await stack.backends.serve({ namespace, name: 'web', text: 'a page' })
    await create(namespace, 'all', `*.leaving.${ZONE}`)
    await served(`any.leaving.${ZONE}`)
    const shop = `shop.leaving.${ZONE}`
    await create(namespace, 'shop', shop)
    await until('the host to live off the wildcard', async () => {
      const [one, ...others] = await certificates(namespace)
      return (others.length === 0 && one?.[2].length === 2) || undefined
    })
    await served(shop)
    await stack.client.delete({ resource: RESOURCES.ingressRoutes, namespace, name: 'all' })
    const faults: unknown[] = []
    const hasItsOwn = async (): Promise<true | undefined> => {
      try {
        return (await fetch(shop)).names === shop || undefined
      } catch (error) {
        faults.push(error)
        return undefined
      }
    }
    await until('the host to have its own', hasItsOwn, DEADLINE_MS)
    assert.deepEqual(faults, [])
    await until('the wildcard’s to go', async () => {
      const all = await certificates(namespace)
      return all.every(([name]) => name === `cert-shop-shop-leaving-example-com`) || undefined
    })
  })
})

async function create(namespace: string, name: string, host: string): Promise<void> {
  const manifest = routeManifest({ namespace, name, rules: [`Host(\`${host}\`)`] })
  await stack.client.create(RESOURCES.ingressRoutes, manifest)
}

/** Names, issuers and owners. */
async function certificates(
  namespace: string,
): Promise<readonly (readonly [string, string, readonly string[]])[]> {
  const { items } = await listAll(stack.client, { resource: RESOURCES.certificates, namespace })
  return items
    .flatMap((item) => parseCertificate(item) ?? [])
    .map(({ metadata, spec }) => [
      metadata.name,
      spec.issuerRef.name,
      metadata.ownerReferences.map(({ name }) => name).toSorted(),
    ])
}

async function orders(namespace: string): Promise<number> {
  const { items } = await listAll(stack.client, { resource: RESOURCES.orders, namespace })
  return new Set(items.map((item) => parseMeta(item['metadata'])?.uid)).size
}

async function fetch(domain: string): Promise<Page> {
  return fetchPage({ domain, port: stack.websecure, rootFile: stack.acme.rootFile })
}

async function served(domain: string): Promise<Page> {
  return until(`https://${domain}`, async () => fetch(domain), DEADLINE_MS)
}
