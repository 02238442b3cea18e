import { IncomingMessage, ServerResponse, type ServerOptions } from 'node:http'
import { createServer, type Server } from 'node:https'
import express, { type Express, type RequestHandler } from 'express'
import type { HostClaims } from '../../shared/findings/reasons.ts'
import {
  limitsOf,
  type ClusterSettings,
  type NamespaceSettings,
} from '../../shared/settings/settings.ts'
import { auditOf } from '../admission/audit.ts'
import { checkHosts } from '../admission/check-hosts.ts'
import { mutate } from '../admission/mutate.ts'
import { UNTOUCHED, type Answer, type Review, type ReviewRequest } from '../admission/review.ts'
import { validate } from '../admission/validate.ts'
import { createBodyReader, type BodyLimits } from './body-limits.ts'
import { createConnections } from './connection-limits.ts'
import type { ClusterIndex } from '../controller/index/cluster-index.ts'
import { MONOTONIC_CLOCK, type Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import type { Metrics } from '../runtime/metrics.ts'
import type { KeyPair } from '../serving/certificate.ts'
import { HttpError } from './http-error.ts'
import { errorHandler } from './error-handler.ts'
import { createReviewLog, type Webhook } from './review-log.ts'
import { reviewHandler, type ReviewHandlerInput } from './review-handler.ts'
import { createLargeBodyQueue } from './large-body-queue.ts'

/** What the server answers from. */
export type ServerInput = {
  readonly cluster: ClusterSettings
  readonly hostClaims: HostClaims
  readonly index: Pick<ClusterIndex, 'namespace' | 'rivalOf' | 'servedByTcp' | 'takenNames'>
  /** Asks the API server for a namespace that the index does not know (yet); undefined: nothing is to be read. */
  readonly readNamespace: (name: string) => Promise<NamespaceSettings | undefined>
  /** Whether the index is whole: before that nobody is told that another holds his host. */
  readonly isSynced: () => boolean
  readonly logger: Logger
  readonly metrics: Metrics
  /** The CAs of those who may send reviews, in PEM; undefined: anybody may. */
  readonly clientCa: string | undefined
  /** Once aborted, `/readyz` says no and every answer ends its connection. */
  readonly draining?: AbortSignal
  readonly limits?: ServerLimits
  readonly clock?: Clock
}

/** What all callers together may take. */
export type ServerLimits = { readonly body: BodyLimits; readonly connections: number }

const TIMES = {
  tls: {
    minVersion: 'TLSv1.2',
    handshakeTimeout: 2000,
  },
  http: {
    // The API server keeps idle connections for 90 s; ours must outlive them.
    keepAliveTimeout: 120_000,
    // Also of a connection that it opened and has not needed yet.
    headersTimeout: 120_000,
    requestTimeout: 125_000,
    connectionsCheckingInterval: 5000,
    maxHeaderSize: 8192,
  },
  // Also of one that never reads its answers.
  silence: 130_000,
} as const

const LIMITS: ServerLimits = {
  body: {
    // Two objects of etcd's 1.5 MiB each and their wrapping fit twice.
    largest: 7 * 2 ** 20,
    most: 256,
    mostBytes: 32 * 2 ** 20,
  },
  connections: 1000,
}

/** The HTTPS server: `/mutate`, `/validate`, `/hosts`, `/healthz`, `/readyz`. It is not listening yet. */
export function createWebhookServer(input: ServerInput, keyPair: KeyPair): Server {
  const { clock = MONOTONIC_CLOCK, limits = LIMITS } = input
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.use(each(input))
  const [useBody, turn] = [createBodyReader(limits.body, clock), createLargeBodyQueue()]
  const webhook = (
    name: Webhook,
    decide: ReviewHandlerInput['decide'],
    trouble: ReviewHandlerInput['trouble'] = 'allow',
  ): RequestHandler =>
    reviewHandler({
      useBody,
      turn,
      decide,
      trouble,
      onReviewed: createReviewLog(name, input),
      clock,
    })
  app.post(['/mutate', '/validate', '/hosts'], knowsCaller(input.clientCa))
  app.post(
    '/mutate',
    webhook('mutate', (review) => mutated(review, input)),
  )
  app.post(
    '/validate',
    webhook('validate', (review) => validated(review, input)),
  )
  app.post(
    '/hosts',
    webhook('hosts', async (review) => hostsChecked(review, input), 'refuse'),
  )
  app.get('/healthz', ok)
  app.get('/readyz', readiness(input.draining))
  app.use(() => {
    throw new HttpError('not_found')
  })
  app.use(errorHandler(input))
  const connections = createConnections(limits.connections, clock)
  const server = createServer(
    {
      ...secureContext(keyPair, input.clientCa),
      // Asked for, not demanded: the kubelet, which probes, has none.
      requestCert: input.clientCa !== undefined,
      rejectUnauthorized: false,
      ...TIMES.tls,
      ...TIMES.http,
      ...kindsOf(app),
    },
    connections.handling(app),
  )
  connections.limit(server)
  server.setTimeout(TIMES.silence)
  server.on('tlsClientError', () => input.metrics.rejected.inc({ reason: 'tls' }))
  return server
}

/** What the server's TLS is made of, also when the key pair changes. */
export function secureContext(
  keyPair: KeyPair,
  clientCa: string | undefined,
): KeyPair & { readonly ca?: string } {
  return { ...keyPair, ...(clientCa === undefined ? {} : { ca: clientCa }) }
}

/** Refuses who has no certificate of the CAs, before anything of the body is read. */
function knowsCaller(clientCa: string | undefined): RequestHandler {
  return ({ socket }, _response, next) => {
    if (clientCa !== undefined && !('authorized' in socket && socket.authorized === true)) {
      throw new HttpError('no_client_certificate')
    }
    next()
  }
}

/** Has requests and responses made as Express wants them. It would turn each plain one into its own kind by
 * changing its prototype, which costs a review more than all of its routing. */
function kindsOf(app: Express): Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'> {
  class AppRequest extends IncomingMessage {}
  class AppResponse<R extends IncomingMessage> extends ServerResponse<R> {}
  Object.setPrototypeOf(AppRequest.prototype, app.request)
  Object.setPrototypeOf(AppResponse.prototype, app.response)
  Object.assign(app, { request: AppRequest.prototype, response: AppResponse.prototype })
  return { IncomingMessage: AppRequest, ServerResponse: AppResponse }
}

