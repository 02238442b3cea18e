import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import { parseDomainClaim } from '../../shared/claims/domain-claim.ts'
import { listAll, listParsed, type KubeClient } from '../../shared/kube/kube-client.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { gather } from '../../plugin/gather/snapshot.ts'
import { settledItems } from '../../plugin/status/settled-items.ts'
import { find, makeNamespace } from '../stack/objects.ts'
import { createRouteEditors } from '../stack/route-editors.ts'
import { routeEvents } from '../stack/route-events.ts'
import { routeManifest } from '../stack/route-manifest.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { startTlsauto, type Tlsauto } from '../stack/tlsauto.ts'
import { until } from '../stack/until.ts'
import { writesOf } from '../stack/writes.ts'

const MOST = 10
const MOST_CLAIMS = 500
const hosts = Array.from({ length: 5 * MOST }, (_, at) => `r${at}`)

/** So many Certificates in namespace `full`. */
function quota(most: string): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'few', namespace: 'full' },
    spec: { hard: { 'count/certificates.cert-manager.io': most } },
  }
}

/** What tlsauto has written in a namespace, but for Events and what was refused. */
async function writtenIn(stack: Stack, where: string): Promise<readonly string[]> {
  return (await writesOf(stack))
    .filter(({ namespace }) => namespace === where)
    .filter(({ resource, status }) => resource !== 'events' && status < 300)
    .map(({ verb, resource, name }) => `${verb} ${resource} ${name}`)
}

