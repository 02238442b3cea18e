import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { isJsonObject, listAt, objectAt, textAt } from '../../shared/json/json.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { isAlive } from '../stack/alive.ts'
import { applyIssuer } from '../stack/issuer.ts'
import { find, makeNamespace, stored } from '../stack/objects.ts'
import { routeManifest } from '../stack/route-manifest.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { until } from '../stack/until.ts'

let stack: Stack
let startSeconds: number

before(async () => {
  const started = performance.now()
  stack = await startStack()
  startSeconds = (performance.now() - started) / 1000
})

after(async () => {
  await stack.stop()
})

test('a Certificate is issued over ACME HTTP-01, through Traefik', async (t) => {
  t.diagnostic(`the stack was up after ${startSeconds.toFixed(1)} s`)
  await applyIssuer(stack)
  const namespace = await makeNamespace(stack, 'issuance')
  await stack.client.create(RESOURCES.certificates, {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    metadata: { namespace, name: 'one' },
    spec: {
      secretName: 'one',
      dnsNames: ['one.example.com'],
      issuerRef: { kind: 'ClusterIssuer', name: 'letsencrypt-prod' },
    },
  })
  const ready = ['wait', '--for=condition=Ready', 'certificate/one', '--timeout=60s']
  await stack.kubectl([...ready, '-n', namespace])
  const secret = await stored(stack.client, {
    resource: RESOURCES.secrets,
    namespace,
    name: 'one',
  })
  assert.deepEqual(Object.keys(objectAt(secret, 'data')).toSorted(), ['tls.crt', 'tls.key'])
})

test('what an IngressRoute owns is collected when it goes', async () => {
  const namespace = await makeNamespace(stack, 'collection')
  const at = { namespace, name: 'owner' }
  const rules = ['Host(`owner.example.com`)']
  const route = await stack.client.create(RESOURCES.ingressRoutes, routeManifest({ ...at, rules }))
  const { uid } = objectAt(route, 'metadata')
  await stack.client.create(RESOURCES.secrets, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      namespace,
      name: 'owned',
      ownerReferences: [
        { apiVersion: 'traefik.io/v1alpha1', kind: 'IngressRoute', name: 'owner', uid },
      ],
    },
  })
  await stack.client.delete({ resource: RESOURCES.ingressRoutes, ...at })
  await until('the owned Secret to be collected', async () => {
    const secret = { resource: RESOURCES.secrets, namespace, name: 'owned' }
    return (await find(stack.client, secret)) === undefined || undefined
  })
})

test('RBAC refuses a user without rights', async () => {
  const kubeconfig = await stack.userKubeconfig('alice')
  await assert.rejects(
    stack.kubectl(['get', 'ingressroutes', '-n', 'default'], { kubeconfig }),
    /User "alice" cannot list resource "ingressroutes" in API group "traefik.io"/,
  )
})

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGKILL', 'SIGKILL'],
] as const) {
  test(`a second stack runs beside the first, and nothing of it outlives ${signal}`, async () => {
    const { child, held } = await hold()
    assert.equal(held.readyz, 'ok')
    assert.notEqual(held.kubeconfig, stack.kubeconfig)
    assert.equal((await stack.kubectl(['get', '--raw', '/readyz'])).stdout, 'ok')
    child.kill(signal)
    const ended: readonly unknown[] = await once(child, 'exit')
    assert.ok(ended.includes(code), `ended with ${ended.join(', ')}`)
    await allGone(held.pids)
    await until('its folder to be gone', async () => !existsSync(held.folder) || undefined)
    assert.equal((await stack.kubectl(['get', '--raw', '/readyz'])).stdout, 'ok')
  })
}

test('after stop no process is left, and no folder', async () => {
  const pids = stack.processes.pids()
  // The guard, two of ACME, three of the control plane, cert-manager and Traefik.
  assert.equal(pids.length, 8)
  await stack.stop()
  await allGone(pids)
  assert.equal(existsSync(stack.folder), false)
})

async function allGone(pids: readonly number[]): Promise<void> {
  await until(`the processes ${pids.join(', ')} to be gone`, async () => {
    const alive = await Promise.all(pids.map(isAlive))
    return alive.includes(true) ? undefined : true
  })
}

type Held = {
  readonly folder: string
  readonly kubeconfig: string
  readonly readyz: string
  readonly pids: readonly number[]
}

/** A stack that a process of its own started. */
async function hold(): Promise<{ readonly child: ChildProcess; readonly held: Held }> {
  const script = join(import.meta.dirname, '..', 'stack', 'hold.ts')
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface(child.stdout)) return { child, held: parseHeld(line) }
  throw new Error('the second stack did not start')
}

function parseHeld(line: string): Held {
  const value: unknown = JSON.parse(line)
  assert.ok(isJsonObject(value))
  const text = (key: string): string => textAt(value, key) ?? ''
  return {
    folder: text('folder'),
    kubeconfig: text('kubeconfig'),
    readyz: text('readyz'),
    pids: listAt(value, 'pids').map(Number),
  }
}
