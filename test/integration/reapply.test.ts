import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { isJsonObject, listAt, objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import { findCondition, parseConditions } from '../../shared/kube/object.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { helmRunner } from '../stack/helm.ts'
import { makeNamespace, stored } from '../stack/objects.ts'
import { routeManifest } from '../stack/route-manifest.ts'
import { applySelfSignedIssuer } from '../stack/self-signed-issuer.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { startTlsauto } from '../stack/tlsauto.ts'
import { until } from '../stack/until.ts'

let stack: Stack
let helm: (args: readonly string[]) => Promise<void>

before(async () => {
  stack = await startStack()
  helm = await helmRunner(stack)
  await Promise.all([applySelfSignedIssuer(stack), startTlsauto(stack)])
})

after(async () => {
  await stack.stop()
})

type Shape = {
  readonly name: string
  /** Its Secret; DOMAIN is the one of the namespace. */
  readonly secret: string | undefined
  /** Hosts below that domain. */
  readonly hosts: readonly string[]
  readonly spec?: JsonObject
  readonly annotations?: Readonly<Record<string, string>>
  readonly kind?: 'IngressRouteTCP'
}

const HTTPS = { entryPoints: ['websecure'] }

/** Routes as their users keep them in a repository. */
const SHAPES: readonly Shape[] = [
  { name: 'plain', secret: 'tls-plain-a-DOMAIN', hosts: ['a'] },
  { name: 'https', secret: 'tls-https-b-DOMAIN', hosts: ['b'], spec: HTTPS },
  { name: 'two', secret: 'tls-two-c-DOMAIN', hosts: ['c', 'd'] },
  { name: 'null', secret: 'tls-null-e-DOMAIN', hosts: ['e'], spec: { ...HTTPS, tls: null } },
  { name: 'empty', secret: 'tls-empty-f-DOMAIN', hosts: ['f'], spec: { ...HTTPS, tls: {} } },
  {
    name: 'options',
    secret: 'tls-options-g-DOMAIN',
    hosts: ['g'],
    spec: { ...HTTPS, tls: { options: { name: 'default' } } },
  },
  {
    name: 'app',
    secret: 'tls-shop-h-DOMAIN',
    hosts: ['h'],
    annotations: { 'tlsauto.dev/app': 'shop' },
  },
  {
    name: 'carried',
    secret: undefined,
    hosts: ['i'],
    annotations: { 'tlsauto.dev/attach': 'carry' },
  },
  { name: 'own', secret: 'mine', hosts: ['j'], spec: { ...HTTPS, tls: { secretName: 'mine' } } },
  {
    name: 'tcp',
    secret: 'tls-tcp-k-DOMAIN',
    hosts: ['k'],
    spec: { tls: {} },
    kind: 'IngressRouteTCP',
  },
]
/** All hosts but that of `own`. */
const CERTIFICATES = 10

/** `TLSAUTO_REAPPLIES=1000` are 100 calls of ten routes each. */
const REAPPLIES = Number(process.env['TLSAUTO_REAPPLIES'] ?? 3 * SHAPES.length)
const CALLS = Math.ceil(REAPPLIES / SHAPES.length)

/** Applies all routes of a namespace as they are in that revision. */
type Apply = (namespace: string, revision: number) => Promise<unknown>
type Way = { readonly name: string; readonly first?: Apply; readonly again: Apply }

const WAYS: readonly Way[] = [
  { name: 'client-side apply', again: kubectl('apply') },
  { name: 'server-side apply', again: kubectl('apply', '--server-side') },
  { name: 'replace', first: kubectl('create'), again: kubectl('replace') },
  { name: 'helm upgrade, three-way merge', again: upgrade('--server-side=false') },
  { name: 'helm upgrade, server-side apply', again: upgrade('--server-side=true') },
]

suite(
  `routes applied again ${CALLS * SHAPES.length} times: nothing moves`,
  { concurrency: 3 },
  () => {
    for (const [index, { name, first, again }] of WAYS.entries()) {
      test(name, async () => {
        const namespace = await makeNamespace(stack, `again-${index}`)
        await (first ?? again)(namespace, 0)
        const states = await statesIn(namespace)
        assert.deepEqual(
          states.map(({ generation, secretName }) => ({ generation, secretName })),
          SHAPES.map(({ secret }) => ({
            generation: 1,
            secretName: secret?.replace('DOMAIN', `${namespace}-example-com`),
          })),
        )
        await until('their certificates', async () => areIssued(namespace))
        for (let call = 1; call <= CALLS; call += 1) {
          // Every other call says nothing new.
          const revision = Math.ceil(call / 2)
          await again(namespace, revision)
          assert.deepEqual(await statesIn(namespace), states)
          if (call <= 2) await assertNoDifference(namespace, revision)
        }
      })
    }
  },
)

/** What must never move. */
type State = {
  readonly name: string
  readonly generation: unknown
  readonly secretName: string | undefined
  readonly annotation: string | undefined
  /** Field managers that have a say in `spec.tls.secretName`. */
  readonly managers: readonly string[]
}

async function statesIn(namespace: string): Promise<readonly State[]> {
  return Promise.all(
    SHAPES.map(async ({ name, kind }) => {
      const resource = kind === undefined ? RESOURCES.ingressRoutes : RESOURCES.ingressRouteTCPs
      const route = await stored(stack.client, { resource, namespace, name })
      const metadata = objectAt(route, 'metadata')
      return {
        name,
        generation: metadata['generation'],
        secretName: textAt(objectAt(objectAt(route, 'spec'), 'tls'), 'secretName'),
        annotation: textAt(objectAt(metadata, 'annotations'), 'tlsauto.dev/secret'),
        managers: managersOfSecretName(metadata),
      }
    }),
  )
}

function managersOfSecretName(metadata: JsonObject): readonly string[] {
  return listAt(metadata, 'managedFields')
    .filter(isJsonObject)
    .filter(({ fieldsV1 }) => {
      const spec = isJsonObject(fieldsV1) ? objectAt(fieldsV1, 'f:spec') : {}
      return 'f:secretName' in objectAt(spec, 'f:tls')
    })
    .map(({ manager }) => String(manager))
}

async function areIssued(namespace: string): Promise<true | undefined> {
  const { items } = await stack.client.list({ resource: RESOURCES.certificates, namespace })
  const ready = items.filter((certificate) => {
    const conditions = parseConditions(objectAt(certificate, 'status'))
    return findCondition(conditions, 'Ready')?.status === 'True'
  })
  return ready.length === CERTIFICATES || undefined
}

/** Throws where kubectl finds any. */
async function assertNoDifference(namespace: string, revision: number): Promise<void> {
  const input = JSON.stringify(manifests(namespace, String(revision)))
  for (const mode of ['--server-side=false', '--server-side=true']) {
    await stack.kubectl(['diff', mode, '-f', '-'], { input })
  }
}

function kubectl(...command: readonly string[]): Apply {
  return async (namespace, revision) => {
    const input = JSON.stringify(manifests(namespace, String(revision)))
    await stack.kubectl([...command, '-f', '-'], { input })
  }
}

/** By a chart of its own. */
function upgrade(...options: readonly string[]): Apply {
  return async (namespace, revision) => {
    const chart = join(stack.folder, namespace)
    if (revision === 0) await writeChart(chart, manifests(namespace, '{{ .Values.revision }}'))
    const values = ['--set-string', `revision=${revision}`, '--history-max=2']
    await helm(['upgrade', '--install', 'r', chart, '-n', namespace, ...values, ...options])
  }
}

async function writeChart(folder: string, list: JsonObject): Promise<void> {
  await mkdir(join(folder, 'templates'), { recursive: true })
  const chart = { apiVersion: 'v2', name: 'routes', version: '0.1.0' }
  await writeFile(join(folder, 'Chart.yaml'), JSON.stringify(chart))
  const documents = listAt(list, 'items').map((route) => JSON.stringify(route))
  await writeFile(join(folder, 'templates', 'routes.yaml'), documents.join('\n---\n'))
}

function manifests(namespace: string, revision: string): JsonObject {
  const items = SHAPES.map(({ name, hosts, spec = {}, annotations = {}, kind }) => {
    const matcher = kind === undefined ? 'Host' : 'HostSNI'
    const rules = hosts.map((host) => `${matcher}(\`${host}.${namespace}.example.com\`)`)
    const noted = { ...annotations, 'example.com/revision': revision }
    const route = routeManifest({ namespace, name, rules, annotations: noted, spec })
    return kind === undefined ? route : { ...route, kind, spec: { ...spec, ...tcpRoutes(rules) } }
  })
  return { apiVersion: 'v1', kind: 'List', items }
}

function tcpRoutes(rules: readonly string[]): JsonObject {
  return { routes: rules.map((match) => ({ match, services: [{ name: 'web', port: 8080 }] })) }
}
