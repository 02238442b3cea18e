import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { parseIssuerRef } from '../../shared/certmanager/certificate.ts'
import { isJsonObject, listAt, objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import { RESOURCES, type Resource } from '../../shared/kube/resources.ts'
import { find, makeNamespace, stored } from '../stack/objects.ts'
import { routeManifest } from '../stack/route-manifest.ts'
import { applySelfSignedIssuer } from '../stack/self-signed-issuer.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { startTlsauto } from '../stack/tlsauto.ts'
import { until } from '../stack/until.ts'
import { writesOf } from '../stack/writes.ts'

let stack: Stack

before(async () => {
  stack = await startStack()
  const flags = ['--annotations=all']
  await Promise.all([applySelfSignedIssuer(stack), startTlsauto(stack, { flags })])
})

after(async () => {
  await stack.stop()
})

const INGRESSES: Resource = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  plural: 'ingresses',
  namespaced: true,
}
const ISSUER = { 'cert-manager.io/cluster-issuer': 'none' }

type Annotations = Readonly<Record<string, string>>

/** Annotations that cert-manager's ingress-shim reads, without `cert-manager.io/` before their names. */
const SAID: readonly Annotations[] = [
  {},
  { 'common-name': 'Shop' },
  { 'common-name': '' },
  { 'alt-names': 'a.example.org,b.example.org' },
  { 'alt-names': '', 'ip-sans': '' },
  { 'ip-sans': '10.0.0.1,2001:db8::1' },
  { 'email-sans': 'a@example.com,b@example.com' },
  { 'subject-organizations': 'One,"Two, Three","F ""o"" ur",' },
  { 'subject-organizationalunits': 'a', 'subject-countries': 'FR', 'subject-provinces': 'x' },
  { 'subject-localities': 'a', 'subject-postalcodes': '75001', 'subject-streetaddresses': ' b ' },
  { 'subject-serialnumber': '42' },
  { 'subject-serialnumber': '' },
  { duration: '2160h', 'renew-before': '1440h' },
  { duration: '1.5h', 'renew-before': '5m' },
  { duration: '+90m30s' },
  { 'renew-before': '90m' },
  { 'renew-before-percentage': '25' },
  { 'renew-before-percentage': '+25' },
  { usages: 'digital signature, key encipherment,server auth' },
  { 'revision-history-limit': '7' },
  { 'private-key-algorithm': 'ECDSA', 'private-key-size': '521' },
  { 'private-key-algorithm': 'Ed25519', 'private-key-encoding': 'PKCS8' },
  { 'private-key-size': '8192' },
  { 'private-key-rotation-policy': 'Never' },
  { 'secret-template': '{"labels":{"a":"b"}}' },
  { 'secret-template': '{"annotations":{"note":"c"},"labels":{}}' },
  { 'secret-template': '{}' },
]

/** And such as it can't read, beside those that only its webhook refuses. */
const REFUSED: readonly Annotations[] = [
  { duration: '90d' },
  { duration: '' },
  { 'renew-before': '1' },
  { 'renew-before-percentage': '1.5' },
  { usages: 'server auth,' },
  { usages: 'Server Auth' },
  { 'revision-history-limit': '0' },
  { 'private-key-algorithm': 'rsa' },
  { 'private-key-encoding': '' },
  { 'private-key-size': '1024' },
  { 'private-key-size': '2048', 'private-key-algorithm': 'ECDSA' },
  { 'private-key-rotation-policy': 'never' },
  { 'secret-template': '{"x":1}' },
  { 'secret-template': '{"annotations":{"cert-manager.io/a":"b"}}' },
  { 'subject-organizations': 'a"b' },
  { 'subject-countries': '' },
  { 'subject-postalcodes': 'a\nb' },
]

