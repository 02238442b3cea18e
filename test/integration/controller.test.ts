import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { parseCertificate, type Certificate } from '../../shared/certmanager/certificate.ts'
import {
  isJsonObject,
  listAt,
  objectAt,
  stringsAt,
  type JsonObject,
} from '../../shared/json/json.ts'
import { parseMeta } from '../../shared/kube/object.ts'
import { listAll } from '../../shared/kube/kube-client.ts'
import { RESOURCES, type Resource } from '../../shared/kube/resources.ts'
import { rfc3339 } from '../../shared/json/time.ts'
import { find, makeNamespace, stored } from '../stack/objects.ts'
import { routeEvents } from '../stack/route-events.ts'
import { routeManifest, type RouteInput } from '../stack/route-manifest.ts'
import { applySelfSignedIssuer } from '../stack/self-signed-issuer.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { startTlsauto, type Tlsauto } from '../stack/tlsauto.ts'
import { until } from '../stack/until.ts'
import { writesOf, type Write } from '../stack/writes.ts'

// letsencrypt-prod signs at once here. Who wants no issuance names an issuer that does not exist.
let stack: Stack
let tlsauto: Tlsauto

before(async () => {
  // An issuance that fails once, as on a busy machine, is tried again soon.
  stack = await startStack({ backoff: '1s' })
  const [, started] = await Promise.all([applySelfSignedIssuer(stack), startTlsauto(stack)])
  tlsauto = started
})

after(async () => {
  await stack.stop()
})

const SECURE = { entryPoints: ['websecure'] }
const NO_ISSUER = { 'cert-manager.io/issuer': 'missing' }

