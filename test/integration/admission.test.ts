import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { objectAt, stringsAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import { parseMeta } from '../../shared/kube/object.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { routeResource } from '../../shared/traefik/route-resource.ts'
import { find, makeNamespace, stored } from '../stack/objects.ts'
import { routeManifest, type RouteInput } from '../stack/route-manifest.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { startTlsauto, type Tlsauto } from '../stack/tlsauto.ts'
import { until } from '../stack/until.ts'

// No issuer is installed: nothing here is ever issued, and cert-manager is quiet.
let stack: Stack
let tlsauto: Tlsauto
let namespaces = 0
let labels = 0

before(async () => {
  stack = await startStack()
  tlsauto = await startTlsauto(stack)
})

after(async () => {
  await stack.stop()
})

const SECRET = 'tlsauto.dev/secret'
/** A route that spoke no plain HTTP has none to lose. */
const SECURE = { entryPoints: ['websecure'] }

type Row = {
  readonly name: string
  /** What is created, and what comes of it; `h` is a label of a host that no other test has. */
  readonly on: (h: string) => Case
}

type Case = Omit<RouteInput, 'namespace' | 'name'> & {
  readonly namespace?: Parameters<typeof makeNamespace>[2]
  /** What is stored as `spec.tls`, and as `tlsauto.dev/secret`. */
  readonly tls?: JsonObject
  readonly secret?: string
  readonly warnings?: readonly string[]
}

function hostRule(h: string): string {
  return `Host(\`${h}.example.com\`)`
}

function named(h: string): { readonly tls: JsonObject; readonly secret: string } {
  const secret = `tls-r-${h}-example-com`
  return { tls: { secretName: secret }, secret }
}

const CREATIONS: readonly Row[] = [
  {
    name: 'a plain route gets the name of its Secret without a word: its companion keeps plain HTTP',
    on: (h) => ({ rules: [hostRule(h)], ...named(h) }),
  },
  {
    name: 'an HTTPS route gets it without a word',
    on: (h) => ({ rules: [hostRule(h)], spec: SECURE, ...named(h) }),
  },
  {
    name: 'the first host that the rules can serve is the primary one, in lower case',
    on: (h) => ({
      rules: [
        'PathPrefix(`/x`)',
        '!Host(`no.example.com`)',
        `Host(\`B.${h}.Example.com\`) || Host(\`c.${h}.org\`)`,
      ],
      spec: SECURE,
      tls: { secretName: `tls-r-b-${h}-example-com` },
      secret: `tls-r-b-${h}-example-com`,
    }),
  },
  {
    name: 'the app in the name is the annotation',
    on: (h) => ({
      rules: [hostRule(h)],
      spec: SECURE,
      annotations: { 'tlsauto.dev/app': 'app-123' },
      tls: { secretName: `tls-app-123-${h}-example-com` },
      secret: `tls-app-123-${h}-example-com`,
    }),
  },
  {
    name: 'an empty tls is filled in',
    on: (h) => ({ rules: [hostRule(h)], spec: { ...SECURE, tls: {} }, ...named(h) }),
  },
  {
    name: 'a tls that is null counts as absent',
    on: (h) => ({ rules: [hostRule(h)], spec: { ...SECURE, tls: null }, ...named(h) }),
  },
  {
    name: 'what tls says otherwise stays',
    on: (h) => ({
      rules: [hostRule(h)],
      spec: {
        ...SECURE,
        tls: { options: { name: 'mine' }, domains: [{ main: `${h}.example.com` }] },
      },
      tls: {
        options: { name: 'mine' },
        domains: [{ main: `${h}.example.com` }],
        secretName: `tls-r-${h}-example-com`,
      },
      secret: `tls-r-${h}-example-com`,
    }),
  },
  {
    name: 'a host more that can have no certificate is a warning, and the rest goes on',
    on: (h) => ({
      rules: [hostRule(h), 'Host(`192.0.2.1`)'],
      spec: SECURE,
      ...named(h),
      warnings: ['spec.routes[1].match: no certificate for the address 192.0.2.1; use a DNS name'],
    }),
  },
  {
    name: 'an unreadable rule is allowed, with a warning that gives the position',
    on: () => ({
      rules: ['Host(`x.example.com`) && PathPrefix(`/x`'],
      spec: SECURE,
      warnings: [
        'spec.routes[0].match: Traefik refuses this rule at 1:41: a ( is never closed: put ) at the end',
      ],
    }),
  },
  {
    name: 'an unreadable rule does not keep another one from its certificate',
    on: (h) => ({
      rules: ['Host(`x`', hostRule(h)],
      spec: SECURE,
      ...named(h),
      warnings: [
        'spec.routes[0].match: Traefik refuses this rule at 1:9: a ( is never closed: put ) at the end',
      ],
    }),
  },
  {
    name: 'an annotation that opts out leaves the route alone',
    on: (h) => ({ rules: [hostRule(h)], annotations: { 'tlsauto.dev/enabled': 'false' } }),
  },
  {
    name: "a namespace's label does so for all of its routes",
    on: (h) => ({
      rules: [hostRule(h)],
      namespace: { labels: { 'tlsauto.dev/enabled': 'false' } },
    }),
  },
  {
    name: "a namespace's label leaves its routes to carriers",
    on: (h) => ({ rules: [hostRule(h)], namespace: { labels: { 'tlsauto.dev/attach': 'carry' } } }),
  },
  {
    name: 'an annotation leaves the route to carriers',
    on: (h) => ({ rules: [hostRule(h)], annotations: { 'tlsauto.dev/attach': 'carry' } }),
  },
  {
    name: "a Secret of the user's own stays",
    on: (h) => ({
      rules: [hostRule(h)],
      spec: { tls: { secretName: 'mine' } },
      tls: { secretName: 'mine' },
    }),
  },
  {
    name: "a Secret of the user's own stays beside an issuer annotation too",
    on: (h) => ({
      rules: [hostRule(h)],
      annotations: { 'cert-manager.io/issuer': 'ca' },
      spec: { ...SECURE, tls: { secretName: 'mine' } },
      tls: { secretName: 'mine' },
    }),
  },
  {
    name: "Traefik's own resolver stays",
    on: (h) => ({
      rules: [hostRule(h)],
      spec: { tls: { certResolver: 'le' } },
      tls: { certResolver: 'le' },
    }),
  },
  {
    name: 'a child of another router can have no TLS',
    on: (h) => ({
      rules: [hostRule(h)],
      spec: { parentRefs: [{ name: 'parent' }] },
      warnings: ['spec.parentRefs: a route with parentRefs cannot have TLS; the parent route can'],
    }),
  },
  {
    name: 'a route on HTTP entry points only stays there',
    on: (h) => ({
      rules: [hostRule(h)],
      spec: { entryPoints: ['web'] },
      warnings: [
        'spec.entryPoints: no HTTPS: none of its entry points (web) speaks TLS; add websecure',
      ],
    }),
  },
  {
    name: 'a route of another ingress class is none of ours',
    on: (h) => ({ rules: [hostRule(h)], annotations: { 'kubernetes.io/ingress.class': 'other' } }),
  },
  {
    name: 'a wildcard needs an issuer that can sign it',
    on: (h) => ({
      rules: [`Host(\`*.${h}.example.com\`)`],
      warnings: [
        `spec.routes[0].match: no certificate for *.${h}.example.com: set --wildcard-cluster-issuer (DNS-01)`,
      ],
    }),
  },
  {
    name: 'a rule without a host can have no certificate',
    on: () => ({
      rules: ['PathPrefix(`/`)'],
      warnings: ['spec.routes: no certificate: no rule names a host; add Host(`shop.example.com`)'],
    }),
  },
  {
    name: 'the names that the user lists himself are those that count',
    on: (h) => ({
      rules: [hostRule(h)],
      spec: { ...SECURE, tls: { domains: [{ main: `${h}.org`, sans: [`www.${h}.org`] }] } },
      tls: {
        domains: [{ main: `${h}.org`, sans: [`www.${h}.org`] }],
        secretName: `tls-r-${h}-org`,
      },
      secret: `tls-r-${h}-org`,
      warnings: [
        `spec.routes[0].match: no certificate for ${h}.example.com: spec.tls.domains leaves it out`,
      ],
    }),
  },
  {
    name: 'a TCP route whose TLS ends at Traefik gets the name of its Secret',
    on: (h) => ({
      kind: 'IngressRouteTCP',
      rules: [`HostSNI(\`${h}.example.com\`)`],
      spec: { tls: {} },
      ...named(h),
    }),
  },
  {
    name: 'a TCP route without TLS stays as it is',
    on: (h) => ({ kind: 'IngressRouteTCP', rules: [`HostSNI(\`${h}.example.com\`)`] }),
  },
  {
    name: 'and so does one that passes TLS through',
    on: (h) => ({
      kind: 'IngressRouteTCP',
      rules: [`HostSNI(\`${h}.example.com\`)`],
      spec: { tls: { passthrough: true } },
      tls: { passthrough: true },
    }),
  },
]

const MALFORMED = 'Host(``)||'.repeat(1000)

const DENIALS: readonly { readonly name: string; readonly on: (h: string) => Denied }[] = [
  {
    name: 'two issuers are one too many',
    on: (h) => ({
      rules: [hostRule(h)],
      annotations: { 'cert-manager.io/issuer': 'a', 'cert-manager.io/cluster-issuer': 'b' },
      denial:
        'metadata.annotations[cert-manager.io/cluster-issuer]: stands beside cert-manager.io/issuer; remove one',
    }),
  },
  {
    name: "a setting that can't be read is told with what it should be",
    on: (h) => ({
      rules: [hostRule(h)],
      annotations: { 'tlsauto.dev/enabled': 'no' },
      denial:
        'metadata.annotations[tlsauto.dev/enabled]: no certificate: "no" is not "true" or "false"; correct it',
    }),
  },
  {
    name: "a host that its namespace is not allowed is its namespace's to allow",
    on: (h) => ({
      rules: ['Host(`a.allowed.org`)', hostRule(h)],
      namespace: { annotations: { 'tlsauto.dev/allowed-domains': '*.allowed.org' } },
      by: 'hosts',
      denial: `spec.routes[1].match: ${h}.example.com is not in the namespace's tlsauto.dev/allowed-domains: add it there`,
    }),
  },
  {
    name: 'a malformed rule of over 8 kB would cost Traefik its memory',
    on: () => ({
      rules: [MALFORMED],
      by: 'hosts',
      denial:
        'spec.routes[0].match: Traefik refuses this rule of over 8 kB, at the cost of its memory: correct it at ',
    }),
  },
  {
    name: 'also on a route that brings its own Secret',
    on: () => ({
      rules: [MALFORMED],
      spec: { tls: { secretName: 'mine' } },
      by: 'hosts',
      denial: 'spec.routes[0].match: Traefik refuses this rule of over 8 kB',
    }),
  },
]

type Denied = Omit<RouteInput, 'namespace' | 'name'> & {
  readonly namespace?: Case['namespace']
  /** The webhook that denies it. */
  readonly by?: 'validate' | 'hosts'
  readonly denial: string
}

suite('a denial', () => {
  for (const { name, on } of DENIALS) {
    test(name, async () => {
      const { namespace: metadata, by = 'validate', denial, ...row } = on(ownLabel())
      const namespace = await ownNamespace(metadata)
      // The namespace's settings have reached the webhook once it answers by them.
      await until(`the denial of a route in ${namespace}`, async () => {
        const input = JSON.stringify(routeManifest({ ...row, namespace, name: 'r' }))
        const dryRun = ['create', '--dry-run=server', '-f', '-']
        try {
          await stack.kubectl(dryRun, { input })
          return undefined
        } catch (error) {
          assert.ok(error instanceof Error)
          const said = `admission webhook "${by}.tlsauto.dev" denied the request: `
          assert.ok(error.message.includes(`${said}${denial}`), error.message)
          return true
        }
      })
    })
  }

  test('is never for what the stored route had already, so that it can always be deleted', async () => {
    const namespace = await ownNamespace()
    const rules = [MALFORMED]
    const manifest = routeManifest({ namespace, name: 'r', rules })
    const finalizers = ['example.com/wait']
    await tlsauto.stop()
    await stack.client.create(RESOURCES.ingressRoutes, {
      ...manifest,
      metadata: { namespace, name: 'r', finalizers },
    })
    await tlsauto.start()
    const at = routeAt({ namespace, name: 'r' })
    const update = async (metadata: JsonObject) => stack.client.mergePatch(at, { metadata })
    await update({ labels: { touched: 'yes' } })
    await stack.client.delete(at)
    await update({ annotations: { 'tlsauto.dev/app': 'Not An App' } })
    await update({ finalizers: [] })
    await until('it to be gone', async () => ((await find(stack.client, at)) ? undefined : true))
  })
})

suite('beside a TCP route', () => {
  test('a plain route leaves its host to it, and hears so; one with tls has chosen', async () => {
    const namespace = await ownNamespace()
    const h = ownLabel()
    const sni = [`HostSNI(\`${h}.example.com\`)`]
    const at = { namespace, name: 'r' }
    await stack.client.create(
      RESOURCES.ingressRouteTCPs,
      routeManifest({ ...at, kind: 'IngressRouteTCP', rules: sni, spec: { tls: {} } }),
    )
    const create = async (spec: JsonObject): Promise<string> => {
      const input = JSON.stringify(routeManifest({ ...at, rules: [hostRule(h)], spec }))
      const answer = ['create', '--dry-run=server', '-o', 'jsonpath={.spec.tls}', '-f', '-']
      const { stdout, stderr } = await stack.kubectl(answer, { input })
      return `${stderr}${stdout}`
    }
    await until('the webhook to know the TCP route', async () => {
      const want = `Warning: spec.routes: no HTTPS: an IngressRouteTCP serves ${h}.example.com over TLS; remove it, or give this route tls: {}\n`
      return (await create({})) === want || undefined
    })
    assert.equal(await create({ ...SECURE, tls: {} }), JSON.stringify(named(h).tls))
  })
})

suite('creating a route', () => {
  for (const { name, on } of CREATIONS) test(name, async () => assertCreated(on))

  test('with a generated name the controller names the Secret: admission knows no name yet', async () => {
    const namespace = await ownNamespace()
    const h = ownLabel()
    const route = routeManifest({ namespace, name: '', rules: [hostRule(h)], spec: SECURE })
    const created = await stack.client.create(RESOURCES.ingressRoutes, {
      ...route,
      metadata: { namespace, generateName: 'preview-' },
    })
    assert.deepEqual(objectAt(created, 'spec')['tls'], undefined)
    const name = textAt(objectAt(created, 'metadata'), 'name') ?? ''
    const secret = `tls-${name}-${h}-example-com`
    assert.deepEqual(await completed({ namespace, name }), { secretName: secret, secret })
  })

  test('in a dry run the answer is the same, and nothing is made', async () => {
    const namespace = await ownNamespace()
    const h = ownLabel()
    const rules = [hostRule(h)]
    const input = JSON.stringify(routeManifest({ namespace, name: 'r', rules, spec: SECURE }))
    const dryRun = ['apply', '--dry-run=server', '-o', 'jsonpath={.spec.tls}', '-f', '-']
    const { stdout } = await stack.kubectl(dryRun, { input })
    assert.deepEqual(JSON.parse(stdout), named(h).tls)
    const name = `cert-r-${h}-example-com`
    const certificate = { resource: RESOURCES.certificates, namespace, name }
    assert.equal(await find(stack.client, certificate), undefined)
  })
})

suite('applying a route again', () => {
  for (const [how, again] of [
    ['client-side', ['apply', '-f', '-']],
    ['server-side', ['apply', '--server-side', '-f', '-']],
    ['by replace', ['replace', '-f', '-']],
  ] as const) {
    test(`${how} changes nothing, and kubectl diff finds nothing`, async () => {
      const namespace = await ownNamespace()
      const h = ownLabel()
      const route = routeManifest({ namespace, name: 'r', rules: [hostRule(h)], spec: SECURE })
      const input = JSON.stringify(route)
      const first = again[0] === 'replace' ? ['create', '-f', '-'] : again
      await stack.kubectl(first, { input })
      const before = await routeState(namespace)
      for (let times = 0; times < 3; times += 1) await stack.kubectl(again, { input })
      assert.deepEqual(await routeState(namespace), before)
      assert.deepEqual(before, { generation: 1, ...named(h) })
      const mode = again.length === 4 ? ['--server-side'] : []
      if (again[0] === 'apply') await stack.kubectl(['diff', ...mode, '-f', '-'], { input })
    })
  }

  test('a warning is not repeated for what the stored route had already', async () => {
    const namespace = await ownNamespace()
    const apply = async (rules: readonly string[]): Promise<string> => {
      const input = JSON.stringify(routeManifest({ namespace, name: 'r', rules }))
      return (await stack.kubectl(['apply', '-f', '-'], { input })).stderr
    }
    const address = 'Host(`192.0.2.1`)'
    const warning =
      'Warning: spec.routes[1].match: no certificate for the address 192.0.2.1; use a DNS name\n'
    const h = ownLabel()
    assert.equal(await apply([hostRule(h), address]), warning)
    assert.equal(await apply([hostRule(h), address, hostRule(ownLabel())]), '')
  })
})

type Update = { readonly name: string; readonly on: (h: string) => Replacement }
type Replacement = Omit<Case, 'rules'> & Partial<Pick<Case, 'rules'>>

/** Each replaces, as a whole, a route that got its Secret's name from us. */
const UPDATES: readonly Update[] = [
  { name: 'a PUT without tls gets the same name back', on: (h) => ({ ...named(h) }) },
  { name: 'so does one with an empty tls', on: (h) => ({ spec: { tls: {} }, ...named(h) }) },
  {
    name: 'the annotation alone comes back where only it is missing',
    on: (h) => ({ spec: { tls: named(h).tls }, ...named(h) }),
  },
  {
    name: 'the secretName alone comes back where only it is missing',
    on: (h) => ({ annotations: { [SECRET]: named(h).secret }, ...named(h) }),
  },
  {
    name: 'the name stays when the primary host changes: only the controller may move it',
    on: (h) => ({ rules: [hostRule(`new-${h}`)], ...named(h) }),
  },
  {
    name: "not beside a Secret of the user's own",
    on: () => ({ spec: { tls: { secretName: 'mine' } }, tls: { secretName: 'mine' } }),
  },
  {
    name: "not beside Traefik's resolver",
    on: () => ({ spec: { tls: { certResolver: 'le' } }, tls: { certResolver: 'le' } }),
  },
  {
    name: 'not after an opt-out',
    on: () => ({ annotations: { 'tlsauto.dev/enabled': 'false' } }),
  },
  {
    name: 'not once carriers are asked for',
    on: () => ({ annotations: { 'tlsauto.dev/attach': 'carry' } }),
  },
]

suite('replacing a route that has its name from us', () => {
  for (const { name, on } of UPDATES) {
    test(name, async () => {
      const namespace = await ownNamespace()
      const h = ownLabel()
      const at = { namespace, name: 'r' }
      const first = [hostRule(h)]
      const { rules = first, annotations, spec, tls, secret } = on(h)
      const route = routeManifest({ ...at, rules: first, spec: SECURE })
      await stack.client.create(RESOURCES.ingressRoutes, route)
      await stack.kubectl(['replace', '-f', '-'], {
        input: JSON.stringify(
          routeManifest({
            ...at,
            rules,
            spec: { ...SECURE, ...spec },
            ...(annotations === undefined ? {} : { annotations }),
          }),
        ),
      })
      const { generation: _, ...state } = await routeState(namespace)
      assert.deepEqual(state, { tls, secret })
    })
  }
})

suite('while the webhook is down', () => {
  test('a route is created all the same, and completed by the controller afterwards', async () => {
    tlsauto.kill('SIGKILL')
    await tlsauto.exit()
    const namespace = await ownNamespace()
    const at = { namespace, name: 'r' }
    const [h, second] = [ownLabel(), ownLabel()]
    const rules = [hostRule(h), hostRule(second)]
    await stack.client.create(
      RESOURCES.ingressRoutes,
      routeManifest({ ...at, rules, spec: SECURE }),
    )
    assert.deepEqual(await routeState(namespace), {
      generation: 1,
      tls: undefined,
      secret: undefined,
    })
    await tlsauto.start()
    const secretName = named(h).secret
    assert.deepEqual(await completed(at), { secretName, secret: secretName })
    assert.equal((await routeState(namespace)).generation, 2)
    for (const host of [h, second]) {
      const name = `cert-r-${host}-example-com`
      await until(`Certificate ${name}`, async () =>
        find(stack.client, { resource: RESOURCES.certificates, namespace, name }),
      )
    }
  })
})

suite('a host whose certificate another namespace has', () => {
  test('is a warning', async () => {
    const { h, create } = await heldHost()
    assert.equal(await create(), `Warning: ${heldElsewhere(h)}\n`)
  })

  test('is denied with --host-claims=deny', async () => {
    await restartWith(['--host-claims=deny'])
    const { h, create } = await heldHost()
    await assert.rejects(create(), (error: Error) => error.message.includes(heldElsewhere(h)))
  })
})

suite('with --attach=carry', () => {
  before(async () => restartWith(['--attach=carry', '--wildcard-cluster-issuer=dns']))

  test('nothing is added to a route, and nothing is said', async () =>
    assertCreated((h) => ({ rules: [hostRule(h)] })))

  test('but where the route asks for it', async () =>
    assertCreated((h) => ({
      rules: [hostRule(h)],
      annotations: { 'tlsauto.dev/attach': 'inject' },
      ...named(h),
    })))

  test('a wildcard is welcome with --wildcard-cluster-issuer', async () =>
    assertCreated((h) => ({
      rules: [`Host(\`*.${h}.example.com\`)`],
      annotations: { 'tlsauto.dev/attach': 'inject' },
      spec: SECURE,
      tls: { secretName: `tls-r-wildcard-${h}-example-com` },
      secret: `tls-r-wildcard-${h}-example-com`,
    })))
})

suite('with --default-tls-options', () => {
  before(async () => restartWith(['--default-tls-options=mtls@file']))

  test('the options come with the name', async () =>
    assertCreated((h) => ({
      rules: [hostRule(h)],
      spec: SECURE,
      ...named(h),
      tls: { ...named(h).tls, options: { name: 'mtls@file' } },
    })))

  test("but not beside the route's own", async () =>
    assertCreated((h) => ({
      rules: [hostRule(h)],
      spec: { ...SECURE, tls: { options: { name: 'mine' } } },
      ...named(h),
      tls: { ...named(h).tls, options: { name: 'mine' } },
    })))
})

/** A host that a Certificate of one namespace stands for; `create` claims it from another. */
async function heldHost(): Promise<{
  readonly h: string
  readonly create: () => Promise<string>
}> {
  const h = ownLabel()
  const [first, second] = [await ownNamespace(), await ownNamespace()]
  const route = { name: 'r', rules: [hostRule(h)], spec: SECURE }
  await stack.client.create(RESOURCES.ingressRoutes, routeManifest({ ...route, namespace: first }))
  const name = `cert-r-${h}-example-com`
  await until('its Certificate', async () =>
    find(stack.client, { resource: RESOURCES.certificates, namespace: first, name }),
  )
  const input = JSON.stringify(routeManifest({ ...route, namespace: second }))
  const create = async (): Promise<string> =>
    (await stack.kubectl(['create', '-f', '-'], { input })).stderr
  return { h, create }
}
function heldElsewhere(h: string): string {
  return `spec.routes[0].match: another namespace holds ${h}.example.com, and Traefik may serve either; use another host`
}

async function restartWith(flags: readonly string[]): Promise<void> {
  await tlsauto.stop()
  tlsauto = await startTlsauto(stack, { flags })
}

/** Creates the case's route, and compares what is stored and what was said with what it wants. */
async function assertCreated(on: Row['on']): Promise<void> {
  const row = on(ownLabel())
  const namespace = await ownNamespace(row.namespace)
  const route = routeManifest({ ...row, namespace, name: 'r' })
  const input = JSON.stringify(route)
  const { stderr } = await stack.kubectl(['create', '-f', '-'], { input })
  const resource = routeResource(row.kind ?? 'IngressRoute')
  const object = await stored(stack.client, { resource, namespace, name: 'r' })
  const { tls: _, ...spec } = objectAt(route, 'spec')
  const annotations = {
    ...row.annotations,
    ...(row.secret === undefined ? {} : { [SECRET]: row.secret }),
  }
  assert.deepEqual(
    {
      annotations: stringsAt(objectAt(object, 'metadata'), 'annotations'),
      spec: object['spec'],
      warnings: stderr.split('\n').filter((line) => line !== ''),
    },
    {
      annotations,
      spec: row.tls === undefined ? spec : { ...spec, tls: row.tls },
      warnings: (row.warnings ?? []).map((warning) => `Warning: ${warning}`),
    },
  )
}

type State = {
  readonly generation: number | undefined
  readonly tls: unknown
  readonly secret: string | undefined
}

async function routeState(namespace: string): Promise<State> {
  const object = await stored(stack.client, routeAt({ namespace, name: 'r' }))
  const metadata = parseMeta(object['metadata'])
  return {
    generation: metadata?.generation,
    tls: objectAt(object, 'spec')['tls'],
    secret: metadata?.annotations[SECRET],
  }
}

/** What the controller wrote into the route, once it has. */
async function completed(at: {
  readonly namespace: string
  readonly name: string
}): Promise<{ readonly secretName: string; readonly secret: string | undefined }> {
  return until('the controller to name the Secret', async () => {
    const object = await stored(stack.client, routeAt(at))
    const secretName = textAt(objectAt(objectAt(object, 'spec'), 'tls'), 'secretName')
    const secret = parseMeta(object['metadata'])?.annotations[SECRET]
    return secretName === undefined ? undefined : { secretName, secret }
  })
}

function routeAt(at: { readonly namespace: string; readonly name: string }): {
  readonly resource: typeof RESOURCES.ingressRoutes
  readonly namespace: string
  readonly name: string
} {
  return { resource: RESOURCES.ingressRoutes, ...at }
}

async function ownNamespace(metadata?: Case['namespace']): Promise<string> {
  namespaces += 1
  return makeNamespace(stack, `admission-${namespaces}`, metadata)
}

/** A host of this test alone. */
function ownLabel(): string {
  labels += 1
  return `h${labels}`
}
