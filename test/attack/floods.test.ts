import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { after, before, suite, test } from 'node:test'
import { ALLOWED_DOMAINS } from '../../shared/settings/settings.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { FLOODS, startFlood, type FloodKind } from '../stack/flood.ts'
import { startHealthAsker } from '../stack/health-asker.ts'
import { imageProgram } from '../stack/image-program.ts'
import { createRouteEditors } from '../stack/route-editors.ts'
import { routeManifest } from '../stack/route-manifest.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { startTlsauto, type Tlsauto } from '../stack/tlsauto.ts'
import { until } from '../stack/until.ts'

/** What a kubelet waits for, for each of three probes. */
const PROBE_MS = 1000
const FLOOD_MS = 3000
/** The manifest's limit is 512, of which Node.js gives its heap half; here it sees all that the machine has. */
const MOST_MIB = 450
const HEAP = '--max-old-space-size=256'

type Row = readonly [port: 'reviews' | 'metrics', kind: FloodKind, connections: number]

const ROWS: readonly Row[] = [
  ['reviews', 'silence', 1500],
  ['reviews', 'half a header', 1200],
  ['reviews', 'slow bodies', 500],
  ['reviews', 'handshakes', 100],
  ['reviews', 'pipeline', 50],
  ['reviews', 'no reader', 50],
  ['metrics', 'silence', 500],
  ['metrics', 'half a header', 200],
  ['metrics', 'pipeline', 30],
  ['metrics', 'no reader', 30],
  ['metrics', 'holder', 60],
]

// Mallory has a Pod, and no rights at all. Bob may edit routes in a namespace with allowed-domains: he waits for the
// moment in which the webhook answers too late, and failurePolicy Ignore lets his route in.
suite('who only reaches the server’s ports', () => {
  let stack: Stack
  let tlsauto: Tlsauto
  let bob: KubeClient
  let count = 0

  before(async () => {
    stack = await startStack()
    ;({ bob } = await createRouteEditors(stack))
    await stack.client.create(RESOURCES.namespaces, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'bob', annotations: { [ALLOWED_DOMAINS]: 'bob.example.com' } },
    })
    const { program, nodeOptions } = await imageProgram()
    tlsauto = await startTlsauto(stack, { program, nodeOptions: [...nodeOptions, HEAP] })
    await until('the check to be in force', async () => ((await isLetIn()) ? undefined : true))
  })

  after(async () => {
    await stack.stop()
  })

  const isLetIn = async (): Promise<boolean> => {
    count += 1
    const route = routeManifest({
      namespace: 'bob',
      name: `r${count}`,
      rules: ['Host(`shop.example.com`)'],
    })
    try {
      await bob.create(RESOURCES.ingressRoutes, route)
      return true
    } catch (error) {
      assert.match(String(error), /denied/)
      return false
    }
  }

  const memory = (): number => {
    const status = readFileSync(`/proc/${tlsauto.pid()}/status`, 'utf8')
    return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024
  }

  for (const [port, kind, connections] of ROWS) {
    test(`${port}: ${connections} times somebody ${FLOODS[kind]}`, async (t) => {
      const url = port === 'reviews' ? `${tlsauto.url}/healthz` : tlsauto.metricsUrl
      const asker = await startHealthAsker(`${tlsauto.url}/healthz`, tlsauto.pid())
      const flood = await startFlood({ kind, url, connections })
      const end = Date.now() + FLOOD_MS
      let [letIn, tried, most] = [0, 0, 0]
      while (Date.now() < end) {
        if (await isLetIn()) letIn += 1
        tried += 1
        most = Math.max(most, memory())
        await delay(20)
      }
      const signal = AbortSignal.timeout(5000)
      const scrape = await fetch(tlsauto.metricsUrl, { signal }).then(
        async (answer) => (await answer.text()).includes('tlsauto_build_info'),
        (error: unknown) => String(error),
      )
      const made = await flood.stop()
      const { answers, failed } = await asker.stop()
      const longest = Math.max(...answers.map(({ took }) => took))
      t.diagnostic(
        `${made} connections; ${letIn} of ${tried} routes let in; healthz ${Math.round(longest)} ms at most, ${failed} failed of ${answers.length}; ${Math.round(most)} MiB; scrape ${scrape}`,
      )
      assert.equal(letIn, 0)
      assert.equal(scrape, true)
      assert.ok(longest < PROBE_MS, `${longest} ms`)
      assert.ok(most < MOST_MIB, `${most} MiB`)
    })
  }
})
