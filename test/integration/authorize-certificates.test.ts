import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import * as fc from 'fast-check'
import { decide } from '../../shared/route/decide.ts'
import { objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import type { KubeClient, Target } from '../../shared/kube/kube-client.ts'
import { isStatus } from '../../shared/kube/kube-error.ts'
import { RESOURCES, type Resource } from '../../shared/kube/resources.ts'
import { parseRoute, TRAEFIK_API } from '../../shared/traefik/route.ts'
import { generatedRoute, type GeneratedRoute } from '../fixtures/generated-routes.ts'
import { routeRequests } from '../fixtures/route-requests.ts'
import { settingsOf, wildcardCluster } from '../fixtures/routes.ts'
import { apiRequests } from '../stack/api-requests.ts'
import { find, makeNamespace, stored } from '../stack/objects.ts'
import { CERTIFICATE_CREATOR, createRouteEditors } from '../stack/route-editors.ts'
import { routeManifest } from '../stack/route-manifest.ts'
import { applySelfSignedIssuer } from '../stack/self-signed-issuer.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { startTlsauto, type Tlsauto } from '../stack/tlsauto.ts'
import { until } from '../stack/until.ts'

const FILE = 'tlsauto-authorize-certificates.yaml'
const POLICY = join(import.meta.dirname, '..', '..', 'deploy', FILE)
const REFUSAL =
  'spec: this route gets certificates, and you are not allowed to create certificates.cert-manager.io in its ' +
  'namespace: ask for that right, or set metadata.annotations["tlsauto.dev/enabled"] to "false"'

let stack: Stack
let tlsauto: Tlsauto
let alice: KubeClient
let bob: KubeClient
let namespaces = 0

before(async () => {
  stack = await startStack()
  const [editors, started] = await Promise.all([
    createRouteEditors(stack),
    startTlsauto(stack),
    applySelfSignedIssuer(stack),
    stack.kubectl(['apply', '-f', POLICY]),
  ])
  ;({ alice, bob } = editors)
  tlsauto = started
  await until('the policy and the rights to be in force', async () => {
    const { object } = await manifestOf({})
    const refused = await bob.create(RESOURCES.ingressRoutes, object).then(
      () => false,
      (error: unknown) => isStatus(error, 403) && error.message.includes(REFUSAL),
    )
    if (!refused) return undefined
    await alice.create(RESOURCES.ingressRoutes, object)
    return true
  })
})

after(async () => {
  await stack.stop()
})

type Case = {
  readonly namespace?: Parameters<typeof makeNamespace>[2]
  readonly annotations?: Readonly<Record<string, string>>
  /** What else `metadata` says. */
  readonly metadata?: JsonObject
  readonly spec?: JsonObject
  readonly tcp?: boolean
}
type Row = Case & { readonly name: string }

const OPTED_OUT = { labels: { 'tlsauto.dev/enabled': 'false' } }

const REFUSED: readonly Row[] = [
  { name: 'a plain route' },
  { name: 'an empty tls', spec: { tls: {} } },
  { name: 'a tls that is null', spec: { tls: null } },
  { name: 'options alone', spec: { tls: { options: { name: 'mine' } } } },
  { name: 'a resolver without a name', spec: { tls: { certResolver: '' } } },
  {
    name: 'a Secret of its own with an issuer',
    spec: { tls: { secretName: 'mine' } },
    annotations: { 'cert-manager.io/cluster-issuer': 'letsencrypt-prod' },
  },
  {
    name: 'a Secret that it says is ours',
    spec: { tls: { secretName: 'mine' } },
    annotations: { 'tlsauto.dev/secret': 'mine' },
  },
  {
    name: 'an opt-in where the namespace opts out',
    namespace: OPTED_OUT,
    annotations: { 'tlsauto.dev/enabled': 'true' },
  },
  {
    name: 'the label of a carrier',
    metadata: { labels: { 'app.kubernetes.io/managed-by': 'tlsauto' } },
  },
  {
    name: 'the word of its author that it is being deleted',
    metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' },
  },
  { name: 'a TCP route with tls', tcp: true, spec: { tls: {} } },
]

const ALLOWED: readonly Row[] = [
  { name: 'an opt-out', annotations: { 'tlsauto.dev/enabled': 'false' } },
  { name: 'a plain route where the namespace opts out', namespace: OPTED_OUT },
  { name: "Traefik's resolver", spec: { tls: { certResolver: 'le' } } },
  { name: 'a Secret of its own', spec: { tls: { secretName: 'mine' } } },
  { name: 'a TCP route without tls', tcp: true },
  { name: 'a TCP route with a tls that is null', tcp: true, spec: { tls: null } },
  { name: 'a TCP route that passes TLS through', tcp: true, spec: { tls: { passthrough: true } } },
]

function creationTests(): void {
  for (const { name, ...row } of REFUSED) {
    test(`${name}: refused to Bob, allowed to Alice`, async () => {
      const { resource, object } = await manifestOf(row)
      await assertRefused(bob.create(resource, object))
      await alice.create(resource, object)
    })
  }
  for (const { name, ...row } of ALLOWED) {
    test(`${name}: allowed to Bob too, since it gets no certificate`, async () => {
      const { resource, object } = await manifestOf(row)
      await bob.create(resource, object)
    })
  }

  test('nothing that Bob may create, of any shape, gets a certificate by any flags', async () => {
    const { namespace } = await manifestOf({})
    const ask = routeRequests(await apiRequests(await stack.userKubeconfig('bob')))
    const look = async (generated: GeneratedRoute): Promise<void> => {
      const { status, given } = await ask({ ...generated, namespace })
      if (status < 300) assertLeftAlone({ apiVersion: TRAEFIK_API, ...generated, ...given })
    }
    await fc.assert(fc.asyncProperty(generatedRoute(), look), { seed: 1, numRuns: 300 })
  })
}

/** By flags that take in as much as they can. */
function assertLeftAlone(object: JsonObject): void {
  const route = parseRoute(object)
  assert.ok(route !== undefined)
  const { annotations } = route.metadata
  const ingressClass = route.spec.ingressClassName ?? annotations['kubernetes.io/ingress.class']
  for (const flags of [wildcardCluster, { ...wildcardCluster, ingressClass }]) {
    const tlsEntryPoints = [...route.spec.entryPoints, ...flags.tlsEntryPoints]
    const settings = settingsOf(route, { ...flags, tlsEntryPoints })
    assert.equal(decide(route, settings).kind, 'unmanaged')
  }
}

suite('creating a route', () => {
  creationTests()

  test('is allowed as soon as RBAC lets him', async () => {
    const { namespace, object } = await manifestOf({})
    await assertRefused(bob.create(RESOURCES.ingressRoutes, object))
    const grant = ['create', 'rolebinding', 'bob', `--clusterrole=${CERTIFICATE_CREATOR}`]
    await stack.kubectl([...grant, '--user=bob', '-n', namespace])
    await until('RBAC to know', async () => bob.create(RESOURCES.ingressRoutes, object))
  })

  test('kubectl says what to do', async () => {
    const input = JSON.stringify((await manifestOf({})).object)
    const kubeconfig = await stack.userKubeconfig('bob')
    const applied = stack.kubectl(['apply', '-f', '-'], { input, kubeconfig })
    await assert.rejects(applied, (error: Error) => error.message.includes(REFUSAL))
  })
})

type Change = { readonly name: string; readonly patch: JsonObject }

const REFUSED_CHANGES: readonly Change[] = [
  { name: 'another host', patch: { spec: { routes: [{ match: 'Host(`new.example.com`)' }] } } },
  { name: 'another app', patch: annotated({ 'tlsauto.dev/app': 'other' }) },
  { name: 'another issuer', patch: annotated({ 'cert-manager.io/issuer': 'other' }) },
  {
    name: 'the class of the solver',
    patch: annotated({ 'acme.cert-manager.io/http01-ingress-class': 'other' }),
  },
  { name: 'a class', patch: annotated({ 'kubernetes.io/ingress.class': 'traefik' }) },
  {
    name: 'the label of a carrier',
    patch: { metadata: { labels: { 'app.kubernetes.io/managed-by': 'tlsauto' } } },
  },
]

const ALLOWED_CHANGES: readonly Change[] = [
  { name: 'nothing', patch: {} },
  { name: "somebody else's annotation", patch: annotated({ 'example.com/note': 'x' }) },
  { name: 'a label', patch: { metadata: { labels: { team: 'x' } } } },
  { name: 'a finalizer', patch: { metadata: { finalizers: ['example.com/hold'] } } },
]

function changeTests(): void {
  for (const { name, patch } of REFUSED_CHANGES) {
    test(`${name}: refused`, async () => {
      const route = await routeOfAlice()
      await assertRefused(bob.mergePatch(route, patch))
      await alice.mergePatch(route, patch)
    })
  }
  for (const { name, patch } of ALLOWED_CHANGES) {
    test(`${name}: allowed`, async () => {
      await bob.mergePatch(await routeOfAlice(), patch)
    })
  }

  test('an opt-out: allowed, but not to take it back', async () => {
    const route = await routeOfAlice()
    await bob.mergePatch(route, annotated({ 'tlsauto.dev/enabled': 'false' }))
    await assertRefused(bob.mergePatch(route, annotated({ 'tlsauto.dev/enabled': null })))
  })

  test('its end: allowed, and a finalizer comes off', async () => {
    const route = await routeOfAlice()
    await bob.mergePatch(route, { metadata: { finalizers: ['example.com/hold'] } })
    await bob.delete(route)
    await bob.mergePatch(route, annotated({ 'tlsauto.dev/app': 'other' }))
    await bob.mergePatch(route, { metadata: { finalizers: null } })
    assert.equal(await find(stack.client, route), undefined)
  })
}

suite("changing Alice's route, as Bob", changeTests)

suite('while the webhook is down', () => {
  before(async () => {
    tlsauto.kill('SIGKILL')
    await tlsauto.exit()
  })

  creationTests()
  changeTests()

  test('what Alice made is completed afterwards: tlsauto may write routes and carriers', async () => {
    const match = 'Host(`a.late.example.com`) || Host(`b.late.example.com`)'
    const route = await routeOfAlice({ spec: { routes: [{ match }] } })
    await tlsauto.start()
    await until('the name of the Secret', async () => {
      const tls = objectAt(objectAt(await stored(stack.client, route), 'spec'), 'tls')
      return textAt(tls, 'secretName')
    })
    const carrier = { ...route, name: 'cert-r-b-late-example-com' }
    await until('the carrier of the second host', async () => find(stack.client, carrier))
  })
})

function annotated(annotations: JsonObject): JsonObject {
  return { metadata: { annotations } }
}

/** A route in a namespace of its own. */
async function manifestOf(row: Case): Promise<{
  readonly resource: Resource
  readonly namespace: string
  readonly object: JsonObject
}> {
  namespaces += 1
  const namespace = await makeNamespace(stack, `authorize-${namespaces}`, row.namespace)
  const { annotations = {}, metadata, tcp = false } = row
  const rules = [tcp ? 'HostSNI(`*`)' : `Host(\`${namespace}.example.com\`)`]
  const spec = { entryPoints: ['websecure'], ...row.spec }
  const route = routeManifest({ namespace, name: 'r', rules, annotations, spec })
  const resource = tcp ? RESOURCES.ingressRouteTCPs : RESOURCES.ingressRoutes
  const named = { ...route, kind: resource.kind }
  const object = { ...named, metadata: { ...objectAt(route, 'metadata'), ...metadata } }
  return { resource, namespace, object }
}

async function routeOfAlice(row: Case = {}): Promise<Target> {
  const { resource, namespace, object } = await manifestOf(row)
  await alice.create(resource, object)
  return { resource, namespace, name: 'r' }
}

async function assertRefused(answer: Promise<unknown>): Promise<void> {
  await assert.rejects(answer, (error) => isStatus(error, 403) && error.message.endsWith(REFUSAL))
}
