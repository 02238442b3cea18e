import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { claimName } from '../../shared/claims/domain-claim.ts'
import { objectAt, textAt } from '../../shared/json/json.ts'
import { kubeClient } from '../../shared/kube/client.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { grantInNamespace } from '../stack/grant-in-namespace.ts'
import { find, makeNamespace } from '../stack/objects.ts'
import { routeManifest } from '../stack/route-manifest.ts'
import { applySelfSignedIssuer } from '../stack/self-signed-issuer.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { startTlsauto, type Tlsauto } from '../stack/tlsauto.ts'
import { until } from '../stack/until.ts'

// Bob names every host of Alice's after she did, in any object that he may write, while the two replicas of tlsauto
// are killed, or stand still for longer than their Lease lasts. He wins none of them. In another IngressRoute he does at
// once; in other kinds somewhat later, since each kind is heard of on a watch of its own.

const ALICE = 'victim'
const BOB = 'attacker'
const MILLISECONDS = 25_000
/** So many hosts, each 50 ms or more. */
const LATER = 10
const OWN = { namespace: BOB, name: 'older' }

let stack: Stack
let replicas: readonly Tlsauto[]
let bob: KubeClient

before(async () => {
  stack = await startStack({ backoff: '1s' })
  bob = kubeClient({ kubeconfig: await stack.userKubeconfig('bob') })
  const flags = ['--wildcard-cluster-issuer=letsencrypt-prod', '--lease-duration=2s']
  await Promise.all([applySelfSignedIssuer(stack), makeNamespace(stack, ALICE), grantRights()])
  replicas = [await startTlsauto(stack, { flags }), await startTlsauto(stack, { flags })]
  await until('Bob’s rights', async () =>
    bob.create(RESOURCES.ingressRoutes, routeManifest({ ...OWN, rules: [ruleOf('own.org')] })).then(
      () => true,
      () => undefined,
    ),
  )
})

after(async () => {
  await stack.stop()
})

test('nobody wins a host by being there when the leader changes', async () => {
  const hosts: string[] = []
  const end = Date.now() + MILLISECONDS
  const disturbed = disturb(end)
  while (Date.now() < end) {
    const host = `shop.zone-${hosts.length}.org`
    const name = `r-${hosts.length}`
    await stack.client.create(
      RESOURCES.ingressRoutes,
      routeManifest({ namespace: ALICE, name, rules: [ruleOf(host)] }),
    )
    hosts.push(host)
    await nameToo(host, hosts)
    const before = hosts.at(-LATER)
    if (before !== undefined) await nameOtherwise(before)
    await delay(20)
  }
  await disturbed
  const holders = await Promise.all(
    hosts.map(async (host) => ({
      host,
      holder: await until(`the claim of ${host}`, async () => holderOf(host)),
    })),
  )
  assert.deepEqual(
    holders.filter(({ holder }) => holder !== ALICE),
    [],
  )
  const wildcards = await Promise.all(hosts.map(async (host) => holderOf(wildcardOf(host))))
  assert.deepEqual(
    wildcards.filter((holder) => holder !== undefined),
    [],
  )
  assert.ok(hosts.length > LATER, `${hosts.length} hosts`)
})

/** Bob: in an older route, and by a wildcard. */
async function nameToo(host: string, all: readonly string[]): Promise<void> {
  const rules = ['own.org', ...all.slice(-60)].map(ruleOf)
  const { spec } = routeManifest({ ...OWN, rules })
  await Promise.all([
    bob.mergePatch({ resource: RESOURCES.ingressRoutes, ...OWN }, { spec }),
    bob.create(
      RESOURCES.ingressRoutes,
      routeManifest({ namespace: BOB, name: `wide-${host}`, rules: [ruleOf(wildcardOf(host))] }),
    ),
  ])
}

/** Bob: in objects of other kinds. */
async function nameOtherwise(host: string): Promise<void> {
  const rules = [`HostSNI(\`${host}\`)`]
  const spec = { tls: { passthrough: true } }
  const tcp = { kind: 'IngressRouteTCP', namespace: BOB, name: host, rules, spec } as const
  await Promise.all([
    bob.create(RESOURCES.ingressRouteTCPs, routeManifest(tcp)),
    bob.create(RESOURCES.ingresses, {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { namespace: BOB, name: host },
      spec: {
        tls: [{ hosts: [host] }],
        defaultBackend: { service: { name: 'web', port: { number: 80 } } },
      },
    }),
  ])
}

/** Kills one replica or the other, or has it stand still. */
async function disturb(end: number): Promise<void> {
  for (let round = 0; Date.now() < end; round += 1) {
    await delay(500 + 400 * (round % 5))
    const replica = replicas[round % 2]
    if (replica === undefined) return
    if (round % 3 === 2) {
      replica.kill('SIGSTOP')
      await delay(3000)
      replica.kill('SIGCONT')
    } else {
      replica.kill('SIGKILL')
      await replica.exit()
      await replica.start()
    }
  }
}

async function holderOf(host: string): Promise<string | undefined> {
  const at = { resource: RESOURCES.domainClaims, name: claimName(host) }
  const claim = await find(stack.client, at)
  return claim && textAt(objectAt(claim, 'spec'), 'namespace')
}

function wildcardOf(host: string): string {
  return host.replace(/^[^.]*/, '*')
}

function ruleOf(host: string): string {
  return `Host(\`${host}\`)`
}

async function grantRights(): Promise<void> {
  await makeNamespace(stack, BOB)
  await grantInNamespace(stack, { user: 'bob', namespace: BOB }, [
    { apiGroups: ['traefik.io'], resources: ['ingressroutes', 'ingressroutetcps'], verbs: ['*'] },
    { apiGroups: ['networking.k8s.io'], resources: ['ingresses'], verbs: ['*'] },
  ])
}
