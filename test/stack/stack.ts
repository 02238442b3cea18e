import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, mkdir, rename, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { kubeClient } from '../../shared/kube/client.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { startAcme, type Acme } from './acme.ts'
import { createBackends, type Backends } from './backends.ts'
import { ensureBuilt, type Built } from './build.ts'
import { startCertManager, type HttpProxy } from './cert-manager.ts'
import { startControlPlane, type ControlPlane } from './control-plane.ts'
import { applyCrds } from './crds.ts'
import { kubeconfigText, type User } from './files.ts'
import { CLUSTER } from './parts.ts'
import { reserve, type Reservation } from './ports.ts'
import { createProcesses, type Processes, type Started } from './processes.ts'
import { runSolverStandIn } from './solver.ts'
import { startTraefik, type EntryPointTls } from './traefik.ts'

export type StackOptions = {
  /** cert-manager's first wait after a failed issuance; its own default is an hour. */
  readonly backoff?: string
  /** Nothing unless given. */
  readonly entryPointTls?: EntryPointTls
  /** A zone that the ACME server asks Knot DNS about, for wildcards over DNS-01. */
  readonly zone?: string
  /** Starts a DNS server before the stack's own, whose address it is told; gives the one that all ask. */
  readonly dnsFront?: (upstream: string) => Promise<string>
  /** The ACME server's profiles, with the seconds that their certificates are valid. It picks one by chance
   * for an issuer that names none. */
  readonly profiles?: Readonly<Record<string, number>>
  /** The proxy that cert-manager's own check of a challenge goes through. */
  readonly httpProxy?: HttpProxy
  /** Whether ResourceQuotas are counted. */
  readonly quotas?: boolean
  /** Where the parts' logs go, to be kept; the run's own folder unless given. */
  readonly logs?: string
  /** Told each step in a line. */
  readonly report?: (line: string) => void
}

/** A running cluster: everything in it is the real program, but for the solver Pods' stand-in. */
export type Stack = {
  /** This run's own folder, gone after `stop`. */
  readonly folder: string
  /** More ports of this run's own. */
  readonly ports: Reservation['ports']
  readonly built: Built
  readonly processes: Processes
  readonly apiServer: string
  /** The kubeconfig file of a user who may do everything. */
  readonly kubeconfig: string
  /** A client with that user's rights. */
  readonly client: KubeClient
  readonly web: number
  readonly websecure: number
  readonly traefikApi: string
  readonly acme: Acme
  /** Processes, to be paused or killed. */
  readonly certManager: Started
  readonly traefik: Started
  /** To be paused. */
  readonly etcd: ControlPlane['etcd']
  /** Starts one more API server. */
  readonly anotherApiServer: ControlPlane['another']
  /** Kills the API server, and starts it again after so many milliseconds; settles when it is ready. */
  readonly apiServerOutage: (milliseconds: number) => Promise<void>
  readonly backends: Backends
  /** Runs kubectl, as the admin unless another kubeconfig is given. Throws with its stderr. */
  kubectl(args: readonly string[], options?: KubectlOptions): Promise<KubectlResult>
  /** The kubeconfig file of a user without rights of his own. */
  userKubeconfig(user: User): Promise<string>
  /** The kubeconfig file of a ServiceAccount, with exactly its rights. */
  serviceAccountKubeconfig(namespace: string, name: string): Promise<string>
  /** Ends every process and removes the folder. */
  stop(): Promise<void>
}

export type KubectlOptions = {
  readonly input?: string
  readonly kubeconfig?: string
  readonly env?: Readonly<Record<string, string | undefined>>
}
export type KubectlResult = { readonly stdout: string; readonly stderr: string }

