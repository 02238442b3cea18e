import type { ErrorRequestHandler, Response } from 'express'
import type { Logger } from '../runtime/logger.ts'
import type { Metrics } from '../runtime/metrics.ts'
import { HttpError } from './http-error.ts'

/** Whoever is still sending gets this long to read why it is refused. */
const LINGER_MS = 200

/** Answers what no handler did: a refusal with its reason, and a fault of ours with status 500. */
export function errorHandler({
  logger,
  metrics,
}: {
  readonly logger: Logger
  readonly metrics: Metrics
}): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error)
      return
    }
    const known = error instanceof HttpError
    const reason = known ? error.reason : 'fault'
    metrics.rejected.inc({ reason })
    if (known) logger.debug({ reason, path: request.path }, error.message)
    else logger.error({ error, path: request.path }, 'a request failed')
    const status = known ? error.status : 500
    refuse(response, { status, message: known ? error.message : 'internal error' })
  }
}

/** Ends the connection where a body is under way: nothing more of it is read. */
function refuse(
  response: Response,
  { status, message }: { readonly status: number; readonly message: string },
): void {
  const { req: request } = response
  if (!request.complete) response.shouldKeepAlive = false
  const json = JSON.stringify({ error: message })
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(json),
  })
  response.write(json)
  if (request.complete) response.end()
  else setTimeout(() => request.destroy(), LINGER_MS).unref()
}