suite('the Certificate of a route', () => {
  test("is applied under tlsauto's name, with its route as owner", async () => {
    const namespace = await makeNamespace(stack, 'applied')
    const route = await create({ namespace, name: 'r', rules: ['Host(`applied.example.com`)'] })
    const name = 'cert-r-applied-example-com'
    await certificate(namespace, name)
    const object = await stored(stack.client, { resource: RESOURCES.certificates, namespace, name })
    const metadata = objectAt(object, 'metadata')
    assert.deepEqual(
      {
        ownerReferences: metadata['ownerReferences'],
        labels: metadata['labels'],
        spec: object['spec'],
      },
      {
        ownerReferences: [
          { apiVersion: 'traefik.io/v1alpha1', kind: 'IngressRoute', name: 'r', uid: uidOf(route) },
        ],
        labels: { 'app.kubernetes.io/managed-by': 'tlsauto' },
        spec: {
          secretName: 'tls-r-applied-example-com',
          dnsNames: ['applied.example.com'],
          issuerRef: { group: 'cert-manager.io', kind: 'ClusterIssuer', name: 'letsencrypt-prod' },
        },
      },
    )
    const managers = listAt(metadata, 'managedFields').filter(isJsonObject)
    const ours = managers.filter((entry) => entry['manager'] === 'tlsauto')
    assert.deepEqual(
      ours.map((entry) => entry['operation']),
      ['Apply'],
    )
  })

  test('stays as it is when the route is applied again, and so does the route', async () => {
    const namespace = await makeNamespace(stack, 'again')
    const route = routeManifest({ namespace, name: 'r', rules: ['Host(`again.example.com`)'] })
    const input = JSON.stringify(route)
    await stack.kubectl(['apply', '-f', '-'], { input })
    await issued(namespace, 'cert-r-again-example-com')
    const at = { resource: RESOURCES.ingressRoutes, namespace, name: 'r' }
    const version = versionOf(await stored(stack.client, at))
    // By then the audit log has it all, but for Events, which come last.
    await settled('before-again')
    const writes = (await writesIn(namespace)).filter(isNoEvent)
    for (let times = 0; times < 3; times += 1) await stack.kubectl(['apply', '-f', '-'], { input })
    await settled('again')
    assert.equal(versionOf(await stored(stack.client, at)), version)
    assert.deepEqual((await writesIn(namespace)).filter(isNoEvent), writes)
    const { metadata } = await certificate(namespace, 'cert-r-again-example-com')
    assert.equal(metadata.generation, 1)
  })

  test('goes with its route; the Secret stays', async () => {
    const namespace = await makeNamespace(stack, 'deletion')
    await create({ namespace, name: 'r', rules: ['Host(`deletion.example.com`)'] })
    await issued(namespace, 'cert-r-deletion-example-com')
    await stack.client.delete({ resource: RESOURCES.ingressRoutes, namespace, name: 'r' })
    await gone(RESOURCES.certificates, namespace, 'cert-r-deletion-example-com')
    const name = 'tls-r-deletion-example-com'
    assert.ok(await find(stack.client, { resource: RESOURCES.secrets, namespace, name }))
  })

  test('comes back when somebody deletes it', async () => {
    const namespace = await makeNamespace(stack, 'comeback')
    await create({ namespace, name: 'r', rules: ['Host(`comeback.example.com`)'] })
    const at = { namespace, name: 'cert-r-comeback-example-com' }
    const first = await certificate(namespace, at.name)
    await stack.client.delete({ resource: RESOURCES.certificates, ...at })
    await until('another Certificate', async () => {
      const found = parseCertificate(await find(stack.client, certificateAt(at)))
      return found === undefined || found.metadata.uid === first.metadata.uid ? undefined : found
    })
  })

  test('comes back by the name of the route that is left, when the one that named it is gone', async () => {
    const namespace = await makeNamespace(stack, 'heir')
    const rules = ['Host(`heir.example.com`)']
    const first = await create({ namespace, name: 'a', rules })
    await certificate(namespace, 'cert-a-heir-example-com')
    const heir = await create({ namespace, name: 'b', rules })
    // Sooner, the garbage collector might take it along with its only owner.
    await owned(namespace, 'cert-a-heir-example-com', [first, heir])
    await stack.client.delete({ resource: RESOURCES.ingressRoutes, namespace, name: 'a' })
    await owned(namespace, 'cert-a-heir-example-com', [heir])
    const at = { namespace, name: 'cert-a-heir-example-com' }
    await stack.client.delete({ resource: RESOURCES.certificates, ...at })
    await owned(namespace, 'cert-b-heir-example-com', [heir])
  })

  test('goes with an opt-out, and so does all else that was ours; the Secret stays', async () => {
    const namespace = await makeNamespace(stack, 'retiring')
    const name = 'cert-r-retiring-example-com'
    await create({ namespace, name: 'r', rules: ['Host(`retiring.example.com`)'] })
    await issued(namespace, name)
    const companion = { resource: RESOURCES.ingressRoutes, namespace, name: 'tlsauto-http-r' }
    await until('the companion', async () => find(stack.client, companion))
    const optOut = ['annotate', '-n', namespace, 'ingressroute/r', 'tlsauto.dev/enabled=false']
    await stack.kubectl(optOut)
    await gone(RESOURCES.certificates, namespace, name)
    await gone(RESOURCES.ingressRoutes, namespace, 'tlsauto-http-r')
    await gone(RESOURCES.middlewares, namespace, 'tlsauto-http-r')
    const route = await stored(stack.client, { ...companion, name: 'r' })
    assert.equal(objectAt(route, 'spec')['tls'], undefined)
    const annotations = stringsAt(objectAt(route, 'metadata'), 'annotations')
    assert.deepEqual(annotations, { 'tlsauto.dev/enabled': 'false' })
    const secret = { resource: RESOURCES.secrets, namespace, name: 'tls-r-retiring-example-com' }
    assert.notEqual(await find(stack.client, secret), undefined)
    await stack.kubectl([...optOut.slice(0, -1), 'tlsauto.dev/enabled-'])
    await issued(namespace, name)
    await until('the companion again', async () => find(stack.client, companion))
  })

  test('is not lost to a slip in the settings of its namespace', async () => {
    const namespace = await makeNamespace(stack, 'slip')
    const rules = ['Host(`a.slip.example.com`)', 'Host(`b.slip.example.com`)']
    await create({ namespace, name: 'r', rules })
    await issued(namespace, 'cert-r-b-slip-example-com')
    const slip = ['annotate', 'namespace', namespace, 'tlsauto.dev/allowed-domains=a.com;b.com']
    await stack.kubectl(slip)
    await settled('slipped')
    const names = ['cert-r-a-slip-example-com', 'cert-r-b-slip-example-com']
    assert.deepEqual(await certificateNames(namespace), names)
  })

  test('belongs to all routes of its host, and stays until the last of them goes', async () => {
    const namespace = await makeNamespace(stack, 'shared')
    const rules = ['Host(`shared.example.com`)']
    const first = await create({ namespace, name: 'a', rules })
    const name = 'cert-a-shared-example-com'
    await certificate(namespace, name)
    const second = await create({
      namespace,
      name: 'b',
      rules: ['Host(`shared.example.com`) && Path(`/b`)'],
    })
    await owned(namespace, name, [first, second])
    assert.deepEqual(await certificateNames(namespace), [name])
    await stack.client.delete({ resource: RESOURCES.ingressRoutes, namespace, name: 'a' })
    await owned(namespace, name, [second])
    await stack.client.delete({ resource: RESOURCES.ingressRoutes, namespace, name: 'b' })
    await gone(RESOURCES.certificates, namespace, name)
  })

  test('is one for each host', async () => {
    const namespace = await makeNamespace(stack, 'three')
    const rules = ['Host(`a.three.org`) || Host(`b.three.org`)', 'Host(`c.three.org`)']
    await create({ namespace, name: 'r', rules, annotations: NO_ISSUER })
    await certificate(namespace, 'cert-r-c-three-org')
    await settled('three')
    const certificates = await Promise.all(
      (await certificateNames(namespace)).map(async (name) => certificate(namespace, name)),
    )
    assert.deepEqual(
      certificates.map(({ metadata, spec }) => [metadata.name, spec.secretName, spec.dnsNames]),
      ['a', 'b', 'c'].map((label) => [
        `cert-r-${label}-three-org`,
        `tls-r-${label}-three-org`,
        [`${label}.three.org`],
      ]),
    )
  })

  test('is one for each host also where names come out equal: the second has a hash', async () => {
    const namespace = await makeNamespace(stack, 'equal')
    await create({ namespace, name: 'a', rules: ['Host(`b-c.equal.org`)'], annotations: NO_ISSUER })
    await certificate(namespace, 'cert-a-b-c-equal-org')
    await create({
      namespace,
      name: 'a-b',
      rules: ['Host(`c.equal.org`)'],
      annotations: NO_ISSUER,
    })
    const second = await certificate(namespace, 'cert-a-b-c-equal-org-e68c42c3')
    assert.deepEqual(second.spec.dnsNames, ['c.equal.org'])
    const first = await certificate(namespace, 'cert-a-b-c-equal-org')
    assert.deepEqual(first.spec.dnsNames, ['b-c.equal.org'])
    assert.equal(first.metadata.generation, 1)
  })

  test("carries all hosts under a Secret name of the user's own, as ingress-shim does", async () => {
    const namespace = await makeNamespace(stack, 'named')
    await create({
      namespace,
      name: 'r',
      rules: ['Host(`a.named.org`) || Host(`b.named.org`)'],
      annotations: { 'cert-manager.io/issuer': 'ca' },
      spec: { tls: { secretName: 'mine' } },
    })
    const at = certificateAt({ namespace, name: 'mine' })
    await certificate(namespace, 'mine')
    assert.deepEqual((await stored(stack.client, at))['spec'], {
      secretName: 'mine',
      dnsNames: ['a.named.org', 'b.named.org'],
      issuerRef: { name: 'ca', kind: 'Issuer', group: 'cert-manager.io' },
    })
  })

  test('is left alone where it was there before, and the route hears it once', async () => {
    const namespace = await makeNamespace(stack, 'foreign')
    const name = 'cert-r-foreign-example-com'
    const foreign = await stack.client.create(RESOURCES.certificates, {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata: { namespace, name },
      spec: { secretName: 'x', dnsNames: ['x.org'], issuerRef: { name: 'x' } },
    })
    await create({ namespace, name: 'r', rules: ['Host(`foreign.example.com`)'], spec: SECURE })
    const taken = `r: NameTaken: Certificate ${name} is not ours; annotate it tlsauto.dev/adopt: "true", or delete it`
    await untilEvents(namespace, [taken])
    await patchRoute(namespace, 'r', { metadata: { annotations: { touched: 'yes' } } })
    await settled('foreign')
    assert.deepEqual(await routeEvents(stack, namespace), [taken])
    assert.deepEqual((await certificate(namespace, name)).spec.secretName, 'x')
    assert.equal((await certificate(namespace, name)).metadata.uid, uidOf(foreign))
    assert.deepEqual((await certificate(namespace, name)).metadata.ownerReferences, [])
  })

  test("follows its namespace's issuer", async () => {
    const namespace = await makeNamespace(stack, 'issuers', {
      annotations: { 'cert-manager.io/cluster-issuer': 'one' },
    })
    await create({ namespace, name: 'r', rules: ['Host(`issuers.example.com`)'], spec: SECURE })
    const signedBy = async (name: string): Promise<unknown> =>
      until(`the issuer ${name}`, async () => {
        const { spec } = await certificate(namespace, 'cert-r-issuers-example-com')
        return spec.issuerRef.name === name || undefined
      })
    await signedBy('one')
    await stack.kubectl([
      'annotate',
      '--overwrite',
      `namespace/${namespace}`,
      'cert-manager.io/cluster-issuer=two',
    ])
    await signedBy('two')
    await stack.kubectl(['annotate', `namespace/${namespace}`, 'cert-manager.io/cluster-issuer-'])
    await signedBy('letsencrypt-prod')
  })

  test('goes when its host leaves the route, and so does its carrier; the Secret stays', async () => {
    const namespace = await makeNamespace(stack, 'leaving')
    const rules = ['Host(`a.leaving.org`)', 'Host(`b.leaving.org`)']
    await create({ namespace, name: 'r', rules })
    await until('the carrier', async () =>
      find(stack.client, carrierAt(namespace, 'b-leaving-org')),
    )
    const routes = routeManifest({ namespace, name: 'r', rules: ['Host(`a.leaving.org`)'] })
    await patchRoute(namespace, 'r', { spec: { routes: objectAt(routes, 'spec')['routes'] } })
    await gone(RESOURCES.certificates, namespace, 'cert-r-b-leaving-org')
    await gone(RESOURCES.ingressRoutes, namespace, 'cert-r-b-leaving-org')
    const name = 'tls-r-b-leaving-org'
    assert.ok(await find(stack.client, { resource: RESOURCES.secrets, namespace, name }))
    assert.deepEqual(await certificateNames(namespace), ['cert-r-a-leaving-org'])
  })

  test('goes when its namespace opts out before anything was issued', async () => {
    const namespace = await makeNamespace(stack, 'optout')
    const rules = ['Host(`optout.example.com`)']
    await create({ namespace, name: 'r', rules, annotations: NO_ISSUER })
    await certificate(namespace, 'cert-r-optout-example-com')
    await stack.kubectl(['label', `namespace/${namespace}`, 'tlsauto.dev/enabled=false'])
    await gone(RESOURCES.certificates, namespace, 'cert-r-optout-example-com')
  })
})

