import { join } from 'node:path'
import { Agent, get } from 'node:https'
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import type { Resource } from '../../shared/kube/resources.ts'
import type { Built } from './build.ts'
import { writeControlPlaneFiles, type ControlPlaneFiles } from './files.ts'
import type { Processes, Started } from './processes.ts'

const SERVICE_ACCOUNTS: Resource = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  namespaced: true,
}

/** What every part of the stack is started with. */
export type Run = {
  readonly built: Built
  readonly folder: string
  readonly processes: Processes
}

export type ControlPlane = {
  readonly server: string
  readonly files: ControlPlaneFiles
  /** To be paused. */
  readonly etcd: Started & { readonly port: number }
  /** Starts one more API server, with etcd on that port, and gives its address. */
  another(ports: { readonly api: number; readonly etcd: number }): Promise<string>
  /** Kills the API server, waits so many milliseconds, starts it again, and waits until it is ready. */
  outage(milliseconds: number): Promise<void>
  /** Garbage collection, namespaces, ServiceAccounts; ResourceQuotas where they are asked for. */
  startControllers(options: ControllerOptions): Promise<void>
}

type ControllerOptions = {
  readonly kubeconfig: string
  readonly client: KubeClient
  readonly quotas: boolean
}

/** Starts etcd and kube-apiserver, with RBAC, and waits until the latter is ready. */
export async function startControlPlane(
  run: Run & {
    readonly serviceCidr: string
    readonly ports: { readonly etcd: number; readonly peer: number; readonly api: number }
  },
): Promise<ControlPlane> {
  const { folder, ports } = run
  const files = await writeControlPlaneFiles(folder)
  const etcd = await startEtcd(run, ports)
  const begin = async (one: ApiServer): Promise<Started> => {
    const started = await startApiServer(run, files, one)
    await started.ready(async () => (await isReady(addressOf(one), files)) || undefined)
    return started
  }
  const first = { ...ports, logs: { own: 'kube-apiserver.log', audit: 'audit.log' } }
  let apiServer = await begin(first)
  return {
    server: addressOf(first),
    files,
    etcd: { ...etcd, port: ports.etcd },
    another: async (at) => {
      const logs = { own: `kube-apiserver-${at.api}.log`, audit: `audit-${at.api}.log` }
      await begin({ ...at, logs })
      return addressOf({ ...at, logs })
    },
    outage: async (milliseconds) => {
      apiServer.kill('SIGKILL')
      await apiServer.exit
      await delay(milliseconds)
      apiServer = await begin(first)
    },
    startControllers: async ({ kubeconfig, client, quotas }) => {
      const controllers = await run.processes.start(run.built.program('kube-controller-manager'), {
        log: join(folder, 'logs', 'kube-controller-manager.log'),
        args: [
          `--kubeconfig=${kubeconfig}`,
          `--authentication-kubeconfig=${kubeconfig}`,
          `--authorization-kubeconfig=${kubeconfig}`,
          `--service-account-private-key-file=${files.serviceAccountKey}`,
          `--controllers=garbage-collector-controller,namespace-controller,serviceaccount-controller${quotas ? ',resourcequota-controller' : ''}`,
          '--leader-elect=false',
          '--secure-port=0',
        ],
      })
      const target = { resource: SERVICE_ACCOUNTS, namespace: 'default', name: 'default' }
      await controllers.ready(async () => (await client.get(target)).kind === 'found' || undefined)
    },
  }
}

async function startEtcd(
  { built, folder, processes }: Run,
  ports: { readonly etcd: number; readonly peer: number },
): Promise<Started> {
  const client = `http://127.0.0.1:${ports.etcd}`
  const peer = `http://127.0.0.1:${ports.peer}`
  return processes.start(built.program('etcd'), {
    log: join(folder, 'logs', 'etcd.log'),
    args: [
      `--data-dir=${join(folder, 'etcd')}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
      '--unsafe-no-fsync',
      '--log-level=warn',
    ],
  })
}

/** An API server's ports, and the files that it logs into. */
type ApiServer = {
  readonly api: number
  readonly etcd: number
  readonly logs: { readonly own: string; readonly audit: string }
}

function addressOf({ api }: ApiServer): string {
  return `https://127.0.0.1:${api}`
}

async function startApiServer(
  run: Run & { readonly serviceCidr: string },
  files: ControlPlaneFiles,
  { api, etcd, logs }: ApiServer,
): Promise<Started> {
  const { built, folder, processes } = run
  const policy = join(import.meta.dirname, 'audit-policy.yaml')
  return processes.start(built.program('kube-apiserver'), {
    log: join(folder, 'logs', logs.own),
    args: [
      `--etcd-servers=http://127.0.0.1:${etcd}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${api}`,
      `--tls-cert-file=${files.cert}`,
      `--tls-private-key-file=${files.key}`,
      `--token-auth-file=${files.tokens}`,
      '--authorization-mode=RBAC',
      `--service-cluster-ip-range=${run.serviceCidr}`,
      '--endpoint-reconciler-type=none',
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${files.serviceAccountKey}`,
      `--service-account-signing-key-file=${files.serviceAccountKey}`,
      // Solver Pods need no ServiceAccount, and nothing runs them.
      '--disable-admission-plugins=ServiceAccount',
      `--cert-dir=${folder}`,
      `--audit-policy-file=${policy}`,
      `--audit-log-path=${join(folder, 'logs', logs.audit)}`,
    ],
  })
}

async function isReady(server: string, files: ControlPlaneFiles): Promise<boolean> {
  const agent = new Agent({ ca: await readFile(files.ca) })
  const headers = { authorization: `Bearer ${files.token.admin}` }
  return new Promise((resolve, reject) => {
    get(`${server}/readyz`, { agent, headers }, (answer) => {
      answer.resume()
      resolve(answer.statusCode === 200)
    }).on('error', reject)
  })
}
