import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { parseCertificate, type Certificate } from '../../shared/certmanager/certificate.ts'
import type { JsonObject } from '../../shared/json/json.ts'
import { listAll } from '../../shared/kube/kube-client.ts'
import { findCondition, parseMeta } from '../../shared/kube/object.ts'
import { isOurs } from '../../shared/kube/ours.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { find, makeNamespace, stored } from '../stack/objects.ts'
import { routeManifest } from '../stack/route-manifest.ts'
import { applySelfSignedIssuer } from '../stack/self-signed-issuer.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { startTlsauto } from '../stack/tlsauto.ts'
import { until } from '../stack/until.ts'

let stack: Stack

before(async () => {
  stack = await startStack()
  await Promise.all([applySelfSignedIssuer(stack), startTlsauto(stack)])
})

after(async () => {
  await stack.stop()
})

const MANY = Number(process.env['TLSAUTO_ADOPTED'] ?? 20)
const SECURE = { entryPoints: ['websecure'] }
const LETSENCRYPT = {
  name: 'letsencrypt-prod',
  kind: 'ClusterIssuer',
  group: 'cert-manager.io',
}
const CONTROL_PLANE = 'paas-control-plane'

suite('Certificates that their owner hands over', () => {
  test(`are taken over without a new issuance, ${MANY} of them`, async () => {
    const namespace = await makeNamespace(stack, 'adopted')
    const hosts = Array.from({ length: MANY }, (_, index) => `h${index}.example.com`)
    const names = hosts.map((host, index) => `app${index}-${host.replaceAll('.', '-')}`)
    await handOver(
      namespace,
      hosts.map((host, index) => ({
        metadata: { name: `cert-${names[index]}` },
        // ECDSA, and a label on the Secret: fields that nobody but their owner asks for.
        spec: {
          secretName: `tls-${names[index]}`,
          dnsNames: [host],
          privateKey: { algorithm: 'ECDSA', rotationPolicy: 'Never' },
          secretTemplate: { labels: { plan: 'gold' } },
        },
      })),
    )
    await untilReady(namespace, MANY)
    const before = await issuances(namespace)
    await Promise.all(
      hosts.map(async (host, index) =>
        stack.client.create(
          RESOURCES.ingressRoutes,
          routeManifest({
            namespace,
            name: `app${index}`,
            rules: [`Host(\`${host}\`)`],
            spec: SECURE,
          }),
        ),
      ),
    )
    await until(
      'all to be ours',
      async () => {
        const all = await certificates(namespace)
        return all.every(isOwned) || undefined
      },
      60_000 + MANY * 100,
    )
    await settled('adopted')
    const after = await certificates(namespace)
    assert.equal(after.length, MANY)
    assert.deepEqual(
      after.map(({ spec }) => spec.options),
      after.map(() => ({
        privateKey: { algorithm: 'ECDSA', rotationPolicy: 'Never' },
        secretTemplate: { labels: { plan: 'gold' } },
      })),
    )
    assert.deepEqual(await issuances(namespace), before)
  })

  test('keep their names and Secrets, and the routes come to name these', async () => {
    const namespace = await makeNamespace(stack, 'kept')
    const dnsNames = ['a.kept.org', 'b.kept.org']
    await handOver(namespace, [
      { metadata: { name: 'site' }, spec: { secretName: 'site-tls', dnsNames } },
      { metadata: { name: 'same' }, spec: { secretName: 'same', dnsNames: ['c.kept.org'] } },
    ])
    await untilReady(namespace, 2)
    const before = await issuances(namespace)
    const create = async (name: string, hosts: readonly string[]) =>
      stack.client.create(
        RESOURCES.ingressRoutes,
        routeManifest({
          namespace,
          name,
          rules: hosts.map((host) => `Host(\`${host}\`)`),
          spec: SECURE,
        }),
      )
    await Promise.all([create('shop', dnsNames), create('blog', ['c.kept.org'])])
    await Promise.all([named(namespace, 'shop', 'site-tls'), named(namespace, 'blog', 'same')])
    await until('both to be ours', async () => {
      const all = await certificates(namespace)
      return all.every(isOwned) || undefined
    })
    // Their manifests go on without the word that handed them over.
    await stack.kubectl(
      [
        'apply',
        '--server-side',
        `--field-manager=${CONTROL_PLANE}`,
        '--force-conflicts',
        '-f',
        '-',
      ],
      {
        input: JSON.stringify(
          manifest(
            namespace,
            { metadata: { name: 'same' }, spec: { secretName: 'same', dnsNames: ['c.kept.org'] } },
            {},
          ),
        ),
      },
    )
    await settled('kept')
    assert.deepEqual(
      (await certificates(namespace)).map(({ metadata, spec }) => [
        metadata.name,
        spec.dnsNames.toSorted(),
      ]),
      [
        ['same', ['c.kept.org']],
        ['site', dnsNames],
      ],
    )
    assert.deepEqual(await issuances(namespace), before)
  })

  test('lose their former owner', async () => {
    const namespace = await makeNamespace(stack, 'former')
    const at = { resource: RESOURCES.namespaces, name: namespace }
    const uid = parseMeta((await stored(stack.client, at))['metadata'])?.uid ?? ''
    const former = { apiVersion: 'v1', kind: 'Namespace', name: namespace, uid, controller: true }
    await handOver(namespace, [
      {
        metadata: { name: 'x', ownerReferences: [former] },
        spec: { secretName: 'x', dnsNames: ['former.org'] },
      },
    ])
    const rules = ['Host(`former.org`)']
    await stack.client.create(
      RESOURCES.ingressRoutes,
      routeManifest({ namespace, name: 'r', rules, spec: SECURE }),
    )
    await until('it to be ours', async () => {
      const [one] = await certificates(namespace)
      return (one !== undefined && isOwned(one)) || undefined
    })
    const [one] = await certificates(namespace)
    assert.deepEqual(
      one?.metadata.ownerReferences.map(({ kind, name }) => [kind, name]),
      [['IngressRoute', 'r']],
    )
  })

  test('are left alone while a Certificate of ours stands for their host', async () => {
    const namespace = await makeNamespace(stack, 'late')
    const rules = ['Host(`late.org`)']
    await stack.client.create(
      RESOURCES.ingressRoutes,
      routeManifest({ namespace, name: 'r', rules, spec: SECURE }),
    )
    await untilReady(namespace, 1)
    await handOver(namespace, [
      { metadata: { name: 'late' }, spec: { secretName: 'late', dnsNames: ['late.org'] } },
    ])
    await settled('late')
    const all = await certificates(namespace)
    assert.deepEqual(
      all.map((one) => [one.metadata.name, isOwned(one)]),
      [
        ['cert-r-late-org', true],
        ['late', false],
      ],
    )
  })
})