suite('a carrier', () => {
  test('brings a Secret that its route does not name, once there is something in it', async () => {
    const namespace = await makeNamespace(stack, 'carriers')
    const rules = ['Host(`a.carriers.org`)', 'Host(`b.carriers.org`)']
    const route = await create({ namespace, name: 'r', rules, annotations: NO_ISSUER })
    await certificate(namespace, 'cert-r-b-carriers-org')
    await settled('carriers')
    assert.equal(await find(stack.client, carrierAt(namespace, 'b-carriers-org')), undefined)
    await stack.kubectl(['annotate', '-n', namespace, 'ingressroute/r', 'cert-manager.io/issuer-'])
    const carrier = await until('the carrier', async () =>
      find(stack.client, carrierAt(namespace, 'b-carriers-org')),
    )
    const metadata = objectAt(carrier, 'metadata')
    assert.deepEqual(
      { spec: carrier['spec'], labels: metadata['labels'], owners: ownersOf(carrier) },
      {
        spec: { routes: [], tls: { secretName: 'tls-r-b-carriers-org' } },
        labels: { 'app.kubernetes.io/managed-by': 'tlsauto' },
        owners: [uidOf(route)],
      },
    )
    assert.equal(await find(stack.client, carrierAt(namespace, 'a-carriers-org')), undefined)
  })

  test('goes with its route', async () => {
    const namespace = await makeNamespace(stack, 'carrier-end')
    const rules = ['Host(`a.carrier-end.org`)', 'Host(`b.carrier-end.org`)']
    await create({ namespace, name: 'r', rules })
    const at = carrierAt(namespace, 'b-carrier-end-org')
    await until('the carrier', async () => find(stack.client, at))
    await stack.client.delete({ resource: RESOURCES.ingressRoutes, namespace, name: 'r' })
    await gone(RESOURCES.ingressRoutes, namespace, at.name)
    await settled('carrier-end')
    assert.equal(await find(stack.client, at), undefined)
  })

  test('goes once every route names the Secret: a second route moves to the first one’s', async () => {
    const namespace = await makeNamespace(stack, 'moving')
    await create({ namespace, name: 'a', rules: ['Host(`moving.example.com`)'] })
    await issued(namespace, 'cert-a-moving-example-com')
    await create({ namespace, name: 'b', rules: ['Host(`moving.example.com`) && Path(`/b`)'] })
    await until('the second route to name the Secret of the first', async () => {
      const at = { resource: RESOURCES.ingressRoutes, namespace, name: 'b' }
      const { tls } = objectAt(await stored(stack.client, at), 'spec')
      return isJsonObject(tls) && tls['secretName'] === 'tls-a-moving-example-com' ? tls : undefined
    })
    await gone(RESOURCES.ingressRoutes, namespace, 'cert-a-moving-example-com')
    assert.deepEqual(await certificateNames(namespace), ['cert-a-moving-example-com'])
  })

  test('brings the Secrets of all hosts where the route is to stay as it is', async () => {
    const namespace = await makeNamespace(stack, 'carry')
    const annotations = { 'tlsauto.dev/attach': 'carry' }
    const rules = ['Host(`a.carry.org`)', 'Host(`b.carry.org`)']
    const route = await create({ namespace, name: 'r', rules, annotations })
    for (const host of ['a-carry-org', 'b-carry-org']) {
      await until('the carrier', async () => find(stack.client, carrierAt(namespace, host)))
    }
    const at = { resource: RESOURCES.ingressRoutes, namespace, name: 'r' }
    assert.equal(versionOf(await stored(stack.client, at)), versionOf(route))
  })

  test('is not made over a route of that name, which its route hears once', async () => {
    const namespace = await makeNamespace(stack, 'taken')
    const name = 'cert-r-b-taken-org'
    const annotations = { 'tlsauto.dev/enabled': 'false' }
    const foreign = await create({ namespace, name, rules: ['Path(`/x`)'], annotations })
    const rules = ['Host(`a.taken.org`)', 'Host(`b.taken.org`)']
    await create({ namespace, name: 'r', rules, spec: SECURE })
    await issued(namespace, name)
    await until('the Event', async () => {
      const events = await routeEvents(stack, namespace)
      const wanted = `r: CarrierTaken: IngressRoute ${name} exists and is not ours; delete or rename it`
      return events.includes(wanted) || undefined
    })
    await settled('taken')
    const events = await routeEvents(stack, namespace)
    assert.equal(events.filter((event) => event.includes('CarrierTaken')).length, 1)
    const at = { resource: RESOURCES.ingressRoutes, namespace, name }
    assert.equal(versionOf(await stored(stack.client, at)), versionOf(foreign))
  })
})

