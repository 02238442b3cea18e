import { setTimeout as delay } from 'node:timers/promises'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { applySelfSignedIssuer } from '../stack/self-signed-issuer.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { startTlsauto, type Tlsauto } from '../stack/tlsauto.ts'
import { until } from '../stack/until.ts'
import { startHistory, type History } from './history.ts'
import type { ProxyControl } from './proxy-control.ts'
import { startProxy } from './start-proxy.ts'
import { accessOf, admissionProbe, clientOf } from './client.ts'

/** What plans run on: a cluster, the proxy, and a server behind it that is started again when it dies. */
export type Fixture = {
  readonly stack: Stack
  readonly client: KubeClient
  readonly history: History
  readonly proxy: ProxyControl
  /** Where the server answers reviews. */
  readonly url: string
  /** Waits until the server is up, whatever it has died of. */
  up(): Promise<void>
  /** Ends the server in good order, does something, and starts it again. */
  away(during: () => Promise<unknown>): Promise<void>
  /** Takes the lead from the server, does something, and gives it back. Throws when the server wrote in
   * between. */
  ruled(during: () => Promise<unknown>): Promise<void>
  stop(): Promise<void>
}

/** The issuers that scenarios name; both sign at once. */
export const ISSUERS = ['letsencrypt-prod', 'another'] as const

const LEASE_SECONDS = 3
const LEASE = [`--lease-duration=${LEASE_SECONDS}`]

/** With these, lost events are made up for in seconds. */
export const PACE = ['--stall-timeout=2s', '--relist-period=5s'] as const

export type FixtureOptions = {
  /** Of tlsauto. */
  readonly flags?: readonly string[]
  /** Whether there shall be a second API server, for the faults that need it. */
  readonly second?: boolean
}

/** Starts a cluster and that program on it. */
export async function startFixture(
  program: string,
  options: FixtureOptions = {},
): Promise<Fixture> {
  // An issuance that fails is tried again soon.
  const stack = await startStack({ backoff: '1s' })
  const ending = new AbortController()
  try {
    return await start({ ...options, stack, program, ending })
  } catch (error) {
    ending.abort()
    await stack.stop()
    throw error
  }
}

async function start(input: {
  readonly stack: Stack
  readonly program: string
  readonly flags?: readonly string[]
  readonly second?: boolean
  readonly ending: AbortController
}): Promise<Fixture> {
  const { stack, program, flags = [], second = false, ending } = input
  // Nobody asks it for a page here.
  await stack.traefik.stop()
  for (const issuer of ISSUERS) await applySelfSignedIssuer(stack, issuer)
  const admin = await accessOf(stack.kubeconfig)
  const { proxy, kubeconfig } = await startProxy(stack, { name: 'proxy', second })
  const server = await startTlsauto(stack, {
    program,
    kubeconfig,
    onStart: proxy.aim,
    flags: [...LEASE, ...flags],
  })
  const asks = await admissionProbe(admin)
  const supervised = supervise({ server, asks, ending: ending.signal })
  return {
    stack,
    client: await clientOf(admin),
    history: await startHistory(stack.client, ending.signal),
    proxy,
    url: server.url,
    ...supervised,
    ruled: async (during) => rule({ stack, proxy, during }),
    stop: async () => {
      ending.abort()
      await stack.stop()
    },
  }
}

async function rule(input: {
  readonly stack: Stack
  readonly proxy: ProxyControl
  readonly during: () => Promise<unknown>
}): Promise<void> {
  const { stack, proxy, during } = input
  const target = { resource: RESOURCES.leases, namespace: 'tlsauto', name: 'tlsauto' }
  const hold = async (holderIdentity: string): Promise<void> => {
    const renewTime = new Date().toISOString().replace('Z', '000Z')
    await stack.client.mergePatch(target, { spec: { holderIdentity, renewTime } })
  }
  await hold('rival')
  // It has noticed by the next renewal, or has stopped by itself.
  await delay(LEASE_SECONDS * 1000 * 0.7)
  await hold('rival')
  const { total } = await proxy.look()
  await during()
  await delay(LEASE_SECONDS * 1000 * 0.4)
  const after = await proxy.look(total)
  await hold('')
  if (after.total > total) throw new Error(`written without the lead: ${after.writes[0]?.what}`)
}

/** Starts the server again whenever it has ended, as a kubelet does, unless it shall be away. */
function supervise(input: {
  readonly server: Tlsauto
  /** Whether the API server asks it. */
  readonly asks: () => Promise<boolean>
  readonly ending: AbortSignal
}): Pick<Fixture, 'up' | 'away'> {
  const { server, asks, ending } = input
  let starting: Promise<void> = Promise.resolve()
  let isAway = false
  const start = async (): Promise<void> => {
    while (!ending.aborted) {
      try {
        await server.start()
        break
      } catch (error) {
        // The proxy has ended before it.
        if (ending.aborted) return
        // Killed once more before it was ready.
        if (!String(error).includes('SIGKILL')) throw error
      }
    }
    watchOver()
    await until('admission', async () => (await asks()) || undefined, 10_000).catch(() => undefined)
  }
  const watchOver = (): void => {
    void server.exit().then(() => {
      if (!isAway && !ending.aborted) starting = start()
      return undefined
    })
  }
  watchOver()
  return {
    up: async () => {
      for (let seen; seen !== starting;) {
        seen = starting
        await seen
      }
    },
    away: async (during) => {
      isAway = true
      await server.stop()
      await during()
      isAway = false
      starting = start()
      await starting
    },
  }
}