const ok: RequestHandler = (_request, response) => {
  response.type('text').send('ok')
}

/** Ready as soon as it serves: admission needs no index. */
function readiness(draining: AbortSignal | undefined): RequestHandler {
  return (request, response, next) => {
    if (draining?.aborted === true) response.status(503).type('text').send('draining')
    else ok(request, response, next)
  }
}

function each({ draining, metrics }: ServerInput): RequestHandler {
  return (_request, response, next) => {
    if (draining?.aborted === true) response.shouldKeepAlive = false
    metrics.inFlight.inc()
    response.once('close', () => metrics.inFlight.dec())
    next()
  }
}

function nobody(): undefined {
  return undefined
}

/** Who keeps a host from a namespace, a wildcard for a host below it too. */
function rivalsOf(
  namespace: string,
  index: Pick<ClusterIndex, 'rivalOf'>,
): (host: string) => string | undefined {
  return (host) => index.rivalOf(host, namespace)
}

function mutated(review: Review, { cluster, index }: ServerInput): Answer {
  const { servedByTcp, takenNames } = index
  return { ...UNTOUCHED, patch: mutate(review, { cluster, servedByTcp, takenNames }) }
}

function validated(review: ReviewRequest, input: ServerInput): Answer {
  const { cluster, hostClaims, index, isSynced } = input
  const { servedByTcp, takenNames } = index
  const holderOf = isSynced() ? rivalsOf(review.namespace, index) : nobody
  const namespace = index.namespace(review.namespace)
  const context = { cluster, hostClaims, namespace, holderOf, servedByTcp, takenNames }
  const { warnings, denial, verdict } = validate(review, context)
  const audit = auditOf({ review, verdict, denial })
  return { ...UNTOUCHED, warnings, denial, audit }
}

/** A denial holds whatever else is not known yet; without one, all must be known that could deny it. */
async function hostsChecked(review: ReviewRequest, input: ServerInput): Promise<Answer> {
  const { cluster, hostClaims, index, isSynced } = input
  const { namespace } = review
  const settings = index.namespace(namespace) ?? (await input.readNamespace(namespace))
  if (settings === undefined) throw new HttpError('unknown_namespace')
  const isKnown = isSynced()
  const said = checkHosts(review, {
    namespace,
    allowed: limitsOf(settings),
    holderOf: isKnown ? rivalsOf(namespace, index) : nobody,
    hostClaims,
    unboundedRules: cluster.unboundedRules,
  })
  if (said.denial === undefined && !isKnown && hostClaims === 'deny') {
    throw new HttpError('not_synced')
  }
  const decision = said.denial === undefined ? 'allowed' : `denied: ${said.denial}`
  return { ...UNTOUCHED, ...said, audit: { requester: review.username, decision } }
}