suite('metrics of the controller', () => {
  test('count hosts by state, work by kind and result, and say who leads', async () => {
    const namespace = await makeNamespace(stack, 'measured')
    await create({ namespace, name: 'r', rules: ['Host(`measured.example.com`)'], spec: SECURE })
    await issued(namespace, 'cert-r-measured-example-com')
    await until('the metrics to say so', async () => {
      const text = await (await fetch(tlsauto.metricsUrl)).text()
      return (
        [
          /^tlsauto_hosts\{state="issued"\} [1-9]/m,
          /^tlsauto_earliest_certificate_expiry_timestamp_seconds [1-9]/m,
          /^tlsauto_reconcile_duration_seconds_count\{kind="Certificate",result="done"\} [1-9]/m,
          /^tlsauto_leader 1$/m,
          /^tlsauto_workqueue_depth \d+$/m,
        ].every((line) => line.test(text)) || undefined
      )
    })
  })
})

suite('a host that two namespaces serve', () => {
  test('belongs to the first, whatever becomes of its Certificate or its route, until its claim is gone', async () => {
    const [first, second] = [
      await makeNamespace(stack, 'held-a'),
      await makeNamespace(stack, 'held-b'),
    ]
    const rules = ['Host(`held.example.com`)']
    const name = 'cert-r-held-example-com'
    await create({ namespace: first, name: 'r', rules, spec: SECURE })
    await issued(first, name)
    await create({ namespace: second, name: 'r', rules, spec: SECURE })
    await until('the loser to hear of it', async () => {
      const events = await routeEvents(stack, second)
      return events.some((event) => event.includes('HostHeldElsewhere')) || undefined
    })
    const holder = { resource: RESOURCES.ingressRoutes, namespace: first, name: 'r' }
    const claim = { resource: RESOURCES.domainClaims, name: 'held.example.com' }
    const { spec, metadata } = await stored(stack.client, claim)
    const { since, ...others } = objectAt({ spec }, 'spec')
    assert.deepEqual(others, {
      host: 'held.example.com',
      namespace: first,
      by: `IngressRoute ${first}/r`,
    })
    assert.match(String(since), /^\d{4}-/)
    await stack.client.delete({ resource: RESOURCES.certificates, namespace: first, name })
    await issued(first, name)
    await settled('held')
    assert.deepEqual(await certificateNames(second), [])
    await stack.client.delete(holder)
    await settled('gone')
    assert.deepEqual(await certificateNames(second), [])
    await stack.client.delete(claim, { uid: parseMeta(metadata)?.uid ?? '' })
    await issued(second, name)
  })

  test('costs one write more where nobody else wants it', async () => {
    const namespace = await makeNamespace(stack, 'counted')
    const host = 'counted.example.com'
    await settled('uncounted')
    const before = await claimWrites()
    await create({ namespace, name: 'r', rules: [`Host(\`${host}\`)`], spec: SECURE })
    await issued(namespace, `cert-r-counted-example-com`)
    await settled('counted')
    const after = (await claimWrites()).slice(before.length)
    // One more for what it waited for.
    assert.deepEqual(
      after.map(({ status }) => status),
      [201, 201],
    )
  })
})

