import { statusObject, type Answer } from './answer.ts'
import type { Forward } from './upstream.ts'

/** Answers what is asked about a Lease that the cluster knows nothing of. */
export type OwnLease = (forward: Pick<Forward, 'method' | 'body'>) => Answer

/** A Lease that nobody holds yet: whoever comes first keeps it. */
export function createOwnLease(): OwnLease {
  let stored: string | undefined
  return ({ method, body }) => {
    if (method === 'GET') {
      return stored === undefined
        ? answer(404, JSON.stringify(statusObject(404)))
        : answer(200, stored)
    }
    stored = body
    return answer(method === 'POST' ? 201 : 200, stored)
  }
}

function answer(status: number, body: string): Answer {
  return { status, type: undefined, body }
}
