import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, suite, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { isJsonObject, objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import { RESOURCES, type Resource } from '../../shared/kube/resources.ts'
import { find, makeNamespace, stored } from '../stack/objects.ts'
import { routeEvents } from '../stack/route-events.ts'
import { routeManifest, type RouteInput } from '../stack/route-manifest.ts'
import { applySelfSignedIssuer } from '../stack/self-signed-issuer.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { startTlsauto, type Tlsauto } from '../stack/tlsauto.ts'
import { until } from '../stack/until.ts'
import { writesOf, type Write } from '../stack/writes.ts'

// What comes before tlsauto, what happens while it is away, and who of two writes.
let stack: Stack
let tlsauto: Tlsauto

const SECURE = { entryPoints: ['websecure'] }
const NO_ISSUER = { 'cert-manager.io/issuer': 'missing' }
const LEASE = ['--lease-duration=3']

before(async () => {
  // An issuance that fails once, as on a busy machine, is tried again soon.
  stack = await startStack({ backoff: '1s' })
  await applySelfSignedIssuer(stack)
  const namespace = await makeNamespace(stack, 'old')
  await create({ namespace, name: 'r', rules: ['Host(`old.example.com`)'], spec: SECURE })
  await create({ namespace, name: 'willing', rules: ['Host(`willing.example.com`)'], spec: SECURE })
  // The same second would not be older.
  await delay(1000)
  tlsauto = await startTlsauto(stack, { flags: LEASE })
})

after(async () => {
  await stack.stop()
})

suite('a route that is older than tlsauto', () => {
  test('is left alone, also when it is changed', async () => {
    const spec = { entryPoints: ['web', 'websecure'] }
    const change = ['patch', '-n', 'old', 'ingressroute/r', '--type=merge', '-p']
    await stack.kubectl([...change, JSON.stringify({ spec })])
    await settled('old')
    const route = await stored(stack.client, at(RESOURCES.ingressRoutes, 'old', 'r'))
    assert.equal(objectAt(route, 'spec')['tls'], undefined)
    assert.equal(await find(stack.client, certificateAt('old', 'old')), undefined)
    assert.deepEqual(await routeEvents(stack, 'old'), [])
  })

  test('is taken care of once it says so', async () => {
    const enable = ['annotate', '-n', 'old', 'ingressroute/willing', 'tlsauto.dev/enabled=true']
    await stack.kubectl(enable)
    const name = 'cert-willing-willing-example-com'
    await until('its Certificate', async () =>
      find(stack.client, at(RESOURCES.certificates, 'old', name)),
    )
    assert.equal(await secretOf('old', 'willing'), 'tls-willing-willing-example-com')
  })
})

suite('while tlsauto is away', () => {
  test('nothing happens: its restart writes nothing and repeats no Event', async () => {
    const namespace = await makeNamespace(stack, 'restart')
    const rules = ['Host(`a.restart.org`)', 'Host(`b.restart.org`)']
    await create({ namespace, name: 'r', rules })
    await until('the carrier', async () =>
      find(stack.client, at(RESOURCES.ingressRoutes, namespace, 'cert-r-b-restart-org')),
    )
    await foreignCertificate(namespace, 'cert-taken-taken-restart-org')
    await create({ namespace, name: 'taken', rules: ['Host(`taken.restart.org`)'], spec: SECURE })
    await until('every step, and a warning', async () => {
      const events = await routeEvents(stack, namespace)
      const told = (text: string): boolean => events.some((event) => event.includes(text))
      const redirected = ['a', 'b'].every((host) =>
        events.some((event) => /HttpRedirected/.test(event) && event.includes(`${host}.restart`)),
      )
      const both = events.filter((event) => event.includes(': Issued: ')).length === 2
      return (redirected && both && told('NameTaken') && told('HttpKept')) || undefined
    })
    await settled('before-restart')
    const before = { writes: await writesOf(stack), events: await routeEvents(stack, namespace) }
    await tlsauto.stop()
    await tlsauto.start()
    await settled('after-restart')
    const writes = (await writesOf(stack)).slice(before.writes.length)
    assert.deepEqual(
      // What settled things comes into the audit log when it likes, and so does the claim of its host.
      writes.filter(
        ({ namespace: where, resource, verb }) =>
          !where.startsWith('settled-') && !(resource === 'domainclaims' && verb === 'create'),
      ),
      [],
    )
    assert.deepEqual(await routeEvents(stack, namespace), before.events)
  })

  test('a host leaves a route: its Certificate and carrier go afterwards', async () => {
    const namespace = await awayWith('left', async () => undefined)
    await gone(RESOURCES.certificates, namespace, 'cert-r-b-left-org')
    await gone(RESOURCES.ingressRoutes, namespace, 'cert-r-b-left-org')
  })

  test('and its Certificate too, as after a crash between two deletions: the carrier goes', async () => {
    const namespace = await awayWith('crash', async () =>
      stack.client.delete(at(RESOURCES.certificates, 'crash', 'cert-r-b-crash-org')),
    )
    await gone(RESOURCES.ingressRoutes, namespace, 'cert-r-b-crash-org')
  })
})

suite('with --backfill', () => {
  let backfilling: Tlsauto

  before(async () => {
    await tlsauto.stop()
    backfilling = await startTlsauto(stack, { flags: [...LEASE, '--backfill=36000'] })
  })

  after(async () => {
    await backfilling.stop()
    await tlsauto.start()
  })

  test('a route that is older than tlsauto is taken on, companion first', async () => {
    await until('its Certificate', async () => find(stack.client, certificateAt('old', 'old')))
    await until('its Secret', async () => secretOf('old', 'r'))
    await settled('backfilled')
    const order = (await writesOf(stack))
      .filter(({ namespace, status }) => namespace === 'old' && status < 300)
      .filter(({ name }) => /^(r|tlsauto-http-r)$/.test(name))
      .map(({ resource, name }) => `${resource} ${name}`)
    // What follows is the redirect, once it is issued.
    assert.deepEqual(
      [...new Set(order)],
      ['middlewares tlsauto-http-r', 'ingressroutes tlsauto-http-r', 'ingressroutes r'],
    )
  })
})

suite('of two servers', () => {
  let second: Tlsauto

  before(async () => {
    second = await startTlsauto(stack, { flags: LEASE })
  })

  test('one writes', async () => {
    await settled('two')
    // By now the audit log has what was written for that.
    await settled('two-and-more')
    const creations = (await writesOf(stack)).filter(
      (write) => write.namespace === 'settled-two' && write.resource === 'certificates',
    )
    assert.equal(creations.length, 1)
    assert.equal(await leader(), nameOf(tlsauto))
  })

  test('the other takes over when that one is killed', async () => {
    tlsauto.kill('SIGKILL')
    await tlsauto.exit()
    await settled('killed')
    assert.equal(await leader(), nameOf(second))
  })

  test('a leader that ends in good order gives the lead away at once', async () => {
    const before = (await readFile(tlsauto.log, 'utf8')).length
    await tlsauto.start()
    const log = await until('the log of its start', async () => {
      const news = (await readFile(tlsauto.log, 'utf8')).slice(before)
      return news.includes('listening') ? news : undefined
    })
    await second.stop()
    await settled('handed-over')
    assert.equal(await leader(), nameOf(tlsauto))
    assert.doesNotMatch(log, /"leading":true/)
  })
})

suite('the rights of the ServiceAccount', () => {
  test('are these and no others', async () => {
    const kubeconfig = await stack.serviceAccountKubeconfig('tlsauto', 'tlsauto')
    const rights = async (namespace: string): Promise<readonly string[]> => {
      const list = ['auth', 'can-i', '--list', '--no-headers', '-n', namespace]
      const { stdout } = await stack.kubectl(list, { kubeconfig })
      return stdout
        .split('\n')
        .filter((line) => /^\w/.test(line) && !line.startsWith('self'))
        .map((line) => line.replaceAll(/\s+/g, ' ').trim())
        .toSorted()
    }
    const everywhere = [
      'certificates.cert-manager.io [] [] [get list watch create patch delete]',
      'domainclaims.tlsauto.dev [] [] [get list watch create patch delete]',
      'events [] [] [create]',
      'ingresses.networking.k8s.io [] [] [list watch]',
      'ingressroutes.traefik.io [] [] [get list watch create patch delete]',
      'ingressroutetcps.traefik.io [] [] [get list watch patch]',
      'middlewares.traefik.io [] [] [list watch create patch delete]',
      'mutatingwebhookconfigurations.admissionregistration.k8s.io [] [tlsauto] [get list watch patch]',
      'namespaces [] [] [get list watch]',
      'validatingwebhookconfigurations.admissionregistration.k8s.io [] [tlsauto-hosts] [get list watch patch]',
      'validatingwebhookconfigurations.admissionregistration.k8s.io [] [tlsauto] [get list watch patch]',
    ]
    assert.deepEqual(await rights('default'), everywhere)
    assert.deepEqual(
      await rights('tlsauto'),
      [
        ...everywhere,
        'leases.coordination.k8s.io [] [] [create]',
        'leases.coordination.k8s.io [] [tlsauto] [get update]',
        'secrets [] [] [create]',
        'secrets [] [tlsauto-serving] [get list watch update]',
      ].toSorted(),
    )
  })

  test('were enough for all of this', async () => {
    const writes: readonly Write[] = await writesOf(stack)
    assert.deepEqual(
      writes.filter(({ forbidden }) => forbidden),
      [],
    )
  })
})

/** A route of two hosts with a carrier, that loses the second host, and more, during a restart. */
async function awayWith(namespace: string, more: () => Promise<void>): Promise<string> {
  await makeNamespace(stack, namespace)
  const rules = [`Host(\`a.${namespace}.org\`)`, `Host(\`b.${namespace}.org\`)`]
  await create({ namespace, name: 'r', rules })
  const carrier = at(RESOURCES.ingressRoutes, namespace, `cert-r-b-${namespace}-org`)
  await until('the carrier', async () => find(stack.client, carrier))
  await tlsauto.stop()
  const [first = ''] = rules
  const { routes } = objectAt(routeManifest({ namespace, name: 'r', rules: [first] }), 'spec')
  await stack.client.mergePatch(at(RESOURCES.ingressRoutes, namespace, 'r'), { spec: { routes } })
  await more()
  await tlsauto.start()
  return namespace
}

type At = { readonly resource: Resource; readonly namespace: string; readonly name: string }

function at(resource: Resource, namespace: string, name: string): At {
  return { resource, namespace, name }
}

function certificateAt(namespace: string, host: string): At {
  return at(RESOURCES.certificates, namespace, `cert-r-${host}-example-com`)
}

async function create(input: RouteInput): Promise<JsonObject> {
  return stack.client.create(RESOURCES.ingressRoutes, routeManifest(input))
}

async function foreignCertificate(namespace: string, name: string): Promise<void> {
  await stack.client.create(RESOURCES.certificates, {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    metadata: { namespace, name },
    spec: { secretName: 'x', dnsNames: ['x.org'], issuerRef: { name: 'x' } },
  })
}

async function gone(resource: Resource, namespace: string, name: string): Promise<void> {
  await until(`${resource.kind} ${name} to go`, async () => {
    return (await find(stack.client, at(resource, namespace, name))) === undefined || undefined
  })
}

async function secretOf(namespace: string, name: string): Promise<string> {
  return until('a Secret name in the route', async () => {
    const { tls } = objectAt(
      await stored(stack.client, at(RESOURCES.ingressRoutes, namespace, name)),
      'spec',
    )
    return isJsonObject(tls) ? textAt(tls, 'secretName') : undefined
  })
}

/** Waits until the controller has seen all that happened so far: it handles a new route after it. */
async function settled(label: string): Promise<void> {
  const namespace = await makeNamespace(stack, `settled-${label}`)
  const rules = [`Host(\`settled-${label}.example.com\`)`]
  await create({ namespace, name: 'r', rules, annotations: NO_ISSUER })
  await until(`the Certificate of settled-${label}`, async () =>
    find(stack.client, certificateAt(namespace, `settled-${label}`)),
  )
}

async function leader(): Promise<string | undefined> {
  const lease = await stored(stack.client, at(RESOURCES.leases, 'tlsauto', 'tlsauto'))
  return textAt(objectAt(lease, 'spec'), 'holderIdentity')
}

/** As `startTlsauto` names it. */
function nameOf(server: Tlsauto): string {
  return `tlsauto-${new URL(server.url).port}`
}