suite('Events', () => {
  test('tell each step of a route once', async () => {
    const namespace = await makeNamespace(stack, 'events')
    await create({ namespace, name: 'r', rules: ['Host(`events.example.com`)'] })
    const name = 'cert-r-events-example-com'
    const { status } = await issued(namespace, name)
    await untilEvents(namespace, [
      `r: CertificateCreated: Certificate ${name} for events.example.com from ClusterIssuer letsencrypt-prod`,
      'r: HttpKept: plain HTTP is answered by the route tlsauto-http-r',
      'r: HttpRedirected: plain HTTP is redirected to HTTPS: events.example.com',
      `r: Issued: HTTPS is ready: events.example.com, until ${status.notAfter === undefined ? '' : rfc3339(status.notAfter)}`,
    ])
    await patchRoute(namespace, 'r', { metadata: { annotations: { touched: 'yes' } } })
    await settled('events')
    assert.equal((await routeEvents(stack, namespace)).length, 4)
  })

  test('tell what is wrong with a rule, with the position', async () => {
    const namespace = await makeNamespace(stack, 'unreadable')
    await create({ namespace, name: 'r', rules: ['Host(`x`'], spec: SECURE })
    await untilEvents(namespace, [
      'r: UnreadableRule: Traefik refuses this rule at 1:9: a ( is never closed: put ) at the end (spec.routes[0].match)',
    ])
  })
})

