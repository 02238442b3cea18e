import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { after, before, suite, test } from 'node:test'
import { isJsonObject, objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { find, makeNamespace, stored } from '../stack/objects.ts'
import { itemsIn, kubectlTlsauto } from '../e2e/plugin.ts'
import { createRouteEditors } from '../stack/route-editors.ts'
import { routeEvents } from '../stack/route-events.ts'
import { routeManifest } from '../stack/route-manifest.ts'
import { applySelfSignedIssuer } from '../stack/self-signed-issuer.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { startTlsauto, type Tlsauto } from '../stack/tlsauto.ts'
import { until } from '../stack/until.ts'

let stack: Stack
let tlsauto: Tlsauto
/** He may edit routes, and nothing else: no Certificates, no Secrets, no namespaces. */
let mallory: KubeClient

before(async () => {
  stack = await startStack()
  const [editors, started] = await Promise.all([
    createRouteEditors(stack),
    startTlsauto(stack),
    applySelfSignedIssuer(stack),
    applySelfSignedIssuer(stack, 'corporate-ca'),
  ])
  mallory = editors.bob
  tlsauto = started
  const annotations = {
    'tlsauto.dev/allowed-domains': '*.tenant.example.com',
    'tlsauto.dev/allowed-issuers': 'ClusterIssuer/letsencrypt-*',
  }
  await makeNamespace(stack, 'tenant', { annotations })
  await makeNamespace(stack, 'free')
  await until('RBAC to know Mallory', async () => {
    await mallory.create(RESOURCES.ingressRoutes, routeOf('free', 'known', {}))
    return true
  })
})

after(async () => {
  await stack.stop()
})

type Annotations = Readonly<Record<string, string>>

/** What he wants, and the annotations that said so. */
const WISHES: readonly (readonly [wish: string, annotations: Annotations])[] = [
  [
    'member-of-masters',
    {
      'cert-manager.io/subject-organizations': 'system:masters',
      'cert-manager.io/usages': 'client auth',
    },
  ],
  ['kubernetes-user', { 'cert-manager.io/common-name': 'system:admin' }],
  ['address', { 'cert-manager.io/ip-sans': '10.96.0.1' }],
  ['email-of-the-boss', { 'cert-manager.io/email-sans': 'boss@example.com' }],
  ['certificate-authority', { 'cert-manager.io/usages': 'cert sign' }],
  [
    'key-by-reflector',
    {
      'cert-manager.io/secret-template':
        '{"annotations":{"reflector.v1.k8s.emberstack.com/reflection-allowed":"true"}}',
    },
  ],
  [
    'key-by-kubed',
    { 'cert-manager.io/secret-template': '{"annotations":{"kubed.appscode.com/sync":""}}' },
  ],
]

for (const namespace of ['tenant', 'free']) {
  suite(
    `who may edit routes in namespace ${namespace} wants a certificate that is an identity`,
    () => {
      for (const [wish, annotations] of WISHES) {
        test(`${wish}: the API server refuses his route`, async () => {
          const creation = mallory.create(
            RESOURCES.ingressRoutes,
            routeOf(namespace, wish, annotations),
          )
          await assert.rejects(creation, /not allowed|never allowed|must be one of the names/)
        })
      }
    },
  )
}

suite('he waits until the webhook is away', () => {
  before(async () => {
    await tlsauto.stop()
    for (const namespace of ['tenant', 'free']) {
      for (const [wish, annotations] of WISHES) {
        await mallory.create(RESOURCES.ingressRoutes, routeOf(namespace, wish, annotations))
      }
    }
    const issuer = { 'cert-manager.io/cluster-issuer': 'corporate-ca' }
    await mallory.create(RESOURCES.ingressRoutes, routeOf('tenant', 'corporate', issuer))
    await tlsauto.start()
  })

  for (const namespace of ['tenant', 'free']) {
    for (const [wish] of WISHES) {
      test(`${wish} in ${namespace}: the certificate is for his host, and says nothing else`, async () => {
        const served = await until('the certificate', async () => issued(namespace, wish))
        const host = `${wish}.${namespace}.example.com`
        assert.equal(served.certificate.subjectAltName, `DNS:${host}`)
        assert.equal(served.certificate.subject, undefined)
        assert.equal(served.certificate.ca, false)
        assert.equal(served.certificate.keyUsage, undefined)
        const foreign = Object.keys({ ...served.labels, ...served.annotations }).filter(
          (key) => !/^(controller\.)?cert-manager\.io\//.test(key),
        )
        assert.deepEqual(foreign, [])
      })

      test(`${wish} in ${namespace}: an Event says why`, async () => {
        await until(
          'the Event',
          async () => {
            const events = await routeEvents(stack, namespace)
            const told = /: (Annotation\w+Allowed|CommonNameNotAllowed|AddressNotAllowed): /
            return events.some((event) => event.startsWith(`${wish}: `) && told.test(event))
              ? true
              : undefined
          },
          90_000,
        )
      })
    }
  }

  test('an issuer that his namespace does not allow signs nothing', async () => {
    // The others' certificates are there: all routes have been looked at.
    const at = certificateAt('tenant', 'corporate')
    assert.equal(await find(stack.client, at), undefined)
  })

  test('status says what he wanted and may not have', async () => {
    const { stdout } = await kubectlTlsauto(stack, ['status', '-n', 'tenant', '-o', 'json'])
    const reasons = itemsIn(stdout).map((item) => [item['route'], item['reason']])
    assert.deepEqual(Object.fromEntries(reasons), {
      address: 'AnnotationNotAllowed',
      'certificate-authority': 'AnnotationNeverAllowed',
      corporate: 'IssuerNotAllowed',
      'email-of-the-boss': 'AnnotationNotAllowed',
      'key-by-kubed': 'AnnotationNeverAllowed',
      'key-by-reflector': 'AnnotationNeverAllowed',
      'kubernetes-user': 'AnnotationNeverAllowed',
      'member-of-masters': 'AnnotationNeverAllowed',
    })
  })
})

test('he wants another issuer than his namespace allows: refused', async () => {
  const issuer = { 'cert-manager.io/cluster-issuer': 'corporate-ca' }
  const creation = mallory.create(RESOURCES.ingressRoutes, routeOf('tenant', 'corporate-2', issuer))
  await assert.rejects(creation, /corporate-ca is not in tlsauto\.dev\/allowed-issuers/)
})

const KEY = 'a private key that nobody has a copy of, and that is as long as such keys are'.repeat(
  3,
)

/** Secrets that are there, and nobody's Certificate made. */
const SECRETS: readonly (readonly [name: string, type: string, data: Annotations])[] = [
  ['database', 'Opaque', { password: 'hunter2', 'ca.crt': 'whom the database trusts' }],
  ['bought', 'kubernetes.io/tls', { 'tls.crt': 'bought', 'tls.key': KEY }],
  ['tls-own-own-free-example-com', 'kubernetes.io/tls', { 'tls.crt': 'bought', 'tls.key': KEY }],
  ['login', 'kubernetes.io/basic-auth', { username: 'admin', password: 'hunter2' }],
]

suite('he wants a Secret of the namespace overwritten, by naming it', () => {
  for (const [name, type, stringData] of SECRETS) {
    test(`${name} (${type}) stays what it is`, async () => {
      const metadata = { namespace: 'free', name }
      const secret = { apiVersion: 'v1', kind: 'Secret', metadata, type, stringData }
      const before = await stack.client.create(RESOURCES.secrets, secret)
      const own = name.startsWith('tls-own-')
      const route = own ? routeOf('free', 'own', {}) : namingRoute(name)
      await mallory.create(RESOURCES.ingressRoutes, route)
      await until('cert-manager to be refused', async () => {
        const log = await readFile(stack.certManager.log, 'utf8')
        const refusal = `Secret ${name} is not one of cert-manager`
        return log.includes(refusal) || undefined
      })
      const now = await stored(stack.client, { resource: RESOURCES.secrets, ...metadata })
      assert.deepEqual(now, before)
      const { stdout } = await kubectlTlsauto(stack, ['status', '-n', 'free', '-o', 'json'])
      const item = itemsIn(stdout).find(({ secret }) => secret === name)
      assert.equal(item?.['reason'], 'SecretUnwritten')
      const certificate = String(item?.['certificate'])
      const hard = ['--hard', '--delete-secret', '--force', '--yes']
      const args = ['recreate', certificate, '-n', 'free', ...hard]
      const recreated = await kubectlTlsauto(stack, args)
      assert.match(recreated.stderr, new RegExp(`Secret ${name} does not hold this certificate`))
      assert.deepEqual(
        await stored(stack.client, { resource: RESOURCES.secrets, ...metadata }),
        now,
      )
    })
  }
})

test('a Certificate whose Secret is called .. does not have its namespace deleted', async () => {
  await makeNamespace(stack, 'dots')
  const metadata = { namespace: 'dots', name: 'cert-dots-dots-example-com' }
  await mallory.create(
    RESOURCES.ingressRoutes,
    routeManifest({ namespace: 'dots', name: 'dots', rules: ['Host(`dots.example.com`)'] }),
  )
  const target = { resource: RESOURCES.certificates, ...metadata }
  await until('the Certificate', async () => find(stack.client, target))
  // As who may write Certificates: cert-manager's webhook would refuse it, where it is there.
  await tlsauto.stop()
  await stack.client.mergePatch(target, { spec: { secretName: '..' } })
  const hard = ['--hard', '--delete-secret', '--force', '--yes']
  // Nobody makes it again meanwhile.
  const args = ['recreate', metadata.name, '-n', 'dots', ...hard, '--timeout=1s']
  await kubectlTlsauto(stack, args)
  const namespace = await stored(stack.client, { resource: RESOURCES.namespaces, name: 'dots' })
  assert.equal(objectAt(namespace, 'metadata')['deletionTimestamp'], undefined)
  await tlsauto.start()
})

suite('who is honest', () => {
  test('names a Secret that is not there yet, and changes the key later', async () => {
    await mallory.create(RESOURCES.ingressRoutes, namingRoute('fresh'))
    const first = await until('the Secret', async () => secretData('fresh'))
    const at = { resource: RESOURCES.ingressRoutes, namespace: 'free', name: 'fresh' }
    const annotations = { 'cert-manager.io/private-key-size': '3072' }
    await mallory.mergePatch(at, { metadata: { annotations } })
    await until('another certificate', async () => {
      const next = await secretData('fresh')
      return next !== undefined && next['tls.crt'] !== first['tls.crt'] ? true : undefined
    })
  })

  for (const [name, metadata, key] of [
    ['placeholder', {}, '\n'],
    ['handed-over', { annotations: { 'cert-manager.io/certificate-name': 'handed-over' } }, KEY],
  ] as const) {
    test(`names a Secret that is ${name}`, async () => {
      const stringData = { 'tls.crt': '\n', 'tls.key': key }
      await stack.client.create(RESOURCES.secrets, {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { namespace: 'free', name, ...metadata },
        type: 'kubernetes.io/tls',
        stringData,
      })
      await mallory.create(RESOURCES.ingressRoutes, namingRoute(name))
      await until('the certificate', async () => {
        const text = (await secretData(name))?.['tls.crt'] ?? ''
        return text.length > 100 || undefined
      })
    })
  }

  test('sets what is harmless', async () => {
    const annotations = {
      'cert-manager.io/alt-names': 'www.free.example.com',
      'cert-manager.io/common-name': 'www.free.example.com',
      'cert-manager.io/private-key-algorithm': 'ECDSA',
      'cert-manager.io/usages': 'digital signature, server auth',
    }
    await mallory.create(RESOURCES.ingressRoutes, routeOf('free', 'honest', annotations))
    const { certificate } = await until('the certificate', async () => issued('free', 'honest'))
    assert.equal(certificate.subject, 'CN=www.free.example.com')
    assert.deepEqual(certificate.subjectAltName?.split(', '), [
      'DNS:honest.free.example.com',
      'DNS:www.free.example.com',
    ])
  })
})

function routeOf(namespace: string, name: string, annotations: Annotations): JsonObject {
  const rules = [`Host(\`${name}.${namespace}.example.com\`)`]
  const spec = { entryPoints: ['websecure'] }
  return routeManifest({ namespace, name, rules, annotations, spec })
}

/** A route that names a Secret and an issuer, as an Ingress does. */
function namingRoute(secretName: string): JsonObject {
  const rules = [`Host(\`${secretName}.free.example.com\`)`]
  const annotations = { 'cert-manager.io/cluster-issuer': 'letsencrypt-prod' }
  const spec = { entryPoints: ['websecure'], tls: { secretName } }
  return routeManifest({ namespace: 'free', name: secretName, rules, annotations, spec })
}

function certificateAt(namespace: string, name: string) {
  const host = `${name}.${namespace}.example.com`
  const certificate = `cert-${name}-${host.replaceAll('.', '-')}`
  return { resource: RESOURCES.certificates, namespace, name: certificate }
}

type Issued = {
  readonly certificate: X509Certificate
  readonly labels: JsonObject
  readonly annotations: JsonObject
}

/** What a route's Secret holds, once it is there. */
async function issued(namespace: string, name: string): Promise<Issued | undefined> {
  const secret = certificateAt(namespace, name).name.replace('cert-', 'tls-')
  const found = await find(stack.client, { resource: RESOURCES.secrets, namespace, name: secret })
  if (found === undefined) return undefined
  const pem = Buffer.from(textAt(objectAt(found, 'data'), 'tls.crt') ?? '', 'base64')
  const metadata = objectAt(found, 'metadata')
  return {
    certificate: new X509Certificate(pem),
    labels: objectAt(metadata, 'labels'),
    annotations: objectAt(metadata, 'annotations'),
  }
}

async function secretData(name: string): Promise<Readonly<Record<string, string>> | undefined> {
  const at = { resource: RESOURCES.secrets, namespace: 'free', name }
  const found = await find(stack.client, at)
  if (!isJsonObject(found)) return undefined
  return Object.fromEntries(
    Object.entries(objectAt(found, 'data')).map(([key, value]) => [
      key,
      Buffer.from(String(value), 'base64').toString(),
    ]),
  )
}
