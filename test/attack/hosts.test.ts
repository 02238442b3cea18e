import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { parseCertificate, type Certificate } from '../../shared/certmanager/certificate.ts'
import { claimName } from '../../shared/claims/domain-claim.ts'
import { objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import { kubeClient } from '../../shared/kube/client.ts'
import { listParsed, type KubeClient } from '../../shared/kube/kube-client.ts'
import { isStatus } from '../../shared/kube/kube-error.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { OUR_LABELS } from '../../shared/kube/ours.ts'
import { find, makeNamespace, stored } from '../stack/objects.ts'
import { routeManifest, type RouteInput } from '../stack/route-manifest.ts'
import { applySelfSignedIssuer } from '../stack/self-signed-issuer.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { startTlsauto, type Tlsauto } from '../stack/tlsauto.ts'
import { until } from '../stack/until.ts'

// Bob wants hosts of Alice's. He may write routes, and Certificates where an attack takes them, in namespaces of
// his own alone.

const POLICY = join(import.meta.dirname, '..', '..', 'deploy', 'tlsauto-allowed-domains.yaml')
const SECURE = { entryPoints: ['websecure'] }

let stack: Stack
let tlsauto: Tlsauto
let bob: KubeClient
let kubeconfigOfBob: string
let count = 0

before(async () => {
  stack = await startStack({ backoff: '1s' })
  kubeconfigOfBob = await stack.userKubeconfig('bob')
  bob = kubeClient({ kubeconfig: kubeconfigOfBob })
  const flags = ['--wildcard-cluster-issuer=letsencrypt-prod']
  ;[tlsauto] = await Promise.all([
    startTlsauto(stack, { flags }),
    applySelfSignedIssuer(stack),
    stack.kubectl(['apply', '-f', POLICY]),
    grantRoles(),
  ])
})

after(async () => {
  await stack.stop()
})

suite('with routes alone nobody takes a host', () => {
  test('by the note of an earlier tlsauto, written as field manager tlsauto', async () => {
    const { victim, rival, host } = await twoTenants()
    const certificate = await served(victim, host)
    const annotations = { 'tlsauto.dev/holds': host }
    const forged = routeManifest({
      namespace: rival,
      name: 'r',
      rules: [ruleOf(host)],
      annotations,
    })
    await bob.apply(RESOURCES.ingressRoutes, forged, { force: true })
    await assertKept(certificate, rival, host)
    await tlsauto.stop()
    await tlsauto.start()
    await assertKept(certificate, rival, host)
  })

  const servedOtherwise: readonly {
    readonly name: string
    readonly serve: (namespace: string, host: string) => Promise<void>
  }[] = [
    {
      name: 'with a Secret of its own',
      serve: async (namespace, host) =>
        create({
          namespace,
          name: 'r',
          rules: [ruleOf(host)],
          spec: { tls: { secretName: 'own' } },
        }),
    },
    {
      name: 'that is opted out',
      serve: async (namespace, host) => {
        const annotations = { 'tlsauto.dev/enabled': 'false' }
        await create({ namespace, name: 'r', rules: [ruleOf(host)], annotations })
      },
    },
    {
      name: 'that a wildcard covers',
      serve: async (namespace, host) => {
        const rules = [ruleOf(`*.${host.slice(host.indexOf('.') + 1)}`)]
        await create({ namespace, name: 'all', rules, spec: SECURE })
        await create({ namespace, name: 'r', rules: [ruleOf(host)], spec: SECURE })
      },
    },
    {
      name: 'beside tls.domains',
      serve: async (namespace, host) => {
        const tls = { domains: [{ main: `other-${host}` }] }
        await create({ namespace, name: 'r', rules: [ruleOf(host)], spec: { ...SECURE, tls } })
      },
    },
    {
      name: 'of an IngressRouteTCP that passes TLS through',
      serve: async (namespace, host) => {
        const rules = [`HostSNI(\`${host}\`)`]
        const route = { kind: 'IngressRouteTCP', namespace, name: 'r', rules } as const
        const spec = { ...SECURE, tls: { passthrough: true } }
        await stack.client.create(RESOURCES.ingressRouteTCPs, routeManifest({ ...route, spec }))
      },
    },
    {
      name: 'of an Ingress with TLS',
      serve: async (namespace, host) => {
        const service = { name: 'web', port: { number: 80 } }
        const paths = [{ path: '/', pathType: 'Prefix', backend: { service } }]
        await stack.client.create(RESOURCES.ingresses, {
          apiVersion: 'networking.k8s.io/v1',
          kind: 'Ingress',
          metadata: { namespace, name: 'r' },
          spec: { tls: [{ hosts: [host] }], rules: [{ host, http: { paths } }] },
        })
      },
    },
  ]
  for (const { name, serve } of servedOtherwise) {
    test(`by adding it to an older route: a host ${name}`, async () => {
      const { victim, rival, host } = await twoTenants()
      const own = `own-${host}`
      await bob.create(
        RESOURCES.ingressRoutes,
        secure({ namespace: rival, name: 'r', rules: [ruleOf(own)] }),
      )
      await issued(rival, own)
      await serve(victim, host)
      await claimed(host, victim)
      await editHosts(rival, [own, host])
      await settled(rival)
      assert.deepEqual(await certificatesFor(rival, host), [])
      await claimed(host, victim)
    })
  }

  test('by a wildcard over it, or a name that an annotation adds', async () => {
    const { victim, rival, host } = await twoTenants()
    const certificate = await served(victim, host)
    const wildcard = `*.${host.slice(host.indexOf('.') + 1)}`
    await bob.create(
      RESOURCES.ingressRoutes,
      secure({ namespace: rival, name: 'wide', rules: [ruleOf(wildcard)] }),
    )
    const annotations = { 'cert-manager.io/alt-names': host, 'cert-manager.io/common-name': host }
    const own = `own-${host}`
    await bob.create(
      RESOURCES.ingressRoutes,
      secure({ namespace: rival, name: 'added', rules: [ruleOf(own)], annotations }),
    )
    assert.deepEqual((await issued(rival, own)).spec.dnsNames, [own])
    await assertKept(certificate, rival, host)
    assert.deepEqual(await certificatesFor(rival, wildcard), [])
  })

  test('by a Certificate that says it is tlsauto’s', async () => {
    const { victim, rival, host } = await twoTenants()
    const dnsNames = [host, ...Array.from({ length: 100 }, (_, at) => `squat-${at}-${host}`)]
    await bob.create(RESOURCES.certificates, {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata: { namespace: rival, name: 'squat', labels: OUR_LABELS },
      spec: { secretName: 'squat', dnsNames, issuerRef: { name: 'missing' } },
    })
    await settled(rival)
    await served(victim, host)
    await served(victim, `squat-99-${host}`, 'other')
    await claimed(host, victim)
  })

  test('by waiting for kubectl replace --force', async () => {
    const { victim, rival, host } = await twoTenants()
    await served(victim, host)
    await bob.create(
      RESOURCES.ingressRoutes,
      secure({ namespace: rival, name: 'r', rules: [ruleOf(host)] }),
    )
    await settled(rival)
    const again = secure({ namespace: victim, name: 'r', rules: [ruleOf(host)] })
    await stack.kubectl(['replace', '--force', '-f', '-'], { input: JSON.stringify(again) })
    await assertKept(await issued(victim, host), rival, host)
  })

  test('by waiting for a restore', async () => {
    const { victim, rival, host } = await twoTenants()
    await served(victim, host)
    await bob.create(
      RESOURCES.ingressRoutes,
      secure({ namespace: rival, name: 'r', rules: [ruleOf(host)] }),
    )
    await stack.client.delete({ resource: RESOURCES.ingressRoutes, namespace: victim, name: 'r' })
    await settled(rival)
    assert.deepEqual(await certificatesFor(rival, host), [])
    await create({ namespace: victim, name: 'r', rules: [ruleOf(host)], spec: SECURE })
    await assertKept(await issued(victim, host), rival, host)
  })

  test('by waiting for a namespace that is made again', async () => {
    const { victim, rival, host } = await twoTenants()
    await served(victim, host)
    await bob.create(
      RESOURCES.ingressRoutes,
      secure({ namespace: rival, name: 'r', rules: [ruleOf(host)] }),
    )
    await stack.kubectl(['delete', 'namespace', victim, '--timeout=60s'])
    await settled(rival)
    assert.deepEqual(await certificatesFor(rival, host), [])
    await makeNamespace(stack, victim)
    await create({ namespace: victim, name: 'r', rules: [ruleOf(host)], spec: SECURE })
    await assertKept(await issued(victim, host), rival, host)
  })
})

suite('who may annotate his namespace', () => {
  test('gives it no hosts and no issuers without the right to update DomainClaims', async () => {
    const { rival, host } = await twoTenants()
    const at = { resource: RESOURCES.namespaces, name: rival }
    const annotated = (key: string): JsonObject => ({ metadata: { annotations: { [key]: host } } })
    for (const key of ['tlsauto.dev/allowed-domains', 'tlsauto.dev/allowed-issuers']) {
      await until(`${key} to be refused`, async () => refused(bob.mergePatch(at, annotated(key))))
      const options = ['-p', JSON.stringify(annotated(key)), '--subresource=status', '--type=merge']
      await assert.rejects(
        stack.kubectl(['patch', 'namespace', rival, ...options], { kubeconfig: kubeconfigOfBob }),
        /not allowed to update domainclaims/,
      )
    }
    await bob.mergePatch(at, annotated('tlsauto.dev/http'))
    await stack.client.mergePatch(at, annotated('tlsauto.dev/allowed-domains'))
    const removed = { metadata: { annotations: { 'tlsauto.dev/allowed-domains': null } } }
    assert.equal(await refused(bob.mergePatch(at, removed)), true)
    await bob.mergePatch(at, annotated('other'))
  })
})

suite('nobody without rights of an administrator', () => {
  test('writes DomainClaims', async () => {
    const { rival, host } = await twoTenants()
    const spec = { host, namespace: rival }
    const claim = {
      apiVersion: 'tlsauto.dev/v1alpha1',
      kind: 'DomainClaim',
      metadata: { name: host },
      spec,
    }
    assert.equal(await refused(bob.create(RESOURCES.domainClaims, claim)), true)
  })
})

suite('an administrator', () => {
  test('gives a host to another namespace, and the certificate that is live stays', async () => {
    const { victim, rival, host } = await twoTenants()
    const before = await served(victim, host)
    const at = { resource: RESOURCES.domainClaims, name: host }
    const patch = JSON.stringify({ spec: { namespace: rival } })
    await stack.kubectl(['patch', 'domainclaim', host, '--type=merge', '-p', patch])
    await create({ namespace: rival, name: 'r', rules: [ruleOf(host)], spec: SECURE })
    await issued(rival, host)
    const annotations = { 'cert-manager.io/duration': '100h' }
    await stack.client.mergePatch(
      { resource: RESOURCES.ingressRoutes, namespace: victim, name: 'r' },
      { metadata: { annotations } },
    )
    await settled(victim)
    const [after] = await certificatesFor(victim, host)
    assert.deepEqual(after?.metadata.uid, before.metadata.uid)
    assert.deepEqual(after?.spec, before.spec)
    assert.equal(textAt(objectAt(await stored(stack.client, at), 'spec'), 'namespace'), rival)
  })

  test('gives all hosts below a wildcard to a namespace ahead', async () => {
    const { victim, rival, host } = await twoTenants()
    const wildcard = `*.${host.slice(host.indexOf('.') + 1)}`
    await stack.client.create(RESOURCES.domainClaims, {
      apiVersion: 'tlsauto.dev/v1alpha1',
      kind: 'DomainClaim',
      metadata: { name: claimName(wildcard) },
      spec: { host: wildcard, namespace: victim, below: true },
    })
    await bob.create(
      RESOURCES.ingressRoutes,
      secure({ namespace: rival, name: 'r', rules: [ruleOf(host)] }),
    )
    await settled(rival)
    assert.deepEqual(await certificatesFor(rival, host), [])
    await served(victim, host)
  })
})

/** Alice's namespace, Bob's, and a host of its own. */
async function twoTenants(): Promise<Record<'victim' | 'rival' | 'host', string>> {
  count += 1
  const [victim, rival] = [`alice-${count}`, `bob-${count}`]
  await Promise.all([makeNamespace(stack, victim), makeNamespace(stack, rival)])
  const items = [
    binding(rival, 'tenant'),
    { ...rights('ClusterRole', `annotate-${rival}`, [annotating(rival)]) },
    binding(undefined, `annotate-${rival}`),
  ]
  const list = { apiVersion: 'v1', kind: 'List', items }
  await stack.kubectl(['apply', '-f', '-'], { input: JSON.stringify(list) })
  await until('his rights', async () => {
    const { items: seen } = await bob.list({ resource: RESOURCES.ingressRoutes, namespace: rival })
    return seen
  })
  return { victim, rival, host: `shop.zone-${count}.org` }
}

async function grantRoles(): Promise<void> {
  const rules = [
    { apiGroups: ['traefik.io'], resources: ['ingressroutes'], verbs: ['*'] },
    { apiGroups: ['cert-manager.io'], resources: ['certificates'], verbs: ['*'] },
  ]
  const role = JSON.stringify(rights('ClusterRole', 'tenant', rules))
  await stack.kubectl(['apply', '-f', '-'], { input: role })
}

function annotating(namespace: string): object {
  const resources = ['namespaces', 'namespaces/status']
  return { apiGroups: [''], resources, resourceNames: [namespace], verbs: ['get', 'patch'] }
}

function rights(kind: string, name: string, rules: readonly object[]): object {
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind, metadata: { name }, rules }
}

