import { readFile } from 'node:fs/promises'
import { get } from 'node:https'
import { join } from 'node:path'
import { isJsonObject, listAt, objectAt, textAt } from '../../shared/json/json.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { CONFIGURATIONS } from '../../webhook/serving/webhook-configurations.ts'
import { find } from './objects.ts'
import type { Started } from './processes.ts'
import type { Stack } from './stack.ts'

const ROOT = join(import.meta.dirname, '..', '..')

/** A running server of ours. */
export type Tlsauto = {
  readonly url: string
  /** Of its metrics. */
  readonly metricsUrl: string
  readonly log: string
  readonly pid: () => number
  /** The running process' exit code, or the signal that ended it, once it has ended. */
  readonly exit: () => Promise<number | NodeJS.Signals>
  /** SIGTERM, and wait. */
  stop(): Promise<void>
  kill(signal: NodeJS.Signals): void
  /** Starts it again on the same port, after `stop` or `kill`. */
  start(): Promise<void>
}

export type TlsautoOptions = {
  readonly flags?: readonly string[]
  /** Without `--attach=inject`, which suits the stack's entry points: with the program's defaults alone. */
  readonly atDefaults?: boolean
  /** Where the API server shall call; the server itself unless given. */
  readonly webhookUrl?: string
  /** Another way to the API server. */
  readonly kubeconfig?: string
  /** The source unless given. */
  readonly program?: string
  /** Options of Node.js. */
  readonly nodeOptions?: readonly string[]
  /** Told the pid of every start, before the server has asked anything. */
  readonly onStart?: (pid: number) => Promise<void>
}

const SOURCE = join(ROOT, 'webhook', 'main.ts')

/** Installs `deploy/tlsauto.yaml` and runs the server outside the cluster, as its ServiceAccount, with
 * exactly the rights that the manifest grants. Waits until the API server trusts it. */
export async function startTlsauto(
  stack: Stack,
  { flags = [], program = SOURCE, nodeOptions = [], ...options }: TlsautoOptions = {},
): Promise<Tlsauto> {
  await install(stack)
  const kubeconfig =
    options.kubeconfig ?? (await stack.serviceAccountKubeconfig('tlsauto', 'tlsauto'))
  const [port = 0, metricsPort = 0] = await stack.ports(2)
  const url = `https://127.0.0.1:${port}`
  const { webhookUrl = url } = options
  const log = join(stack.folder, 'logs', `tlsauto-${port}.log`)
  const args = [
    ...nodeOptions,
    program,
    `--kubeconfig=${kubeconfig}`,
    `--listen=127.0.0.1:${port}`,
    `--metrics-listen=127.0.0.1:${metricsPort}`,
    `--webhook-url=${webhookUrl}`,
    `--identity=tlsauto-${port}`,
    '--log-level=debug',
    // Nobody is sent here by a Service that would first have to hear of the end.
    '--drain-delay=0',
    // As deploy/tlsauto.yaml has it: the stack's entry points do not terminate TLS unless told to.
    ...(options.atDefaults === true ? [] : ['--attach=inject']),
    ...flags,
  ]
  let running: Started
  const start = async (): Promise<void> => {
    // Another server may have run meanwhile, under a URL of its own.
    await allowUrl(stack, webhookUrl)
    const env = { NODE_EXTRA_CA_CERTS: undefined }
    running = await stack.processes.start(process.execPath, { args, log, env, name: 'tlsauto' })
    await options.onStart?.(running.pid)
    await running.ready(async () =>
      (await isReady(url)) && (await isTrusted(stack, webhookUrl)) ? true : undefined,
    )
  }
  await start()
  return {
    url,
    metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`,
    log,
    pid: () => running.pid,
    exit: async () => running.exit,
    stop: async () => running.stop(),
    kill: (signal) => running.kill(signal),
    start,
  }
}

/** Once: applied again, the manifest's Service would stand beside the URL of `--webhook-url`, which the
 * API server refuses. */
export async function install(stack: Stack): Promise<void> {
  const resource = RESOURCES.mutatingWebhooks
  if ((await find(stack.client, { resource, name: 'tlsauto' })) !== undefined) return
  await stack.kubectl(['apply', '-f', join(ROOT, 'deploy', 'tlsauto.yaml')])
}

/** As an administrator: the guard lets the server send the API server to no other URL. */
async function allowUrl(stack: Stack, url: string): Promise<void> {
  const kinds = 'mutatingwebhookconfigurations,validatingwebhookconfigurations'
  const ours = ['-l', 'app.kubernetes.io/name=tlsauto', '--overwrite']
  await stack.kubectl(['annotate', kinds, ...ours, `tlsauto.dev/webhook-url=${url}`])
}

/** Whether every webhook configuration carries a CA and this server's address. */
async function isTrusted(stack: Stack, url: string): Promise<boolean> {
  const configurations = await Promise.all(
    CONFIGURATIONS.map(async (target) => stack.client.get(target)),
  )
  return configurations.every((lookup) => {
    if (lookup.kind !== 'found') return false
    const webhooks = listAt(lookup.object, 'webhooks').filter(isJsonObject)
    return webhooks.every((webhook) => {
      const client = objectAt(webhook, 'clientConfig')
      const ours = textAt(client, 'url')?.startsWith(url) === true
      return ours && textAt(client, 'caBundle') !== undefined
    })
  })
}

/** The certificate is checked by the API server; this only asks whether it listens. */
export async function isReady(url: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    get(`${url}/readyz`, { rejectUnauthorized: false }, (answer) => {
      answer.resume()
      resolve(answer.statusCode === 200)
    }).on('error', reject)
  })
}

/** The server's log, for a failing test's message. */
export async function logOf(tlsauto: Tlsauto): Promise<string> {
  return readFile(tlsauto.log, 'utf8')
}
