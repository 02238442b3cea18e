import type { ServerResponse } from 'node:http'
import type { JsonObject } from '../../shared/json/json.ts'
import type { Deed } from './fault.ts'

/** An answer as it is passed on. */
export type Answer = {
  readonly status: number
  readonly type: string | undefined
  readonly body: string
}

const REASONS: Readonly<Record<number, string>> = {
  409: 'Conflict',
  410: 'Expired',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
}

/** Sends an answer. */
export function reply(
  out: ServerResponse,
  { status, type = 'application/json', body }: Answer,
): void {
  out.writeHead(status, { 'content-type': type })
  out.end(body)
}

/** Answers in the API server's place, or not at all, where the deed says so; gives whether it did. */
export function refused(deed: Deed | undefined, out: ServerResponse): boolean {
  if (deed === 'reset' || deed === 'reset-before') {
    out.destroy()
    return true
  }
  const code = Number(/^answer-(\d+)$/.exec(deed ?? '')?.[1])
  if (Number.isNaN(code)) return false
  if (code === 429) out.setHeader('retry-after', '1')
  const body = JSON.stringify(statusObject(code))
  reply(out, { status: code, type: 'application/json', body })
  return true
}

/** How a watch that has begun is told of an error. */
export function errorEvent(code: number): string {
  return JSON.stringify({ type: 'ERROR', object: statusObject(code) })
}

/** What the API server says when it refuses. */
export function statusObject(code: number): JsonObject {
  const reason = REASONS[code] ?? 'Unknown'
  const message = `${reason}: by the fault harness`
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, code }
}