// Bob may edit routes, and nothing else. He wants more than his share: of certificates, Events, memory, writes.
suite('a tenant who wants more than his share', () => {
  let stack: Stack
  let tlsauto: Tlsauto
  let bob: KubeClient

  before(async () => {
    stack = await startStack({ quotas: true })
    ;({ bob } = await createRouteEditors(stack))
    tlsauto = await startTlsauto(stack, {
      flags: [
        `--max-certificates-per-namespace=${MOST}`,
        `--max-claims-per-namespace=${MOST_CLAIMS}`,
      ],
    })
    await until('the rights to be in force', async () =>
      bob.list({ resource: RESOURCES.ingressRoutes, namespace: 'default' }),
    )
  })

  after(async () => {
    await stack.stop()
  })

  const create = async (
    namespace: string,
    name: string,
    more: Partial<Parameters<typeof routeManifest>[0]> = {},
  ): Promise<void> => {
    const rules = [`Host(\`${name}.${namespace}.example.com\`)`]
    await bob.create(RESOURCES.ingressRoutes, routeManifest({ namespace, name, rules, ...more }))
  }

  const certificatesIn = async (namespace: string): Promise<number> =>
    (await listAll(stack.client, { resource: RESOURCES.certificates, namespace })).items.length

  const claimsOf = async (namespace: string): Promise<readonly string[]> =>
    (await listParsed(stack.client, { resource: RESOURCES.domainClaims }, parseDomainClaim)).items
      .filter((claim) => claim.spec.namespace === namespace)
      .map(({ metadata }) => metadata.name)

  /** When they were made, by tlsauto's clock. */
  const claimTimes = async (namespace: string): Promise<readonly number[]> =>
    (await listAll(stack.client, { resource: RESOURCES.domainClaims })).items
      .map((claim) => objectAt(claim, 'spec'))
      .filter((spec) => textAt(spec, 'namespace') === namespace)
      .map((spec) => Date.parse(textAt(spec, 'since') ?? ''))

  const eventsWith = async (
    namespace: string,
    text: string,
  ): Promise<readonly string[] | undefined> => {
    const events = (await routeEvents(stack, namespace)).filter((event) => event.includes(text))
    return events.length > 0 ? events : undefined
  }

  /** Has an IngressRouteTCP of namespace `flip` serve these hosts over TLS. */
  const serve = async (hosts: readonly string[]): Promise<void> => {
    const tcp = routeManifest({
      kind: 'IngressRouteTCP',
      namespace: 'flip',
      name: 'tcp',
      rules: [hosts.map((host) => `HostSNI(\`${host}.flip.example.com\`)`).join(' || ')],
      spec: { tls: { passthrough: true } },
    })
    await bob.apply(RESOURCES.ingressRouteTCPs, tcp, { force: true })
  }

  const haveTls = async (): Promise<readonly boolean[]> => {
    const { items } = await listAll(bob, { resource: RESOURCES.ingressRoutes, namespace: 'flip' })
    const own = items.filter(({ metadata }) => /"name":"r\d"/.test(JSON.stringify(metadata)))
    return own.map((route) => JSON.stringify(route).includes('"tls"'))
  }

  const statusOf = async (namespace: string, route: string) => {
    const gathered = await gather(stack.client, namespace)
    const items = await settledItems(stack.client, gathered, { namespace, now: new Date() })
    const item = items.find((one) => one.route === route)
    return `${item?.state} ${item?.reason}: ${item?.message} (${item?.cause})`
  }

  test('50 hosts at once: he gets his share, another tenant his at once, and it is told', async () => {
    await Promise.all(['flood', 'victim'].map(async (name) => makeNamespace(stack, name)))
    await Promise.all(hosts.map(async (name) => create('flood', name)))
    await create('victim', 'shop')
    await until('the victim to have his Certificate', async () =>
      (await certificatesIn('victim')) === 1 ? true : undefined,
    )
    const told = await until('it to be told', async () => {
      const events = await eventsWith('flood', 'CertificateLimited')
      return events?.length === hosts.length - MOST ? events : undefined
    })
    assert.match(
      told[0] ?? '',
      /certificates wait: 10 were made for this namespace in the last hour/,
    )
    assert.equal(await certificatesIn('flood'), MOST)
    const waiting = told[0]?.split(':')[0] ?? ''
    assert.match(
      await statusOf('flood', waiting),
      /^pending CertificateLimited: .*\(CertificateLimited\)$/,
    )
  })

  test('he deletes what he got to get more: it counts all the same', async () => {
    for (const name of hosts) {
      await bob.delete({ resource: RESOURCES.ingressRoutes, namespace: 'flood', name })
    }
    await until('garbage collection', async () =>
      (await certificatesIn('flood')) === 0 ? true : undefined,
    )
    await create('flood', 'again')
    await until('it to be told', async () => eventsWith('flood', 'again: CertificateLimited'))
    assert.equal(await certificatesIn('flood'), 0)
  })

  test('3,000 hosts at once: he gets his share of claims, another tenant his in between', async (t) => {
    await Promise.all(['many', 'honest'].map(async (name) => makeNamespace(stack, name)))
    const names = Array.from({ length: 30 }, (_, at) => `r${at}`)
    const create100 = async (name: string): Promise<void> => {
      const rules = Array.from(
        { length: 100 },
        (_, at) => `Host(\`h${at}.${name}.many.example.com\`)`,
      )
      await create('many', name, { rules, spec: { tls: { secretName: 'own' } } })
    }
    await Promise.all(names.map(create100))
    await create('honest', 'shop')
    const began = Date.now()
    await until('the other tenant to have his claim', async () =>
      (await claimsOf('honest')).length === 1 ? true : undefined,
    )
    const told = await until('it to be told', async () => {
      const events = await eventsWith('many', 'ClaimLimited')
      return events !== undefined && events.length >= 25 ? events : undefined
    })
    assert.match(told[0] ?? '', /this namespace has 500, the most it may have/)
    assert.equal(new Set(told).size, told.length)
    assert.equal((await claimsOf('many')).length, MOST_CLAIMS)
    const [since = 0] = await claimTimes('honest')
    const between = (await claimTimes('many')).filter((at) => at > began && at < since)
    t.diagnostic(`${since - began} ms, and ${between.length} claims of the flood in between`)
    assert.ok(between.length < MOST_CLAIMS / 3)
    const metrics = await (await fetch(tlsauto.metricsUrl)).text()
    assert.match(metrics, /^tlsauto_claims_waiting 2500$/m)
  })

  test('a host that stayed unclaimed gets no Certificate; once a claim is gone it gets both', async () => {
    await create('many', 'late')
    await until('it to be told', async () => eventsWith('many', 'late: ClaimLimited'))
    assert.equal(await certificatesIn('many'), 0)
    assert.match(
      await statusOf('many', 'late'),
      /^pending ClaimLimited: hosts wait for a DomainClaim.*\(ClaimLimited\)$/,
    )
    // The administrator sees what the flood was, and deletes it; the grace is not over.
    for (const name of Array.from({ length: 30 }, (_, at) => `r${at}`)) {
      await bob.delete({ resource: RESOURCES.ingressRoutes, namespace: 'many', name })
    }
    const [old] = await claimsOf('many')
    await stack.client.delete({ resource: RESOURCES.domainClaims, name: old ?? '' })
    await until('its Certificate', async () =>
      (await certificatesIn('many')) === 1 ? true : undefined,
    )
    assert.ok((await claimsOf('many')).includes('late.many.example.com'))
  })

  test('3 applies of a route with 500 bad hosts are 3 Events', async () => {
    await makeNamespace(stack, 'noise')
    for (const round of [1, 2, 3]) {
      const rules = Array.from({ length: 500 }, (_, at) => `Host(\`h${at}.r${round}.local\`)`)
      const object = routeManifest({ namespace: 'noise', name: 'bad', rules })
      await bob.apply(RESOURCES.ingressRoutes, object, { force: true })
      await until('it to be told', async () => eventsWith('noise', `.r${round}.local`))
    }
    const all = await routeEvents(stack, 'noise')
    assert.ok(all.length <= 25, all.join('\n'))
    const events = all.filter((event) => event.startsWith('bad: PrivateHost'))
    assert.equal(events.length, 3)
    assert.match(events[0] ?? '', /and 497 more: kubectl tlsauto describe -n noise bad$/)
  })

  test('he puts a companion back whenever it is written: ever fewer writes, and he is named', async (t) => {
    await makeNamespace(stack, 'fight')
    await create('fight', 'shop', { spec: { entryPoints: ['web', 'websecure'] } })
    const target = {
      resource: RESOURCES.ingressRoutes,
      namespace: 'fight',
      name: 'tlsauto-http-shop',
    }
    await until('the companion', async () => find(bob, target))
    const kubeconfig = await stack.userKubeconfig('bob')
    const patch = JSON.stringify({ spec: { entryPoints: ['mine'] } })
    const end = Date.now() + 20_000
    while (Date.now() < end) {
      if (JSON.stringify(await find(bob, target)).includes('"entryPoints":["mine"]')) continue
      await stack.kubectl(
        [
          'patch',
          'ingressroute',
          target.name,
          '-n',
          'fight',
          '--type=merge',
          '-p',
          patch,
          '--field-manager=gitops',
        ],
        { kubeconfig },
      )
    }
    const writes = (await writesOf(stack)).filter(
      ({ resource, namespace, name, status }) =>
        resource === 'ingressroutes' &&
        namespace === 'fight' &&
        name === target.name &&
        status < 300,
    )
    t.diagnostic(`${writes.length} writes in 20 s`)
    assert.ok(writes.length > 3 && writes.length <= 12, `${writes.length} writes`)
    const told = await until('it to be told', async () => eventsWith('fight', 'ChangedBack'))
    assert.equal(told.length, 1)
    assert.match(told[0] ?? '', /IngressRoute tlsauto-http-shop \(field manager "gitops"\)/)
  })

  test('a ResourceQuota that refuses a Certificate is told in its own words, and tried again', async () => {
    await makeNamespace(stack, 'full')
    await stack.client.apply(RESOURCES.resourceQuotas, quota('0'), { force: true })
    await until('the quota to be counted', async () => {
      const found = await find(stack.client, {
        resource: RESOURCES.resourceQuotas,
        namespace: 'full',
        name: 'few',
      })
      return JSON.stringify(found).includes('"used"') ? true : undefined
    })
    await create('full', 'shop')
    const told = await until('it to be told', async () => eventsWith('full', 'CertificateRefused'))
    assert.equal(told.length, 1)
    assert.match(told[0] ?? '', /shop: CertificateRefused: .*exceeded quota: few/)
    assert.match(
      await statusOf('full', 'shop'),
      /^pending CertificateRefused: .*exceeded quota: few.*\(CertificateRefused\)$/,
    )
    await stack.client.apply(RESOURCES.resourceQuotas, quota('9'), { force: true })
    await until(
      'the Certificate',
      async () => ((await certificatesIn('full')) === 1 ? true : undefined),
      60_000,
    )
  })

  test('he flips what serves the hosts of 10 routes: they are written ever less often', async (t) => {
    await makeNamespace(stack, 'flip')
    const names = Array.from({ length: 10 }, (_, at) => `r${at}`)
    // It is there first, so it is not robbed of a host that it comes to serve.
    await serve(['other'])
    await Promise.all(names.map(async (name) => create('flip', name)))
    for (let round = 0; round < 12; round += 1) {
      for (const [hosts, tls] of [
        [names, false],
        [['other'], true],
      ] as const) {
        await serve(hosts)
        const isDone = async () =>
          (await haveTls()).every((has) => has === tls) ? true : undefined
        await until('all to be written', isDone, 1000).catch(() => undefined)
      }
    }
    const written = (await writesOf(stack)).filter(
      ({ resource, namespace, name, status }) =>
        resource === 'ingressroutes' && namespace === 'flip' && /^r\d$/.test(name) && status < 300,
    )
    t.diagnostic(`${written.length} writes; without a limit they would be ${24 * names.length}`)
    assert.ok(written.length > 40 && written.length <= 120, `${written.length} writes`)
  })

  test('whatever he does in his namespace, nothing of another is written', async (t) => {
    // A certificate that is issued meanwhile would be a reason to write.
    stack.certManager.kill('SIGSTOP')
    t.after(() => stack.certManager.kill('SIGCONT'))
    await Promise.all(['mine', 'rob'].map(async (name) => makeNamespace(stack, name)))
    const names = Array.from({ length: 10 }, (_, at) => `r${at}`)
    await Promise.all(names.map(async (name) => create('mine', name)))
    await until('the victim to have all that is his', async () => {
      const { items } = await listAll(bob, { resource: RESOURCES.ingressRoutes, namespace: 'mine' })
      return items.length === 20 && (await certificatesIn('mine')) === 10 ? true : undefined
    })
    const before = await writtenIn(stack, 'mine')
    const theirs = names.map((name) => `${name}.mine.example.com`)
    const shapes = [
      { rules: theirs.map((host) => `Host(\`${host}\`)`) },
      { rules: ['Host(`*.mine.example.com`)'] },
      {
        kind: 'IngressRouteTCP' as const,
        rules: theirs.map((host) => `HostSNI(\`${host}\`)`),
        spec: { tls: { passthrough: true } },
      },
    ]
    for (let round = 0; round < 5; round += 1) {
      for (const shape of shapes) {
        const object = routeManifest({ namespace: 'rob', name: 'all', ...shape })
        const resource =
          shape.kind === undefined ? RESOURCES.ingressRoutes : RESOURCES.ingressRouteTCPs
        await bob.create(resource, object)
        await bob.delete({ resource, namespace: 'rob', name: 'all' })
      }
    }
    await create('rob', 'own')
    await until('all of it to be looked at', async () =>
      (await certificatesIn('rob')) > 0 ? true : undefined,
    )
    assert.deepEqual(await writtenIn(stack, 'mine'), before)
  })

  test('250 routes with 250 kB of annotations each: a server with a heap of 80 MB starts', async () => {
    await makeNamespace(stack, 'heavy')
    await tlsauto.stop()
    const annotations = {
      'example.com/a': 'x'.repeat(125_000),
      'tlsauto.dev/b': 'x'.repeat(125_000),
    }
    const names = Array.from({ length: 250 }, (_, at) => `r${at}`)
    const worker = async (): Promise<void> => {
      for (let name = names.pop(); name !== undefined; name = names.pop()) {
        await create('heavy', name, { annotations })
      }
    }
    await Promise.all([worker(), worker(), worker(), worker()])
    tlsauto = await startTlsauto(stack, { nodeOptions: ['--max-old-space-size=80'] })
    await create('victim', 'after')
    await until('a server that has listed them all to go on', async () =>
      (await certificatesIn('victim')) === 2 ? true : undefined,
    )
    const { items } = await listAll(bob, { resource: RESOURCES.ingressRoutes, namespace: 'heavy' })
    assert.ok(items.length >= 250)
  })
})
