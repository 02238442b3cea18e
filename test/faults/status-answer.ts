import type { JsonObject } from '../../shared/json.ts'

const REASONS: Readonly<Record<number, string>> = {
  409: 'Conflict',
  410: 'Expired',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
}

/** What the API server says when it refuses. */
export function statusObject(code: number): JsonObject {
  const reason = REASONS[code] ?? 'Unknown'
  const message = `${reason}: by the fault harness`
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, code }
}