test('a namespace and all in it can be deleted', async () => {
  const namespace = await makeNamespace(stack, 'ending')
  const rules = ['Host(`a.ending.org`)', 'Host(`b.ending.org`)']
  await create({ namespace, name: 'r', rules })
  await until('the carrier', async () => find(stack.client, carrierAt(namespace, 'b-ending-org')))
  await stack.kubectl(['delete', 'namespace', namespace, '--timeout=60s'])
})

test('all of this is within the rights that deploy/ grants', async () => {
  const writes = await writesOf(stack)
  assert.deepEqual(
    writes.filter(({ forbidden }) => forbidden),
    [],
  )
})

async function claimWrites(): Promise<readonly Write[]> {
  const writes = await writesOf(stack)
  // Not the marks on what the tests before have left.
  return writes.filter(({ resource, verb }) => resource === 'domainclaims' && verb === 'create')
}

async function writesIn(namespace: string): Promise<readonly Write[]> {
  return (await writesOf(stack)).filter((write) => write.namespace === namespace)
}

async function create(input: RouteInput): Promise<JsonObject> {
  return stack.client.create(RESOURCES.ingressRoutes, routeManifest(input))
}

async function patchRoute(namespace: string, name: string, patch: JsonObject): Promise<void> {
  await stack.client.mergePatch({ resource: RESOURCES.ingressRoutes, namespace, name }, patch)
}