function binding(namespace: string | undefined, role: string): object {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding',
    metadata: { name: role, ...(namespace === undefined ? {} : { namespace }) },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'User', name: 'bob' }],
  }
}

/** Whether the API server refuses it for a lack of rights. */
async function refused(request: Promise<unknown>): Promise<true | undefined> {
  return request.then(
    () => undefined,
    (error: unknown) => isStatus(error, 403) || undefined,
  )
}

function ruleOf(host: string): string {
  return `Host(\`${host}\`)`
}

function secure(input: RouteInput): JsonObject {
  return routeManifest({ ...input, spec: SECURE })
}

async function create(input: RouteInput): Promise<void> {
  await stack.client.create(RESOURCES.ingressRoutes, routeManifest(input))
}

async function editHosts(namespace: string, hosts: readonly string[]): Promise<void> {
  const { spec } = routeManifest({ namespace, name: 'r', rules: hosts.map(ruleOf) })
  await bob.mergePatch({ resource: RESOURCES.ingressRoutes, namespace, name: 'r' }, { spec })
}

/** Alice serves a host, with its certificate. */
async function served(namespace: string, host: string, name = 'r'): Promise<Certificate> {
  await create({ namespace, name, rules: [ruleOf(host)], spec: SECURE })
  return issued(namespace, host)
}

