import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { parseCertificate, type Certificate } from '../../shared/certmanager/certificate.ts'
import { objectAt, textAt } from '../../shared/json/json.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { ownerReference } from '../../shared/kube/object.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { OUR_LABELS } from '../../shared/kube/ours.ts'
import { parseRoute } from '../../shared/traefik/route.ts'
import { find, makeNamespace, stored } from '../stack/objects.ts'
import { createRouteEditors } from '../stack/route-editors.ts'
import { routeManifest } from '../stack/route-manifest.ts'
import { applySelfSignedIssuer } from '../stack/self-signed-issuer.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { startTlsauto, type Tlsauto } from '../stack/tlsauto.ts'
import { until } from '../stack/until.ts'

// The victim has app `shop` with x.example.com. Who has rights on routes alone makes app `shop-x` with
// example.com: both would be called cert-shop-x-example-com.
const PLAIN = 'shop-x-example-com'
const HASHED = 'shop-x-example-com-9a7638b2'

const JOINED = 'shop-y-example-org'

let stack: Stack
let tlsauto: Tlsauto
let victim: KubeClient
let mallory: KubeClient

before(async () => {
  stack = await startStack({ backoff: '1s' })
  const [editors, started] = await Promise.all([
    createRouteEditors(stack),
    startTlsauto(stack),
    applySelfSignedIssuer(stack),
  ])
  ;({ alice: victim, bob: mallory } = editors)
  tlsauto = started
})

after(async () => {
  await stack.stop()
})

test('she joins nobody’s certificate by a name that comes out equal', async () => {
  const namespace = await makeNamespace(stack, 'equal')
  await create(victim, { namespace, name: 'shop', host: 'x.example.com' })
  await issued(namespace, PLAIN)
  await create(mallory, { namespace, name: 'shop-x', host: 'example.com' })
  const hers = await issued(namespace, HASHED)
  assert.deepEqual(hers.spec.dnsNames, ['example.com'])
  const theirs = await issued(namespace, PLAIN)
  assert.deepEqual(theirs.spec.dnsNames, ['x.example.com'])
  assert.equal(theirs.metadata.generation, 1)
  assert.deepEqual(
    theirs.metadata.ownerReferences.map(({ name }) => name),
    ['shop'],
  )
  await until('her route to name her own Secret', async () => {
    return (await secretOf(namespace, 'shop-x')) === `tls-${HASHED}` || undefined
  })
  assert.equal(await secretOf(namespace, 'shop'), `tls-${PLAIN}`)
})

test('a certificate that she joined before comes apart, and nobody is without one', async () => {
  const namespace = await makeNamespace(stack, 'joined')
  await tlsauto.stop()
  const secretName = `tls-${JOINED}`
  const makeRoute = async (client: KubeClient, name: string, host: string) => {
    const annotations = { 'tlsauto.dev/secret': secretName }
    const rules = [`Host(\`${host}\`)`]
    const route = routeManifest({ namespace, name, rules, annotations })
    const made = await client.create(RESOURCES.ingressRoutes, route)
    const at = { resource: RESOURCES.ingressRoutes, namespace, name }
    // As a webhook adds it: nobody owns the field.
    const managedFields = [{}]
    const spec = { ...objectAt(made, 'spec'), tls: { secretName } }
    const metadata = { ...objectAt(made, 'metadata'), managedFields }
    const parsed = parseRoute(await stack.client.replace(at.resource, { ...made, metadata, spec }))
    assert.ok(parsed !== undefined)
    return ownerReference(parsed)
  }
  const ownerReferences = [
    await makeRoute(victim, 'shop', 'y.example.org'),
    await makeRoute(mallory, 'shop-y', 'example.org'),
  ]
  await stack.client.apply(
    RESOURCES.certificates,
    {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata: { namespace, name: `cert-${JOINED}`, labels: OUR_LABELS, ownerReferences },
      spec: {
        secretName,
        dnsNames: ['y.example.org', 'example.org'],
        issuerRef: { kind: 'ClusterIssuer', name: 'letsencrypt-prod', group: 'cert-manager.io' },
      },
    },
    { force: false },
  )
  await issued(namespace, JOINED)
  await tlsauto.start()
  await until('the certificate to be the victim’s alone', async () => {
    const { spec } = await certificate(namespace, JOINED)
    return spec.dnsNames.join() === 'y.example.org' || undefined
  })
  const hers = await certificate(namespace, 'shop-y-example-org-a4277dfe')
  assert.ok(isReady(hers), 'hers was there before')
  await until('her route to name her own Secret', async () => {
    return (await secretOf(namespace, 'shop-y')) === `tls-shop-y-example-org-a4277dfe` || undefined
  })
  assert.equal(await secretOf(namespace, 'shop'), secretName)
})

async function create(
  client: KubeClient,
  {
    namespace,
    name,
    host,
  }: { readonly namespace: string; readonly name: string; readonly host: string },
): Promise<void> {
  const route = routeManifest({ namespace, name, rules: [`Host(\`${host}\`)`] })
  // RBAC may take a moment to know him.
  await until(`route ${name}`, async () => client.create(RESOURCES.ingressRoutes, route))
}

async function certificate(namespace: string, stem: string): Promise<Certificate> {
  const at = { resource: RESOURCES.certificates, namespace, name: `cert-${stem}` }
  return until(`Certificate ${at.name}`, async () => parseCertificate(await find(stack.client, at)))
}

async function issued(namespace: string, stem: string): Promise<Certificate> {
  return until(`${stem} to be issued`, async () => {
    const found = await certificate(namespace, stem)
    return isReady(found) ? found : undefined
  })
}

function isReady({ status }: Certificate): boolean {
  return status.conditions.some((one) => one.type === 'Ready' && one.status === 'True')
}

async function secretOf(namespace: string, name: string): Promise<string | undefined> {
  const route = await stored(stack.client, { resource: RESOURCES.ingressRoutes, namespace, name })
  return textAt(objectAt(objectAt(route, 'spec'), 'tls'), 'secretName')
}