suite('the annotations of a route mean what they mean on an Ingress', () => {
  test('which makes a Certificate with the same spec', async () => {
    const ours = await makeNamespace(stack, 'said-route')
    const theirs = await makeNamespace(stack, 'said-ingress')
    await Promise.all(
      SAID.flatMap((said, index) => [
        stack.client.create(RESOURCES.ingressRoutes, route(ours, index, said)),
        stack.client.create(INGRESSES, ingress(theirs, index, said)),
      ]),
    )
    for (const [index, said] of SAID.entries()) {
      const [here, there] = await Promise.all([spec(ours, index), spec(theirs, index)])
      assert.deepEqual(here, there, JSON.stringify(said))
    }
  })

  test('or is refused where that makes none', async () => {
    const ours = await makeNamespace(stack, 'refused-route')
    const theirs = await makeNamespace(stack, 'refused-ingress')
    for (const [index, said] of REFUSED.entries()) {
      await stack.client.create(INGRESSES, ingress(theirs, index, said))
      await assert.rejects(
        stack.client.create(RESOURCES.ingressRoutes, route(ours, index, said)),
        /metadata\.annotations\[cert-manager\.io\/[a-z-]+\]: no certificate: not .{9,}; correct it/,
        JSON.stringify(said),
      )
    }
    await stack.client.create(INGRESSES, ingress(theirs, REFUSED.length, {}))
    await spec(theirs, REFUSED.length)
    const made = await stack.client.list({ resource: RESOURCES.certificates, namespace: theirs })
    assert.equal(made.items.length, 1)
  })
})

suite('an annotation of a route', () => {
  test('rolls through when it changes, and takes its field along when it goes', async () => {
    const namespace = await makeNamespace(stack, 'rolling')
    const annotations = {
      'cert-manager.io/private-key-size': '4096',
      'cert-manager.io/secret-template': '{"labels":{"a":"b","c":"d"}}',
      'cert-manager.io/alt-names': 'alt.example.org',
    }
    const rules = ['Host(`rolling.example.com`) || Host(`second.example.com`)']
    await stack.client.create(
      RESOURCES.ingressRoutes,
      routeManifest({ namespace, name: 'r', rules, annotations }),
    )
    const first = {
      dnsNames: ['rolling.example.com', 'alt.example.org'],
      privateKey: { size: 4096 },
      secretTemplate: { labels: { a: 'b', c: 'd' } },
    }
    await untilSpec(namespace, 'rolling', first)
    await untilSpec(namespace, 'second', { ...first, dnsNames: ['second.example.com'] })
    await annotate(namespace, {
      'cert-manager.io/private-key-size': '3072',
      'cert-manager.io/secret-template': '{"labels":{"a":"b"}}',
    })
    const second = {
      ...first,
      privateKey: { size: 3072 },
      secretTemplate: { labels: { a: 'b' } },
    }
    await untilSpec(namespace, 'rolling', second)
    await annotate(namespace, {
      'cert-manager.io/private-key-size': null,
      'cert-manager.io/secret-template': null,
      'cert-manager.io/alt-names': null,
    })
    await untilSpec(namespace, 'rolling', { dnsNames: ['rolling.example.com'] })
    await untilSpec(namespace, 'second', { dnsNames: ['second.example.com'] })
    const certificate = await stored(stack.client, certificateAt(namespace, 'rolling'))
    assert.equal(objectAt(certificate, 'metadata')['annotations'], undefined)
  })

  test('is put right where a hand changed its field; what others set beside it stays', async () => {
    const namespace = await makeNamespace(stack, 'repaired')
    const annotations = { 'cert-manager.io/private-key-size': '4096' }
    const rules = ['Host(`repaired.example.com`)']
    await stack.client.create(
      RESOURCES.ingressRoutes,
      routeManifest({ namespace, name: 'r', rules, annotations }),
    )
    const dnsNames = ['repaired.example.com']
    await untilSpec(namespace, 'repaired', { dnsNames, privateKey: { size: 4096 } })
    const patch =
      '{"spec":{"privateKey":{"size":2048,"rotationPolicy":"Never"},"dnsNames":["x.org"]}}'
    const at = [`certificate/cert-r-repaired-example-com`, '-n', namespace]
    await stack.kubectl(['patch', ...at, '--type=merge', '-p', patch])
    const rotationPolicy = 'Never'
    const want = { dnsNames, privateKey: { size: 4096, rotationPolicy } }
    await untilSpec(namespace, 'repaired', want)
    await annotate(namespace, { 'cert-manager.io/private-key-size': null })
    await untilSpec(namespace, 'repaired', { dnsNames, privateKey: { rotationPolicy } })
    // The audit log has what was written so far once it has what came after.
    const next = await makeNamespace(stack, 'repaired-next')
    const nextRoute = routeManifest({
      namespace: next,
      name: 'r',
      rules: ['Host(`n.example.com`)'],
    })
    await stack.client.create(RESOURCES.ingressRoutes, nextRoute)
    await until('its writes', async () => (await certificateWrites(next)) > 0 || undefined)
    const before = await certificateWrites(namespace)
    await annotate(namespace, { touched: 'yes' })
    await makeNamespace(stack, 'repaired-later')
    await stack.client.create(
      RESOURCES.ingressRoutes,
      routeManifest({ namespace: 'repaired-later', name: 'r', rules: ['Host(`l.example.com`)'] }),
    )
    await until('the next Certificate', async () =>
      find(stack.client, { ...certificateAt('repaired-later', 'l') }),
    )
    assert.equal(await certificateWrites(namespace), before)
  })
})

