import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { JsonObject } from '../../shared/json/json.ts'
import { isStatus } from '../../shared/kube/kube-error.ts'
import { companionName } from '../../shared/names/names.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { makeNamespace } from '../stack/objects.ts'
import { routeManifest } from '../stack/route-manifest.ts'
import { startTlsauto } from '../stack/tlsauto.ts'
import { until } from '../stack/until.ts'
import { endStateOf, type EndState } from './end-state.ts'
import { bundleServer } from './program.ts'
import type { ProxyControl } from './proxy-control.ts'
import { startFixture, type Fixture } from './fixture.ts'
import { startProxy } from './start-proxy.ts'

// `TLSAUTO_LEADERS_SECONDS=300 node --test test/faults/two-leaders.test.ts` for longer.
const SECONDS = Number(process.env['TLSAUTO_LEADERS_SECONDS'] ?? 10)
const NAMESPACE = 'contested'
const CERTIFICATE = 'cert-r-a-contested-org'

let folder: string
let fixture: Fixture
let proxies: readonly ProxyControl[]

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tlsauto-leaders-'))
  const program = join(folder, 'server.mjs')
  await bundleServer(program)
  fixture = await startFixture(program)
  const { stack } = fixture
  // What it issued would be a change from outside, too.
  await stack.certManager.stop()
  const { proxy, kubeconfig } = await startProxy(stack, { name: 'second-proxy', ownLease: true })
  await startTlsauto(stack, { program, kubeconfig, webhookUrl: fixture.url })
  proxies = [fixture.proxy, proxy]
})

after(async () => {
  await fixture.stop()
  await rm(folder, { recursive: true })
})

test(`two leaders and three who edit what is theirs, for ${SECONDS} s: one answer to each edit`, async (t) => {
  await makeNamespace(fixture.stack, NAMESPACE)
  await fixture.client.create(RESOURCES.ingressRoutes, route(['a', 'b']))
  const wanted = await settled()
  const from = await Promise.all(proxies.map(async (proxy) => (await proxy.look()).total))
  const counts = await edit()
  // What somebody undoes again and again is put right ever later: at most as long after as the fight lasted.
  const isBack = async (): Promise<true | undefined> =>
    isDeepStrictEqual(await settled(), wanted) || undefined
  await until('all to be as it was', isBack, (2 * SECONDS + 30) * 1000).catch(() => undefined)
  assert.deepEqual(await settled(), wanted)
  const edits = counts.reduce((sum, count) => sum + count, 0)
  const writes = (await changesSince(from)).map(({ what }) => what.replace(/^\w+ /, ''))
  const perObject = Map.groupBy(writes, (what) => what)
  t.diagnostic(`${edits} edits, ${writes.length} changes by tlsauto`)
  assert.ok(writes.length > 0, 'nothing was answered')
  assert.deepEqual(
    [...perObject].filter(([, changes]) => changes.length > edits).map(([what]) => what),
    [],
    'more changes of an object than edits of anything',
  )
  // What two leaders disputed is tried again with a growing pause.
  await until('silence', async () => (await isSilent()) || undefined, (2 * SECONDS + 30) * 1000)
})

/** Whether tlsauto changes nothing for two seconds. */
async function isSilent(): Promise<boolean> {
  const before = await Promise.all(proxies.map(async (proxy) => (await proxy.look()).total))
  await delay(2000)
  return (await changesSince(before)).length === 0
}

/** Three writers, each with his own tick; gives how often each has changed something. */
async function edit(): Promise<readonly number[]> {
  const end = Date.now() + SECONDS * 1000
  const [client, namespace] = [fixture.client, NAMESPACE]
  const at = { resource: RESOURCES.certificates, namespace, name: CERTIFICATE }
  const writer = async (
    pause: number,
    once: (turn: number) => Promise<unknown>,
  ): Promise<number> => {
    let done = 0
    for (let turn = 0; Date.now() < end || turn % 2 === 1; turn += 1) {
      done += (await once(turn).then(() => true, ifContested)) ? 1 : 0
      await delay(pause)
    }
    return done
  }
  return Promise.all([
    writer(170, async (turn) => {
      const { spec } = route(turn % 2 === 0 ? ['a', 'c'] : ['a', 'b'])
      await client.mergePatch({ resource: RESOURCES.ingressRoutes, namespace, name: 'r' }, { spec })
    }),
    writer(230, async (turn) => {
      const edits = [{ spec: { dnsNames: ['x.org'] } }, { metadata: { ownerReferences: [] } }]
      await client.mergePatch(at, edits[turn % 2] ?? {})
    }),
    writer(310, async (turn) => {
      const name = companionName('r')
      if (turn % 2 === 0)
        await client.delete({ resource: RESOURCES.ingressRoutes, namespace, name })
      else await client.delete({ resource: RESOURCES.middlewares, namespace, name })
    }),
  ])
}

/** Gone, or changed under our hands: no edit. */
function ifContested(error: unknown): false {
  if (!isStatus(error, 404) && !isStatus(error, 409)) throw error
  return false
}

function route(hosts: readonly string[]): JsonObject {
  const rules = hosts.map((host) => `Host(\`${host}.contested.org\`)`)
  return routeManifest({ namespace: NAMESPACE, name: 'r', rules })
}

async function changesSince(from: readonly number[]): Promise<readonly { what: string }[]> {
  const states = await Promise.all(proxies.map(async (proxy, at) => proxy.look(from[at])))
  return states.flatMap(({ writes }) => writes.filter(({ changed }) => changed))
}

/** What there is once nothing has changed for a while. */
async function settled(): Promise<EndState> {
  let last: EndState | undefined
  return until('it to settle', async () => {
    const state = endStateOf(NAMESPACE, {
      objects: fixture.history.current(NAMESPACE),
      history: fixture.history.of(NAMESPACE),
    })
    const idle = Date.now() - fixture.history.lastChange(NAMESPACE) > 1500
    const same = last !== undefined && isDeepStrictEqual(last, state)
    last = state
    return (idle && same && state) || undefined
  })
}
