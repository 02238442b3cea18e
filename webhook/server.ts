import { createServer, type Server } from 'node:https'
import express, {
  type ErrorRequestHandler,
  type Request,
  type RequestHandler,
  type Response,
} from 'express'
import type { HostClaims } from '../shared/findings/reasons.ts'
import { isJsonObject, textAt } from '../shared/json.ts'
import type { ClusterSettings } from '../shared/settings.ts'
import { mutate } from './admission/mutate.ts'
import { parseReview, reviewResponse, type Answer, type Review } from './admission/review.ts'
import { validate } from './admission/validate.ts'
import type { ClusterIndex } from './controller/cluster-index.ts'
import type { Logger } from './logger.ts'

/** A key pair in PEM. */
export type KeyPair = { readonly cert: string; readonly key: string }

/** What the server answers from. */
export type ServerInput = {
  readonly cluster: ClusterSettings
  readonly hostClaims: HostClaims
  readonly index: Pick<ClusterIndex, 'namespace' | 'holderOf' | 'servedByTcp'>
  readonly logger: Logger
  /** Once aborted, `/readyz` says no and every answer ends its connection. */
  readonly draining?: AbortSignal
}

/** The API server keeps idle connections for 90 s; ours must outlive them. */
const KEEP_ALIVE_MS = 120_000
/** Two objects of etcd's 1.5 MiB each and their wrapping fit many times. */
const LARGEST_BODY = '7mb'

/** The HTTPS server: `/mutate`, `/validate`, `/healthz`, `/readyz`. It is not listening yet. */
export function createWebhookServer(input: ServerInput, keyPair: KeyPair): Server {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.use(endingConnections(input.draining))
  app.get('/healthz', ok)
  app.get('/readyz', readiness(input.draining))
  app.use(express.json({ limit: LARGEST_BODY, type: () => true }))
  app.post(
    '/mutate',
    answering(input, (review) => mutated(review, input)),
  )
  app.post(
    '/validate',
    answering(input, (review) => validated(review, input)),
  )
  app.use((_request, response) => {
    response
      .status(404)
      .json({ error: 'there are POST /mutate, POST /validate, GET /healthz and GET /readyz' })
  })
  app.use(refusal(input.logger))
  return createServer({ ...keyPair, minVersion: 'TLSv1.2', keepAliveTimeout: KEEP_ALIVE_MS }, app)
}

const ALLOWED: Answer = { patch: [], warnings: [], denial: undefined }

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

function endingConnections(draining: AbortSignal | undefined): RequestHandler {
  return (_request, response, next) => {
    if (draining?.aborted === true) response.shouldKeepAlive = false
    next()
  }
}

function mutated(review: Review, { cluster, index }: ServerInput): Answer {
  return { ...ALLOWED, patch: mutate(review, { cluster, servedByTcp: index.servedByTcp }) }
}

function validated(review: Review, { cluster, hostClaims, index }: ServerInput): Answer {
  const { holderOf, servedByTcp } = index
  const namespace = index.namespace(review.namespace)
  const context = { cluster, hostClaims, namespace, holderOf, servedByTcp }
  return { ...ALLOWED, ...validate(review, context) }
}

/** One review in, one out. A fault of ours allows the object unchanged: it must not cost a request. */
function answering(input: ServerInput, answer: (review: Review) => Answer) {
  return (request: Request, response: Response): void => {
    const review = parseReview(request.body)
    try {
      response.json(reviewResponse(review.uid, answer(review)))
    } catch (error) {
      input.logger.error({ error, uid: review.uid }, 'a review failed; allowed unchanged')
      response.json(reviewResponse(review.uid, ALLOWED))
    }
  }
}

function refusal(logger: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error)
      return
    }
    const { status, message } = describe(error)
    logger.warn({ status, path: request.path }, message)
    response.status(status).json({ error: message })
  }
}

function describe(error: unknown): { readonly status: number; readonly message: string } {
  if (error instanceof RangeError) return { status: 400, message: error.message }
  if (!isJsonObject(error)) return { status: 500, message: 'internal error' }
  const status = typeof error['status'] === 'number' ? error['status'] : 500
  const known = REFUSALS[textAt(error, 'type') ?? '']
  return {
    status,
    message: known ?? (status < 500 ? (textAt(error, 'message') ?? '') : 'internal error'),
  }
}

/** By the `type` of body-parser's errors. */
const REFUSALS: Readonly<Record<string, string>> = {
  'entity.too.large': `the body is larger than ${LARGEST_BODY}`,
  'entity.parse.failed': 'the body is not JSON, or is cut off',
  'request.aborted': 'the body ended early',
  'request.size.invalid': 'the body is not as long as its Content-Length',
}