type Part = { readonly metadata: JsonObject; readonly spec: JsonObject }

async function handOver(namespace: string, parts: readonly Part[]): Promise<void> {
  const annotations = { 'tlsauto.dev/adopt': 'true' }
  const items = parts.map((part) => manifest(namespace, part, annotations))
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
  const manager = `--field-manager=${CONTROL_PLANE}`
  await stack.kubectl(['apply', '--server-side', manager, '-f', '-'], { input })
}

function manifest(namespace: string, { metadata, spec }: Part, annotations: JsonObject) {
  return {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    metadata: { namespace, annotations, ...metadata },
    spec: { issuerRef: LETSENCRYPT, ...spec },
  }
}

async function certificates(namespace: string): Promise<readonly Certificate[]> {
  const { items } = await listAll(stack.client, { resource: RESOURCES.certificates, namespace })
  return items.flatMap((item) => parseCertificate(item) ?? [])
}

function isOwned(certificate: Certificate): boolean {
  return isOurs(certificate) && certificate.metadata.ownerReferences.length > 0
}

/** What tells of an issuance: revisions, requests, and the certificates' Secrets as they are. */
async function issuances(namespace: string): Promise<unknown> {
  const versions = async (resource: (typeof RESOURCES)['certificateRequests' | 'secrets']) => {
    const { items } = await listAll(stack.client, { resource, namespace })
    return items.map((item) => {
      const metadata = parseMeta(item['metadata'])
      return [metadata?.name, metadata?.resourceVersion]
    })
  }
  const all = await certificates(namespace)
  const names = new Set(all.map(({ spec }) => spec.secretName))
  return {
    revisions: all.map(({ status }) => status.revision),
    requests: await versions(RESOURCES.certificateRequests),
    // Beside them, for a while, are the keys that cert-manager makes for an issuance.
    secrets: (await versions(RESOURCES.secrets)).filter(([name = '']) => names.has(name)),
  }
}

async function untilReady(namespace: string, count: number): Promise<void> {
  await until(
    `${count} ready Certificates`,
    async () => {
      const all = await certificates(namespace)
      const ready = all.filter(isDone)
      return ready.length === count || undefined
    },
    60_000 + count * 500,
  )
}

/** Ready, with the issuance behind it: cert-manager says it is ready first. */
function isDone({ status }: Certificate): boolean {
  const is = (type: string): boolean => findCondition(status.conditions, type)?.status === 'True'
  return is('Ready') && !is('Issuing') && status.revision > 0
}

async function named(namespace: string, route: string, secret: string): Promise<void> {
  await until(`${route} to name ${secret}`, async () => {
    const at = { resource: RESOURCES.ingressRoutes, namespace, name: route }
    const { spec } = await stored(stack.client, at)
    return JSON.stringify(spec).includes(`"secretName":"${secret}"`) || undefined
  })
}

/** Waits until the controller has seen all that happened so far. */
async function settled(label: string): Promise<void> {
  const namespace = await makeNamespace(stack, `settled-${label}`)
  const rules = [`Host(\`settled-${label}.example.com\`)`]
  await stack.client.create(
    RESOURCES.ingressRoutes,
    routeManifest({ namespace, name: 'r', rules, spec: SECURE }),
  )
  await until('the next Certificate', async () => {
    const name = `cert-r-settled-${label}-example-com`
    return find(stack.client, { resource: RESOURCES.certificates, namespace, name })
  })
}
