import { once } from 'node:events'
import type { Server } from 'node:https'
import { setTimeout as delay } from 'node:timers/promises'
import type { KubeClient } from '../shared/kube/kube-client.ts'
import type { Config } from './config.ts'
import { closerOf } from './closer.ts'
import { createClusterIndex } from './controller/cluster-index.ts'
import { startController } from './controller/controller.ts'
import { runElection } from './controller/leader.ts'
import type { Logger } from './logger.ts'
import { createWebhookServer } from './server.ts'
import type { ServingCertificate } from './serving-certificate.ts'
import { sharedServingCertificate } from './serving-secret.ts'
import { injectClientConfig } from './webhook-configurations.ts'

export type RunInput = {
  readonly config: Config
  readonly client: KubeClient
  readonly logger: Logger
  /** Ends the server, in good order. */
  readonly signal: AbortSignal
}

const SERVICE = 'tlsauto'
const CERTIFICATE_CHECK_MS = 30_000

/** Runs webhook and controller until the signal. Admission is answered as soon as the serving
 * certificate is there; the controller writes once it leads. */
export async function runServer(input: RunInput): Promise<void> {
  const { config, client, logger, signal } = input
  const index = createClusterIndex(config.settings)
  const certificate = await firstServingCertificate(input)
  if (certificate === undefined) return
  const server = createWebhookServer(
    { cluster: config.settings, hostClaims: config.hostClaims, index, logger },
    certificate,
  )
  const close = closerOf(server)
  // Without a host it listens on all addresses of both families, where there are both.
  const { host, port } = config.listen
  server.listen({ port, ...(host === '' ? {} : { host }) })
  await once(server, 'listening')
  logger.info({ host, port, identity: config.identity }, 'listening')
  const controller = startController({ client, index, backfill: config.backfill, logger, signal })
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
    keepServing(input, { server, certificate }),
    controller.done,
    election,
    aborted(signal).then(close),
  ])
  logger.info('stopped')
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}

/** Keeps the server on the shared certificate, and the API server on its CA. */
async function keepServing(
  input: RunInput,
  { server, certificate }: { readonly server: Server; readonly certificate: ServingCertificate },
): Promise<void> {
  const { client, config, logger, signal } = input
  let serving = certificate
  while (!signal.aborted) {
    try {
      const current = await servingCertificate(input)
      if (current.cert !== serving.cert) server.setSecureContext(current)
      serving = current
      await injectClientConfig({ client, logger }, { ca: current.ca, url: config.webhookUrl })
    } catch (error) {
      logger.warn({ error }, 'the serving certificate could not be looked after')
    }
    await delay(CERTIFICATE_CHECK_MS, undefined, { signal }).catch(() => undefined)
  }
}

async function servingCertificate({
  client,
  config,
  logger,
}: RunInput): Promise<ServingCertificate> {
  const { namespace, webhookUrl } = config
  const names = [
    `${SERVICE}.${namespace}.svc`,
    ...(webhookUrl === undefined ? [] : [new URL(webhookUrl).hostname.replace(/^\[(.*)\]$/, '$1')]),
  ]
  return sharedServingCertificate({ client, namespace, names, logger })
}

/** An API server that is not there yet will be: tried again every second, until the signal. */
async function firstServingCertificate(input: RunInput): Promise<ServingCertificate | undefined> {
  const { logger, signal } = input
  while (!signal.aborted) {
    try {
      return await servingCertificate(input)
    } catch (error) {
      logger.warn({ error }, 'no serving certificate yet')
      await delay(1000, undefined, { signal }).catch(() => undefined)
    }
  }
  return undefined
}
