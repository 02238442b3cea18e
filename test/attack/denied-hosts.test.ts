import assert from 'node:assert/strict'
import { get } from 'node:http'
import { text } from 'node:stream/consumers'
import { after, before, suite, test } from 'node:test'
import { kubeClient } from '../../shared/kube/client.ts'
import { isJsonObject, listAt, objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { isStatus, type KubeError } from '../../shared/kube/kube-error.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { routeResource } from '../../shared/traefik/route-resource.ts'
import { itemsIn, kubectlTlsauto } from '../e2e/plugin.ts'
import { grantInNamespace } from '../stack/grant-in-namespace.ts'
import { find, makeNamespace, stored } from '../stack/objects.ts'
import { routeEvents } from '../stack/route-events.ts'
import { routeManifest, type RouteInput } from '../stack/route-manifest.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { startTlsauto, type Tlsauto } from '../stack/tlsauto.ts'
import { until } from '../stack/until.ts'

const VICTIM = 'victim.example.org'
/** In a rule, a host of the tenant's own: each namespace has another. */
const OWN = 'OWN.example.net'
const HOSTS = { resource: RESOURCES.validatingWebhooks, name: 'tlsauto-hosts' }

// A tenant with rights on routes, in namespaces of her own alone, wants to serve another namespace's host. Two of
// them are limited by allowed-domains, the other two by --host-claims=deny alone; one of each is opted out.
let stack: Stack
let tlsauto: Tlsauto
let mallory: KubeClient
let routes = 0

const OPTED_OUT = { labels: { 'tlsauto.dev/enabled': 'false' } }
const NAMESPACES = {
  limited: limitedTo('limited'),
  'limited-out': { ...limitedTo('limited-out'), ...OPTED_OUT },
  free: {},
  'free-out': OPTED_OUT,
} as const

function limitedTo(namespace: string) {
  return { annotations: { 'tlsauto.dev/allowed-domains': ownIn(namespace, OWN) } }
}

function ownIn(namespace: string, text: string): string {
  return text.replaceAll('OWN', namespace)
}

before(async () => {
  stack = await startStack()
  tlsauto = await startTlsauto(stack, { flags: ['--host-claims=deny'] })
  await makeNamespace(stack, 'victim', {
    annotations: { 'tlsauto.dev/allowed-domains': `${VICTIM}, *.${VICTIM}` },
  })
  for (const [name, metadata] of Object.entries(NAMESPACES)) {
    await makeNamespace(stack, name, metadata)
    await stack.backends.serve({ namespace: name, name: 'web', text: 'mallory' })
  }
  await stack.backends.serve({ namespace: 'victim', name: 'web', text: 'victim' })
  const web = routeManifest({
    namespace: 'victim',
    name: 'web',
    rules: [`Host(\`${VICTIM}\`)`],
    spec: { entryPoints: ['web'] },
  })
  await stack.client.create(RESOURCES.ingressRoutes, web)
  await grantRoutes('bob', Object.keys(NAMESPACES))
  mallory = kubeClient({ kubeconfig: await stack.userKubeconfig('bob') })
  await until('the rights, and the check', async () => {
    const own = manifest('free', {}, `Host(\`${OWN}\`)`)
    await mallory.create(RESOURCES.ingressRoutes, own, { dryRun: true })
    return (await attempt('free', {}, `Host(\`${VICTIM}\`)`)) === undefined ? undefined : true
  })
})

after(async () => {
  await stack.stop()
})

type Shape = Omit<RouteInput, 'namespace' | 'name' | 'rules'> & {
  readonly name: string
  /** What else `metadata` says. */
  readonly metadata?: JsonObject
  /** In the place of a rule for the victim's host. */
  readonly rule?: string
  /** With what it is denied. */
  readonly because?: RegExp
}

const UNBOUNDED = /not limited to named hosts/
const SNI = `HostSNI(\`${VICTIM}\`)`
const TCP = { kind: 'IngressRouteTCP', rule: SNI } as const

const SHAPES: readonly Shape[] = [
  { name: 'plainly' },
  { name: 'opted out', annotations: { 'tlsauto.dev/enabled': 'false' } },
  { name: 'with a Secret of her own', spec: { tls: { secretName: 'own' } } },
  { name: 'with a certResolver', spec: { tls: { certResolver: 'le' } } },
  { name: 'over plain HTTP', spec: { entryPoints: ['web'] } },
  { name: 'as if tlsauto had made it', metadata: { labels: ours() } },
  { name: 'for another class', spec: { ingressClassName: 'other' } },
  { name: 'below another route', spec: { parentRefs: [{ name: 'parent' }] } },
  { name: 'with one of many hosts', rule: `Host(\`${OWN}\`) || Host(\`${VICTIM}\`)` },
  { name: 'in another case, with a dot', rule: `Host(\`${VICTIM.toUpperCase()}.\`)` },
  { name: 'with two dots', rule: `Host(\`${VICTIM}..\`)` },
  { name: 'below a wildcard', rule: 'Host(`*.example.org`)' },
  { name: 'by a double negation', rule: `!(!Host(\`${VICTIM}\`))` },
  {
    name: 'in the syntax that Traefik may have by default',
    rule: `Host(\`${VICTIM}\`, \`${VICTIM}\`)`,
  },
  { name: 'in the old syntax', rule: `HostHeader(\`${VICTIM}\`)` },
  { name: 'by a pattern', rule: 'HostRegexp(`^victim.*$`)', because: UNBOUNDED },
  { name: 'by no host', rule: 'PathPrefix(`/`)', because: UNBOUNDED },
  { name: 'by every host', rule: 'Host(`*`)', because: UNBOUNDED },
  { name: 'by every host but one', rule: `!Host(\`${OWN}\`)`, because: UNBOUNDED },
  {
    name: 'by a host of her own or any path',
    rule: `Host(\`${OWN}\`) || PathPrefix(\`/\`)`,
    because: UNBOUNDED,
  },
  {
    name: 'by a matcher of a newer Traefik',
    rule: `Host(\`${OWN}\`) || Moon(\`full\`)`,
    because: UNBOUNDED,
  },
  {
    name: 'as a listed name',
    rule: `Host(\`${OWN}\`)`,
    spec: { tls: { domains: [{ main: OWN, sans: [VICTIM] }] } },
  },
  { name: 'over TCP', ...TCP, spec: { tls: {} } },
  { name: 'over TCP, passed through', ...TCP, spec: { tls: { passthrough: true } } },
  { name: 'over TCP, with a Secret of her own', ...TCP, spec: { tls: { secretName: 'own' } } },
  { name: 'over TCP without TLS', ...TCP },
  {
    name: 'over TCP for all',
    ...TCP,
    rule: 'HostSNI(`*`)',
    spec: { tls: { passthrough: true } },
    because: UNBOUNDED,
  },
  {
    name: 'over TCP by a pattern',
    ...TCP,
    rule: 'HostSNIRegexp(`.*`)',
    spec: { tls: {} },
    because: UNBOUNDED,
  },
]

const BECAUSE: Readonly<Record<string, RegExp>> = {
  limited: /is not in the namespace's tlsauto\.dev\/allowed-domains|another namespace holds/,
  free: /another namespace holds/,
}

for (const namespace of Object.keys(NAMESPACES)) {
  suite(`in namespace ${namespace} a tenant takes another namespace's host`, () => {
    for (const shape of SHAPES) {
      test(`${shape.name}: denied`, async () => {
        const because = shape.because ?? BECAUSE[namespace.replace('-out', '')] ?? /^$/
        assert.match((await attempt(namespace, shape, ruleOf(shape))) ?? 'it was let in', because)
      })
    }

    test('on a route that is being deleted: denied, and the finalizer can go', async () => {
      const target = await createOwn(namespace, { finalizers: ['example.net/wait'] })
      await mallory.delete(target)
      const rules = [`Host(\`${VICTIM}\`)`, 'PathPrefix(`/`)', '&'.repeat(45_000)]
      for (const match of rules) {
        const routes = [{ kind: 'Rule', match, priority: 1_000_000 }]
        await assert.rejects(mallory.mergePatch(target, { spec: { routes } }), isDenial)
      }
      await mallory.mergePatch(target, { metadata: { finalizers: null } })
      await until(
        'its end',
        async () => (await find(stack.client, target)) === undefined || undefined,
      )
    })

    test('by changing a route of her own: denied', async () => {
      const target = await createOwn(namespace)
      const routes = [{ kind: 'Rule', match: `Host(\`${VICTIM}\`)` }]
      await assert.rejects(mallory.mergePatch(target, { spec: { routes } }), isDenial)
      await mallory.mergePatch(target, { metadata: { labels: { note: 'mine' } } })
      await mallory.delete(target)
    })
  })
}

test('on a route that costs too much to read a tenant takes another namespace’s host: denied', async () => {
  for (const count of [140_000, 300_000]) {
    const sans = Array.from({ length: count }, () => 'a')
    const spec = { tls: { secretName: 'own', domains: [{ sans }] } }
    const said = await attempt('limited', { spec }, `Host(\`${VICTIM}\`)`)
    assert.match(said ?? 'it was let in', /has too many values/)
  }
})

test('on a route whose rules take long to read a tenant takes another namespace’s host: denied', async () => {
  const hosts = Array.from({ length: 90_000 }, (_, at) => `\`h${at}.o\``)
  const long = [
    `Host(\`${VICTIM}\`) || Host(${hosts.join()})`,
    [`Host(\`${VICTIM}\`)`, ...hosts.slice(0, 60_000).map((one) => `Host(${one})`)].join('||'),
  ]
  const rules = hosts.slice(0, 30_000).map((one) => ({ kind: 'Rule', match: `Host(${one})` }))
  const many = [{ kind: 'Rule', match: `Host(\`${VICTIM}\`)` }, ...rules]
  for (const [rule, spec] of [
    ...long.map((rule) => [rule, {}] as const),
    ['', { routes: many }] as const,
  ]) {
    for (const namespace of ['limited', 'free']) {
      // Where the machine has too much to do any review may be late: only what is slow by itself always is.
      const said = await until('a denial', async () => attempt(namespace, { spec }, rule), 60_000)
      assert.match(said, /too long for its hosts to be checked/)
    }
  }
})

test('in a namespace that is a moment old a tenant takes another namespace’s host: denied', async () => {
  for (let round = 0; round < 5; round += 1) {
    const namespace = await makeNamespace(stack, `young-${round}`, limitedTo('young'))
    const route = manifest(namespace, {}, 'Host(`nobody.example.org`)')
    await assert.rejects(stack.client.create(RESOURCES.ingressRoutes, route), isDenial)
  }
})

test('a route of the highest priority for the victim’s host can’t be stored: the victim serves', async () => {
  await until('the victim', async () => (await page(VICTIM)) === 'victim' || undefined)
  const spec = {
    entryPoints: ['web'],
    routes: [
      {
        kind: 'Rule',
        match: `Host(\`${VICTIM}\`) && PathPrefix(\`/\`)`,
        priority: 1_000_000_000,
        services: [{ name: 'web', port: 8080 }],
      },
    ],
  }
  for (const namespace of Object.keys(NAMESPACES)) {
    const route = { ...manifest(namespace, {}, ''), spec }
    await assert.rejects(mallory.create(RESOURCES.ingressRoutes, route), isDenial)
  }
  // Traefik hears of routes in this order: once it serves this one, it would have heard of the others.
  const own = manifest('free', { spec: { entryPoints: ['web'] } }, `Host(\`${OWN}\`)`)
  await mallory.create(RESOURCES.ingressRoutes, own)
  await until(
    'her own page',
    async () => (await page(ownIn('free', OWN))) === 'mallory' || undefined,
  )
  assert.equal(await page(VICTIM), 'victim')
})

test('what was stored while tlsauto was away is found, and can be repaired', async () => {
  await tlsauto.stop()
  const shape = { annotations: { 'tlsauto.dev/enabled': 'false' } }
  const route = manifest('limited', shape, `Host(\`${VICTIM}\`)`)
  const name = textAt(objectAt(route, 'metadata'), 'name') ?? ''
  await mallory.create(RESOURCES.ingressRoutes, route)
  await tlsauto.start()
  const told = await until('an Event on it', async () => {
    const events = await routeEvents(stack, 'limited')
    return events.find((event) => event.startsWith(`${name}: HostNotAllowed: ${VICTIM}`))
  })
  assert.match(told, /is not in the namespace's tlsauto\.dev\/allowed-domains/)
  const metrics = await (await fetch(tlsauto.metricsUrl)).text()
  assert.match(metrics, /^tlsauto_host_violations\{reason="HostNotAllowed"\} 1$/m)
  const shown = await kubectlTlsauto(stack, ['status', '-n', 'limited', '--problems', '-o', 'json'])
  const { domain, reason, state } = itemsIn(shown.stdout).find((one) => one['route'] === name) ?? {}
  assert.deepEqual(
    { code: shown.code, domain, reason, state },
    { code: 1, domain: VICTIM, reason: 'HostNotAllowed', state: 'conflict' },
  )
  const target = { resource: RESOURCES.ingressRoutes, namespace: 'limited', name }
  await mallory.mergePatch(target, { metadata: { labels: { note: 'mine' } } })
  await assert.rejects(
    mallory.mergePatch(target, { spec: { routes: [{ kind: 'Rule', match: 'Host(`a.org`)' }] } }),
    isDenial,
  )
  const services = [{ name: 'web', port: 8080 }]
  const first = { kind: 'Rule', match: `Host(\`${VICTIM}\`)`, priority: 1_000_000, services }
  await assert.rejects(mallory.mergePatch(target, { spec: { routes: [first] } }), isDenial)
  await mallory.delete(target)
  await until('its end in the metric', async () => {
    const text = await (await fetch(tlsauto.metricsUrl)).text()
    return !text.includes('tlsauto_host_violations{') || undefined
  })
})

test('with failurePolicy Fail nothing is stored while tlsauto is away', async () => {
  const path = '/webhooks/0/failurePolicy'
  await stack.client.jsonPatch(HOSTS, [{ op: 'replace', path, value: 'Fail' }])
  await tlsauto.stop()
  await until('the API server to know', async () => {
    const dryRun = { dryRun: true }
    const own = manifest('free', {}, `Host(\`${OWN}\`)`)
    return mallory.create(RESOURCES.ingressRoutes, own, dryRun).then(
      () => undefined,
      (error: unknown) => isStatus(error, 500) || undefined,
    )
  })
  await tlsauto.start()
  const policy = textAt(webhookOf(await stored(stack.client, HOSTS)), 'failurePolicy')
  assert.equal(policy, 'Fail')
  const own = manifest('free', {}, `Host(\`${OWN}\`)`)
  await until('the check to answer', async () =>
    mallory.create(RESOURCES.ingressRoutes, own, { dryRun: true }).then(
      () => true,
      () => undefined,
    ),
  )
})

/** Why mallory's route is denied; undefined: it was let in, which is undone. */
async function attempt(
  namespace: string,
  shape: Partial<Shape>,
  rule: string,
): Promise<string | undefined> {
  const resource = routeResource(shape.kind ?? 'IngressRoute')
  const route = manifest(namespace, shape, rule)
  try {
    await mallory.create(resource, route)
  } catch (error) {
    if (isDenial(error)) return error.message
    throw error
  }
  const name = textAt(objectAt(route, 'metadata'), 'name') ?? ''
  await stack.client.delete({ resource, namespace, name })
  return undefined
}

function isDenial(error: unknown): error is KubeError {
  return isStatus(error, 403) && error.message.includes('"hosts.tlsauto.dev" denied the request')
}

function ruleOf({ rule = `Host(\`${VICTIM}\`)` }: Shape): string {
  return rule
}

function manifest(namespace: string, shape: Partial<Shape>, rule: string): JsonObject {
  routes += 1
  const { kind, annotations, spec, metadata } = shape
  const route = routeManifest({
    ...(kind === undefined ? {} : { kind }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(spec === undefined ? {} : { spec }),
    namespace,
    name: `route-${routes}`,
    rules: [rule],
  })
  const own = parsed(ownIn(namespace, JSON.stringify(route)))
  return { ...own, metadata: { ...objectAt(own, 'metadata'), ...metadata } }
}

function parsed(json: string): JsonObject {
  const value: unknown = JSON.parse(json)
  return isJsonObject(value) ? value : {}
}

async function createOwn(namespace: string, metadata: JsonObject = {}) {
  const route = manifest(namespace, { metadata }, `Host(\`${OWN}\`)`)
  await mallory.create(RESOURCES.ingressRoutes, route)
  const name = textAt(objectAt(route, 'metadata'), 'name') ?? ''
  return { resource: RESOURCES.ingressRoutes, namespace, name }
}

function ours(): JsonObject {
  return { 'app.kubernetes.io/managed-by': 'tlsauto' }
}

function webhookOf(configuration: JsonObject): JsonObject {
  return listAt(configuration, 'webhooks').find(isJsonObject) ?? {}
}

/** All rights on routes, in these namespaces alone. */
async function grantRoutes(user: string, namespaces: readonly string[]): Promise<void> {
  const resources = ['ingressroutes', 'ingressroutetcps']
  const rules = [{ apiGroups: ['traefik.io'], resources, verbs: ['*'] }]
  for (const namespace of namespaces) await grantInNamespace(stack, { user, namespace }, rules)
}

/** What Traefik answers for a host over plain HTTP. */
async function page(host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const at = { host: '127.0.0.1', port: stack.web, headers: { host }, agent: false }
    get(at, (answer) => {
      text(answer).then((body) => resolve(body.trim()), reject)
    }).on('error', reject)
  })
}
