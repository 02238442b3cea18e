import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connect } from 'node:net'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { makeServingCertificate } from '../../webhook/serving-certificate.ts'
import { kubeconfigText } from '../stack/files.ts'
import { applySelfSignedIssuer } from '../stack/self-signed-issuer.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { install, startTlsauto, type Tlsauto } from '../stack/tlsauto.ts'
import { until } from '../stack/until.ts'
import { startJournal, type Journal } from './journal.ts'
import { proxyControl, type ProxyControl } from './proxy-control.ts'
import type { ProxyConfig } from './proxy.ts'
import { accessOf, admissionProbe, userClient, type Access } from './user.ts'

/** What plans run on: a cluster, the proxy, and a server behind it that is started again when it dies. */
export type Rig = {
  readonly stack: Stack
  readonly user: KubeClient
  readonly journal: Journal
  readonly proxy: ProxyControl
  /** Waits until the server is up, whatever it has died of. */
  up(): Promise<void>
  /** Ends the server in good order, does something, and starts it again. */
  away(during: () => Promise<unknown>): Promise<void>
  /** Takes the lead from the server, does something, and gives it back. Throws when the server wrote in
   * between. */
  ruled(during: () => Promise<unknown>): Promise<void>
  stop(): Promise<void>
}

/** The issuers that journeys name; both sign at once. */
export const ISSUERS = ['letsencrypt-prod', 'another'] as const

const LEASE_SECONDS = 3
const LEASE = [`--lease-duration=${LEASE_SECONDS}`]

/** With these, lost events are made up for in seconds. */
export const PACE = ['--stall-timeout=2s', '--relist-period=5s'] as const

/** Starts a cluster and that program on it, with these flags. */
export async function startRig(program: string, flags: readonly string[] = []): Promise<Rig> {
  // An issuance that fails is tried again soon.
  const stack = await startStack({ backoff: '1s' })
  const ending = new AbortController()
  try {
    return await start({ stack, program, flags, ending })
  } catch (error) {
    ending.abort()
    await stack.stop()
    throw error
  }
}

async function start(input: {
  readonly stack: Stack
  readonly program: string
  readonly flags: readonly string[]
  readonly ending: AbortController
}): Promise<Rig> {
  const { stack, program, flags, ending } = input
  // Nobody asks it for a page here.
  await stack.traefik.stop()
  for (const issuer of ISSUERS) await applySelfSignedIssuer(stack, issuer)
  const admin = await accessOf(stack.kubeconfig)
  const { proxy, kubeconfig } = await startProxy(stack, admin)
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
    user: await userClient(admin),
    journal: await startJournal(stack.client, ending.signal),
    proxy,
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

async function startProxy(
  stack: Stack,
  admin: Access,
): Promise<{ readonly proxy: ProxyControl; readonly kubeconfig: string }> {
  const [port = 0, controlPort = 0] = await stack.ports(2)
  const made = await makeServingCertificate(['127.0.0.1'])
  const write = async (name: string, text: string): Promise<string> => {
    const path = join(stack.folder, name)
    await writeFile(path, text, { mode: 0o600 })
    return path
  }
  const config: ProxyConfig = {
    port,
    controlPort,
    upstream: admin.server,
    ca: admin.ca,
    cert: await write('proxy.crt', made.cert),
    key: await write('proxy.key', made.key),
    token: admin.token,
  }
  const running = await stack.processes.start(process.execPath, {
    name: 'the proxy',
    args: [join(import.meta.dirname, 'proxy.ts'), JSON.stringify(config)],
    log: join(stack.folder, 'logs', 'proxy.log'),
    env: { NODE_EXTRA_CA_CERTS: undefined },
  })
  await running.ready(async () => isListening(controlPort))
  const ca = await write('proxy-ca.crt', made.ca)
  await install(stack)
  const { token } = await accessOf(await stack.serviceAccountKubeconfig('tlsauto', 'tlsauto'))
  const text = kubeconfigText({ server: `https://127.0.0.1:${port}`, ca, token })
  return {
    proxy: proxyControl(controlPort),
    kubeconfig: await write('through-proxy.kubeconfig', text),
  }
}

async function isListening(port: number): Promise<true | undefined> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.destroy()
  return true
}

/** Starts the server again whenever it has ended, as a kubelet does, unless it shall be away. */
function supervise(input: {
  readonly server: Tlsauto
  /** Whether the API server asks it. */
  readonly asks: () => Promise<boolean>
  readonly ending: AbortSignal
}): Pick<Rig, 'up' | 'away'> {
  const { server, asks, ending } = input
  let starting: Promise<void> = Promise.resolve()
  let isAway = false
  const start = async (): Promise<void> => {
    while (!ending.aborted) {
      try {
        await server.start()
        break
      } catch (error) {
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
