import type { Stack } from '../stack/stack.ts'
import { servingCa } from '../stack/serving-ca.ts'
import type { Tlsauto } from '../stack/tlsauto.ts'
import { loadFromCore, pinTo } from './cores.ts'
import type { Measure } from './measure.ts'
import type { BareWebhook } from './start-bare.ts'

const SERVER_CORE = 0
const CLIENT_CORE = 1
const CONNECTIONS = 16
const ROUNDS = 4
const ROUND_MS = 3000
const GOAL = 8000

/** Reviews a second over TLS keep-alive, server and client on a core each, beside a bare server. */
export async function benchThroughput(input: {
  readonly stack: Stack
  readonly tlsauto: Tlsauto
  readonly bare: BareWebhook
}): Promise<readonly Measure[]> {
  const { stack, tlsauto, bare } = input
  await Promise.all([tlsauto.pid(), bare.process.pid].map(async (pid) => pinTo(SERVER_CORE, pid)))
  const ours = { url: tlsauto.url, ca: await servingCa(stack) }
  const best = { bare: 0, mutate: 0, validate: 0 }
  // By turns, so that all meet as much of what else the machine does; the first round warms up.
  for (let round = 0; round <= ROUNDS; round += 1) {
    best.bare = Math.max(best.bare, await perSecond({ ...bare, path: '/validate' }))
    best.mutate = Math.max(best.mutate, await perSecond({ ...ours, path: '/mutate' }))
    best.validate = Math.max(best.validate, await perSecond({ ...ours, path: '/validate' }))
  }
  return (['mutate', 'validate'] as const).map((path) => ({
    name: `reviews a second on one core, ${path}`,
    value: best[path],
    unit: '/s',
    baseline: best.bare,
    goal: GOAL,
    holds: best[path] >= GOAL,
  }))
}

async function perSecond(target: {
  readonly url: string
  readonly ca: string
  readonly path: string
}): Promise<number> {
  const { url, ca, path } = target
  const input = { url, ca, path, connections: CONNECTIONS, every: 0, milliseconds: ROUND_MS }
  return (await loadFromCore(CLIENT_CORE, input)).perSecond
}