async function certificateWrites(namespace: string): Promise<number> {
  const writes = await writesOf(stack)
  return writes.filter(
    (write) => write.namespace === namespace && write.resource === 'certificates',
  ).length
}

function prefixed(annotations: Annotations): Annotations {
  const all = Object.entries(annotations).map(([key, text]): [string, string] => [
    `cert-manager.io/${key}`,
    text,
  ])
  return { ...ISSUER, ...Object.fromEntries(all) }
}

/** Of its own on either side: a host belongs to one namespace. */
function host(namespace: string, index: number): string {
  return `h${index}.${namespace}.example.org`
}

/** With a Secret name of its own, as an Ingress has it. */
function route(namespace: string, index: number, said: Annotations): JsonObject {
  return routeManifest({
    namespace,
    name: `r${index}`,
    rules: [`Host(\`${host(namespace, index)}\`)`],
    annotations: prefixed(said),
    spec: { entryPoints: ['websecure'], tls: { secretName: `s${index}` } },
  })
}

function ingress(namespace: string, index: number, said: Annotations): JsonObject {
  const backend = { service: { name: 'web', port: { number: 80 } } }
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { namespace, name: `r${index}`, annotations: prefixed(said) },
    spec: {
      defaultBackend: backend,
      tls: [{ hosts: [host(namespace, index)], secretName: `s${index}` }],
    },
  }
}

/** The spec of the Certificate, without its namespace in its host, defaults that ingress-shim writes down and
 * those that it leaves out. */
async function spec(namespace: string, index: number): Promise<JsonObject> {
  const at = { resource: RESOURCES.certificates, namespace, name: `s${index}` }
  const made = await until(`Certificate ${namespace}/s${index}`, async () => find(stack.client, at))
  const { usages, issuerRef, dnsNames, ...fields } = objectAt(made, 'spec')
  const names = listAt({ dnsNames }, 'dnsNames').map((name) =>
    name === host(namespace, index) ? host('', index) : name,
  )
  const rest = {
    ...fields,
    dnsNames: names,
    issuerRef: parseIssuerRef(objectAt({ issuerRef }, 'issuerRef')),
  }
  const isDefault = listAt({ usages }, 'usages').join() === 'digital signature,key encipherment'
  return isDefault ? rest : { ...rest, ...(usages === undefined ? {} : { usages }) }
}

function certificateAt(namespace: string, label: string) {
  return {
    resource: RESOURCES.certificates,
    namespace,
    name: `cert-r-${label}-example-com`,
  }
}

async function annotate(
  namespace: string,
  annotations: Readonly<Record<string, string | null>>,
): Promise<void> {
  const at = { resource: RESOURCES.ingressRoutes, namespace, name: 'r' }
  await stack.client.mergePatch(at, { metadata: { annotations } })
}

/** Waits for a spec that is this beside its Secret and issuer. */
async function untilSpec(namespace: string, label: string, want: JsonObject): Promise<void> {
  let seen: JsonObject = {}
  const isThere = async (): Promise<true | undefined> => {
    const found = await find(stack.client, certificateAt(namespace, label))
    const { secretName, issuerRef, ...rest } = objectAt(found ?? {}, 'spec')
    assert.ok(textAt({ secretName }, 'secretName') !== undefined && isJsonObject(issuerRef))
    seen = rest
    assert.deepEqual(seen, want)
    return true
  }
  await until(`the spec of ${label}`, isThere)
}
