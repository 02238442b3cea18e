import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { parseCertificate, type Certificate } from '../../shared/certmanager/certificate.ts'
import { claimName } from '../../shared/claims/domain-claim.ts'
import { objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import { kubeClient } from '../../shared/kube/client.ts'
import { listParsed, type KubeClient } from '../../shared/kube/kube-client.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { grantInNamespace } from '../stack/grant-in-namespace.ts'
import { find, makeNamespace } from '../stack/objects.ts'
import { routeManifest } from '../stack/route-manifest.ts'
import { applySelfSignedIssuer } from '../stack/self-signed-issuer.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { startTlsauto, type Tlsauto } from '../stack/tlsauto.ts'
import { until } from '../stack/until.ts'

// Bob wants hosts that Alice named first. He may write routes in his own namespace alone, whose name comes before
// hers, so that his are listed first.

const ALICE = 'victim'
const BOB = 'attacker'

let stack: Stack
let tlsauto: Tlsauto
let bob: KubeClient
let count = 0

before(async () => {
  stack = await startStack({ backoff: '1s' })
  bob = kubeClient({ kubeconfig: await stack.userKubeconfig('bob') })
  await Promise.all([applySelfSignedIssuer(stack), makeNamespace(stack, ALICE), grantRights()])
})

after(async () => {
  await stack.stop()
})

suite('a host is of who named it first', () => {
  test('at the first installation, whatever a route says of an earlier tlsauto', async () => {
    const host = newHost()
    await stack.client.create(RESOURCES.ingressRoutes, routeFor(ALICE, [host]))
    const annotations = { 'tlsauto.dev/holds': host }
    await until('Bob’s rights', async () =>
      bob
        .apply(RESOURCES.ingressRoutes, routeFor(BOB, [host], { annotations }), { force: true })
        .then(() => true)
        .catch(() => undefined),
    )
    const flags = ['--wildcard-cluster-issuer=letsencrypt-prod', '--claim-grace=1']
    tlsauto = await startTlsauto(stack, { flags })
    await assertAlices(host)
  })

  test('also if another adds it to an older route while tlsauto is away', async () => {
    const [own, host] = [newHost(), newHost()]
    await bob.create(RESOURCES.ingressRoutes, routeFor(BOB, [own]))
    await issued(BOB, own)
    await tlsauto.stop()
    await stack.client.create(RESOURCES.ingressRoutes, routeFor(ALICE, [host]))
    await rename(bob, routeFor(BOB, [own]), [own, host])
    await tlsauto.start()
    await assertAlices(host)
  })

  test('also if it is a name that its certificate has beside those of its rules', async () => {
    const [own, host] = [newHost(), newHost()]
    const annotations = { 'cert-manager.io/alt-names': host }
    await stack.client.create(RESOURCES.ingressRoutes, routeFor(ALICE, [own], { annotations }))
    assert.deepEqual((await issued(ALICE, own)).spec.dnsNames, [own, host])
    await bob.create(RESOURCES.ingressRoutes, routeFor(BOB, [host]))
    await assertAlices(host)
  })

  test('also if its rule has a matcher of a newer Traefik', async () => {
    const host = newHost()
    const rule = `Host(\`${host}\`) && Tomorrow(\`x\`)`
    await stack.client.create(RESOURCES.ingressRoutes, routeFor(ALICE, [host], { rules: [rule] }))
    await settled(ALICE)
    await bob.create(RESOURCES.ingressRoutes, routeFor(BOB, [host]))
    await settled(BOB)
    assert.deepEqual(await certificatesFor(BOB, host), [])
    assert.equal(await holderOf(host), ALICE)
  })

  test('also once its route has so many hosts that it is not read any more', async () => {
    const hosts = [newHost(), newHost()]
    const [host = ''] = hosts
    const route = routeFor(ALICE, hosts)
    await stack.client.create(RESOURCES.ingressRoutes, route)
    await issued(ALICE, host)
    const many = Array.from({ length: 3100 }, (_, at) => `h-${at}.${host}`)
    await rename(stack.client, route, [...hosts, ...many])
    await bob.create(RESOURCES.ingressRoutes, routeFor(BOB, [host]))
    // A claim runs out a second after it is marked, and that a second after nothing names its host.
    const gone = newHost()
    await stack.client.create(RESOURCES.ingressRoutes, routeFor(BOB, [gone]))
    await issued(BOB, gone)
    const { namespace, name } = metadataOf(routeFor(BOB, [gone]))
    await stack.client.delete({ resource: RESOURCES.ingressRoutes, namespace, name })
    await until('another claim to run out', async () =>
      (await holderOf(gone)) === undefined ? true : undefined,
    )
    await settled(BOB)
    assert.deepEqual(await certificatesFor(BOB, host), [])
    assert.equal(await holderOf(host), ALICE)
  })
})

/** Alice gets the host, and Bob no certificate for it. */
async function assertAlices(host: string): Promise<void> {
  await until(`${host} to be claimed`, async () => holderOf(host))
  await settled(BOB)
  assert.equal(await holderOf(host), ALICE)
  assert.deepEqual(await certificatesFor(BOB, host), [])
}

async function holderOf(host: string): Promise<string | undefined> {
  const at = { resource: RESOURCES.domainClaims, name: claimName(host) }
  const claim = await find(stack.client, at)
  return claim && textAt(objectAt(claim, 'spec'), 'namespace')
}

async function issued(namespace: string, host: string): Promise<Certificate> {
  return until(`the certificate of ${host} in ${namespace}`, async () => {
    const [certificate] = await certificatesFor(namespace, host)
    return certificate?.status.notAfter === undefined ? undefined : certificate
  })
}

async function certificatesFor(namespace: string, host: string): Promise<readonly Certificate[]> {
  const resource = RESOURCES.certificates
  const { items } = await listParsed(stack.client, { resource, namespace }, parseCertificate)
  return items.filter(({ spec }) => spec.dnsNames.includes(host))
}

/** Waits until tlsauto has seen all that was written before in a namespace: a later route of it is done. */
async function settled(namespace: string): Promise<void> {
  const host = newHost()
  await stack.client.create(RESOURCES.ingressRoutes, routeFor(namespace, [host]))
  await issued(namespace, host)
}

function newHost(): string {
  count += 1
  return `shop.zone-${count}.org`
}

/** A route that is named after its first host. */
function routeFor(
  namespace: string,
  hosts: readonly string[],
  more: { readonly annotations?: Readonly<Record<string, string>>; readonly rules?: string[] } = {},
): JsonObject {
  const name = (hosts[0] ?? '').replaceAll('.', '-')
  const rules = hosts.map((host) => `Host(\`${host}\`)`)
  const spec = { entryPoints: ['websecure'] }
  return routeManifest({ namespace, name, rules, spec, ...more })
}

function metadataOf(route: JsonObject): { readonly namespace: string; readonly name: string } {
  const metadata = objectAt(route, 'metadata')
  return { namespace: textAt(metadata, 'namespace') ?? '', name: textAt(metadata, 'name') ?? '' }
}

/** Gives a stored route other hosts. */
async function rename(
  client: KubeClient,
  route: JsonObject,
  hosts: readonly string[],
): Promise<void> {
  const at = metadataOf(route)
  const spec = objectAt(routeFor(at.namespace, hosts), 'spec')
  await client.mergePatch({ resource: RESOURCES.ingressRoutes, ...at }, { spec })
}

async function grantRights(): Promise<void> {
  await makeNamespace(stack, BOB)
  const rules = [{ apiGroups: ['traefik.io'], resources: ['ingressroutes'], verbs: ['*'] }]
  await grantInNamespace(stack, { user: 'bob', namespace: BOB }, rules)
}