async function issued(namespace: string, host: string): Promise<Certificate> {
  return until(`the certificate of ${host} in ${namespace}`, async () => {
    const [certificate] = await certificatesFor(namespace, host)
    return certificate?.status.notAfter === undefined ? undefined : certificate
  })
}

async function claimed(host: string, namespace: string): Promise<void> {
  await until(`${host} to be claimed for ${namespace}`, async () => {
    const at = { resource: RESOURCES.domainClaims, name: claimName(host) }
    const claim = await find(stack.client, at)
    return (claim && textAt(objectAt(claim, 'spec'), 'namespace') === namespace) || undefined
  })
}

/** tlsauto's Certificates of a namespace for a host. */
async function certificatesFor(namespace: string, host: string): Promise<readonly Certificate[]> {
  const resource = RESOURCES.certificates
  const { items } = await listParsed(stack.client, { resource, namespace }, parseCertificate)
  return items.filter(
    ({ metadata, spec }) => metadata.name !== 'squat' && spec.dnsNames.includes(host),
  )
}

/** Alice has the same Certificate still, and Bob none for her host. */
async function assertKept(before: Certificate, rival: string, host: string): Promise<void> {
  await settled(rival)
  assert.deepEqual(await certificatesFor(rival, host), [])
  const [after] = await certificatesFor(before.metadata.namespace, host)
  assert.equal(after?.metadata.uid, before.metadata.uid)
}

/** Waits until tlsauto has seen all that was written before in a namespace: a later route of it is done. */
async function settled(namespace: string): Promise<void> {
  count += 1
  const host = `settled.zone-${count}.org`
  await create({ namespace, name: `settled-${count}`, rules: [ruleOf(host)], spec: SECURE })
  await issued(namespace, host)
}