/** Starts the whole cluster and waits until it answers. Whatever was started ends on failure, on
 * `stop`, on SIGINT and SIGTERM, and when this process is killed. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const report = options.report ?? (() => undefined)
  const built = await ensureBuilt({ env: process.env, report, only: CLUSTER })
  const folder = await mkdtemp(join(tmpdir(), 'tlsauto-'))
  const processes = createProcesses(folder)
  const ending = new AbortController()
  const reservation = await reserve()
  const stop = async (): Promise<void> => {
    ending.abort()
    await processes.stopAll()
    reservation.release()
  }
  endOnSignals(stop, ending.signal)
  try {
    return await start({ options, built, folder, processes, reservation, ending, stop })
  } catch (error) {
    await stop()
    throw error
  }
}

type StartInput = {
  readonly options: StackOptions
  readonly built: Built
  readonly folder: string
  readonly processes: Processes
  readonly reservation: Reservation
  readonly ending: AbortController
  readonly stop: () => Promise<void>
}

async function start(input: StartInput): Promise<Stack> {
  const { options, built, folder, processes, reservation, ending, stop } = input
  await makeLogsFolder(folder, options.logs)
  const [etcd = 0, peer = 0, api = 0, web = 0, websecure = 0, traefikApi = 0, ...acmePorts] =
    await reservation.ports(11)
  const run = { built, folder, processes }
  const [controlPlane, acme] = await Promise.all([
    startControlPlane({ ...run, serviceCidr: reservation.cidr, ports: { etcd, peer, api } }),
    startAcme({ ...run, ...options, web, websecure, ports: acmePorts }),
  ])
  const { server, files } = controlPlane
  const writeConfig = async (name: string, token: string): Promise<string> => {
    const path = join(folder, `${name}.kubeconfig`)
    // At once: who asks for it again must not take it away from who reads it.
    const fresh = `${path}.${randomUUID()}`
    await writeFile(fresh, kubeconfigText({ server, ca: files.ca, token }), { mode: 0o600 })
    await rename(fresh, path)
    return path
  }
  const kubeconfig = await writeConfig('admin', files.token.admin)
  const kubectl = kubectlRunner(built, kubeconfig)
  const client = kubeClient({ kubeconfig })
  await applyCrds({ built, kubectl, client })
  const [certManager, traefik] = await Promise.all([
    startCertManager({ backoff: '1h', ...options, ...run, kubeconfig, client, acme }),
    startTraefik({
      ...run,
      client,
      kubernetes: { server, ca: files.ca, token: files.token.admin },
      ports: { web, websecure, api: traefikApi },
      entryPointTls: options.entryPointTls ?? 'none',
    }),
    // After the CRDs: the garbage collector looks for new kinds every 30 s only.
    controlPlane.startControllers({ kubeconfig, client, quotas: options.quotas ?? false }),
  ])
  const { report = () => undefined } = options
  void runSolverStandIn({ client, report, signal: ending.signal })
  return {
    folder,
    ports: reservation.ports,
    built,
    processes,
    apiServer: server,
    kubeconfig,
    client,
    web,
    websecure,
    traefikApi: `http://127.0.0.1:${traefikApi}`,
    acme,
    certManager,
    traefik,
    etcd: controlPlane.etcd,
    anotherApiServer: controlPlane.another,
    apiServerOutage: controlPlane.outage,
    backends: createBackends(client, ending.signal),
    kubectl,
    userKubeconfig: async (user) => writeConfig(user, files.token[user]),
    serviceAccountKubeconfig: async (namespace, name) => {
      const { stdout } = await kubectl(['create', 'token', name, '-n', namespace, '--duration=24h'])
      return writeConfig(`${namespace}-${name}`, stdout.trim())
    },
    stop,
  }
}

/** Every part logs into the run's folder; a link there leads to the one that outlives it. */
async function makeLogsFolder(folder: string, kept: string | undefined): Promise<void> {
  const logs = join(folder, 'logs')
  await mkdir(kept ?? logs, { recursive: true })
  if (kept !== undefined) await symlink(kept, logs)
}

function kubectlRunner(built: Built, admin: string): Stack['kubectl'] {
  return async (args, { input, kubeconfig = admin, env = {} } = {}) => {
    const running = promisify(execFile)(built.program('kubectl'), [...args], {
      env: { ...process.env, KUBECONFIG: kubeconfig, ...env },
      maxBuffer: 64 * 2 ** 20,
    })
    running.child.stdin?.end(input ?? '')
    return running
  }
}

/** Until the stack is being stopped: whoever asks twice doesn't want to wait. */
function endOnSignals(stop: () => Promise<void>, stopping: AbortSignal): void {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const end = (): void => void stop().finally(() => process.exit(code))
    process.once(signal, end)
    stopping.addEventListener('abort', () => process.off(signal, end))
  }
}
