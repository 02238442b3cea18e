import { once } from 'node:events'
import type { Server } from 'node:https'
import { setTimeout as delay } from 'node:timers/promises'
import { INSTALLATION } from '../shared/kube/installation.ts'
import type { KubeClient } from '../shared/kube/kube-client.ts'
import type { Config } from './config.ts'
import { assumptionOf } from '../shared/settings/attach-assumption.ts'
import { expiryOf } from './serving/certificate-expiry.ts'
import { readClientCa } from './http/client-ca.ts'
import { gracefulClose } from './http/graceful-close.ts'
import { createClusterIndex } from './controller/index/cluster-index.ts'
import { startController, type ControllerInput } from './controller/controller.ts'
import { runElection } from './runtime/leader-election.ts'
import type { OnFault } from './runtime/faults.ts'
import type { Logger } from './runtime/logger.ts'
import { serveMetrics } from './http/metrics-server.ts'
import { createNamespaceReader } from './http/namespace-reader.ts'
import type { Metrics } from './runtime/metrics.ts'
import { createWebhookServer, secureContext } from './http/server.ts'
import type { KeyPair } from './serving/certificate.ts'
import { keepServing, type KeeperInput } from './serving/keeper.ts'
import { warmUp } from './http/warm-up.ts'

export type RunInput = {
  readonly config: Config
  readonly client: KubeClient
  readonly logger: Logger
  readonly metrics: Metrics
  /** Told of an error that costs one object or task. */
  readonly onFault: OnFault
  /** Ends the server, in good order. */
  readonly signal: AbortSignal
}

/** Runs webhook and controller until the signal. Admission is answered as soon as the serving
 * certificate is there; the controller writes once it leads. */
export async function runServer(input: RunInput): Promise<void> {
  const { config, client, logger, metrics, onFault, signal } = input
  const clientCa = config.clientCa === undefined ? undefined : await readClientCa(config.clientCa)
  const index = createClusterIndex(config.settings, config)
  const controller = startController({ ...input, ...controllerOptions(config), index })
  const { registry } = metrics
  const listen = config.metricsListen
  serveMetrics({ registry, listen, beforeScrape: controller.measure, onFault, logger, signal })
  const keyPairs = keepServing(keeperInput(input))
  warmUp(config.settings)
  const first = await keyPairs.next()
  if (first.done === true) return
  const { settings: cluster, hostClaims } = config
  const server = createWebhookServer(
    {
      cluster,
      hostClaims,
      index,
      readNamespace: createNamespaceReader(client),
      isSynced: controller.isSynced,
      logger,
      metrics,
      clientCa,
      draining: signal,
    },
    first.value,
  )
  metrics.certificateExpiry.set(expiryOf(first.value))
  const close = gracefulClose(server)
  // Without a host it listens on all addresses of both families, where there are both.
  const { host, port } = config.listen
  server.listen({ port, ...(host === '' ? {} : { host }) })
  await once(server, 'listening')
  logger.info({ host, port, identity: config.identity }, 'listening')
  logger.info({ attach: cluster.attach }, assumptionOf(cluster))
  const { namespace, identity, leaseDuration } = config
  const onChange = controller.setLeading
  const election = runElection({
    client,
    namespace,
    identity,
    leaseDuration,
    onChange,
    logger,
    signal,
  })
  await Promise.all([
    follow(keyPairs, { server, clientCa, metrics }),
    controller.done,
    election,
    drained(signal, config.drainDelay).then(close),
  ])
  logger.info('stopped')
}

function controllerOptions(
  config: Config,
): Pick<
  ControllerInput,
  'backfill' | 'claimGrace' | 'maxCertificates' | 'maxClaims' | 'hostClaims' | 'pace'
> {
  const { backfill, claimGrace, maxCertificates, maxClaims, hostClaims } = config
  const { stallTimeout, relistPeriod } = config
  return {
    backfill,
    claimGrace,
    maxCertificates,
    maxClaims,
    hostClaims,
    pace: { stall: stallTimeout * 1000, relist: relistPeriod * 1000 },
  }
}

/** Settles so many seconds after the signal: by then whoever sends us reviews has heard that we go. */
async function drained(signal: AbortSignal, seconds: number): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
  await delay(seconds * 1000)
}

async function follow(
  keyPairs: AsyncIterable<KeyPair>,
  {
    server,
    clientCa,
    metrics,
  }: {
    readonly server: Server
    readonly clientCa: string | undefined
    readonly metrics: Metrics
  },
): Promise<void> {
  for await (const keyPair of keyPairs) {
    server.setSecureContext(secureContext(keyPair, clientCa))
    metrics.certificateExpiry.set(expiryOf(keyPair))
  }
}

function keeperInput({ client, config, logger, signal }: RunInput): KeeperInput {
  const { namespace, webhookUrl: url, servingLifetime, servingOverlap } = config
  const service = `${INSTALLATION.service}.${namespace}.svc`
  const host = url === undefined ? [] : [new URL(url).hostname.replace(/^\[(.*)\]$/, '$1')]
  return {
    client,
    namespace,
    names: [service, ...host],
    url,
    lifetime: servingLifetime * 1000,
    overlap: servingOverlap * 1000,
    logger,
    signal,
  }
}