type At = { readonly resource: Resource; readonly namespace: string; readonly name: string }

function certificateAt(at: { readonly namespace: string; readonly name: string }): At {
  return { resource: RESOURCES.certificates, ...at }
}

function carrierAt(namespace: string, host: string): At {
  return { resource: RESOURCES.ingressRoutes, namespace, name: `cert-r-${host}` }
}

async function certificate(namespace: string, name: string): Promise<Certificate> {
  return until(`Certificate ${name}`, async () =>
    parseCertificate(await find(stack.client, certificateAt({ namespace, name }))),
  )
}

async function issued(namespace: string, name: string): Promise<Certificate> {
  const ready = ['--for=condition=Ready', `certificate/${name}`, '-n', namespace]
  await certificate(namespace, name)
  await stack.kubectl(['wait', '--timeout=60s', ...ready])
  return certificate(namespace, name)
}

async function owned(
  namespace: string,
  name: string,
  routes: readonly JsonObject[],
): Promise<void> {
  const want = routes.map(uidOf).toSorted().join()
  await until(`${routes.length} owners`, async () => {
    const at = certificateAt({ namespace, name })
    return (
      ownersOf(await stored(stack.client, at))
        .toSorted()
        .join() === want || undefined
    )
  })
}

async function gone(resource: Resource, namespace: string, name: string): Promise<void> {
  await until(`${resource.kind} ${name} to go`, async () => {
    return (await find(stack.client, { resource, namespace, name })) === undefined || undefined
  })
}

async function certificateNames(namespace: string): Promise<readonly string[]> {
  const { items } = await listAll(stack.client, { resource: RESOURCES.certificates, namespace })
  return items.map((item) => parseMeta(item['metadata'])?.name ?? '').toSorted()
}

async function untilEvents(namespace: string, want: readonly string[]): Promise<void> {
  let seen: readonly string[] = []
  await until(`the Events ${want.join('; ')}`, async () => {
    seen = await routeEvents(stack, namespace)
    return seen.length >= want.length || undefined
  })
  assert.deepEqual(seen, want)
}

/** Waits until the controller has seen all that happened so far: it handles a new route after it. */
async function settled(label: string): Promise<void> {
  const namespace = await makeNamespace(stack, `settled-${label}`)
  const rules = [`Host(\`settled-${label}.example.com\`)`]
  await create({ namespace, name: 'r', rules, annotations: NO_ISSUER })
  await certificate(namespace, `cert-r-settled-${label}-example-com`)
}

function isNoEvent({ resource }: Write): boolean {
  return resource !== 'events'
}

function uidOf(object: JsonObject): string {
  return parseMeta(object['metadata'])?.uid ?? ''
}

function versionOf(object: JsonObject): string {
  return parseMeta(object['metadata'])?.resourceVersion ?? ''
}

function ownersOf(object: JsonObject): readonly string[] {
  return (parseMeta(object['metadata'])?.ownerReferences ?? []).map((owner) => owner.uid)
}
