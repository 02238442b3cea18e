import type { Request, RequestHandler, Response } from 'express'
import {
  parseReview,
  UNTOUCHED,
  reviewResponse,
  type Answer,
  type ReviewRequest,
} from '../admission/review.ts'
import type { UseBody } from './body-limits.ts'
import { excessOf } from './json-limits.ts'
import { TOO_MUCH } from '../admission/check-hosts.ts'
import { HttpError } from './http-error.ts'
import type { Clock } from '../runtime/clock.ts'

/** A review, and what became of it. */
export type Reviewed = Outcome & { readonly review: ReviewRequest; readonly milliseconds: number }

type Outcome =
  | { readonly kind: 'decided' | 'late'; readonly answer: Answer }
  | { readonly kind: 'failed'; readonly answer: Answer; readonly error: unknown }

export type ReviewHandlerInput = {
  readonly useBody: UseBody
  /** Waits until a body of that many bytes may be worked on. */
  readonly turn: (bytes: number) => Promise<void>
  /** Throws a HttpError where it can't answer for now. */
  readonly decide: (review: ReviewRequest) => Answer | Promise<Answer>
  /** What becomes of a review that comes to its turn too late, or fails by our fault: it is allowed, or the
   * webhook's `failurePolicy` decides. */
  readonly trouble: 'allow' | 'refuse'
  readonly onReviewed: (reviewed: Reviewed) => void
  readonly clock: Clock
}

/** The API server waits a second, or what `timeout` says: half of that is ours. */
const LONGEST_MS = 500

const LATE: Answer = {
  ...UNTOUCHED,
  warnings: [
    'tlsauto was too busy to look at this in time; its controller does so once it is stored',
  ],
  audit: { decision: 'late' },
}

const TOO_LATE: Outcome = { kind: 'late', answer: LATE }

const FAILED: Answer = { ...UNTOUCHED, audit: { decision: 'failed' } }

/** The handler of one webhook: a review in, one out, in time. Throws a HttpError. */
export function reviewHandler(input: ReviewHandlerInput): RequestHandler {
  const { useBody, turn, decide, trouble, onReviewed, clock } = input
  return async (request, response) => {
    if (isCompressed(request)) throw new HttpError('compressed')
    const arrived = clock.now()
    const elapsed = (): number => clock.now() - arrived
    const patience = patienceOf(request.url)
    await useBody({ request, patience }, async (body) => {
      await turn(body.length)
      const excess = excessOf(body)
      if (excess !== undefined) {
        const denied = trouble === 'refuse' ? deniedUnread(body) : undefined
        if (denied === undefined) throw new HttpError(excess)
        send(response, JSON.stringify(reviewResponse(denied.review.uid, denied.answer)))
        onReviewed({ ...denied, milliseconds: elapsed() })
        return
      }
      const review = readReview(body)
      // What is decided is answered, however late: a denial may still be waited for.
      const outcome = elapsed() > patience ? TOO_LATE : await attempt(decide, review)
      const isRefused = outcome.kind !== 'decided' && trouble === 'refuse'
      if (!isRefused) send(response, JSON.stringify(reviewResponse(review.uid, outcome.answer)))
      onReviewed({ ...outcome, review, milliseconds: elapsed() })
      if (isRefused) throw new HttpError(outcome.kind)
    })
  }
}

async function attempt(
  decide: ReviewHandlerInput['decide'],
  review: ReviewRequest,
): Promise<Outcome> {
  try {
    return { kind: 'decided', answer: await decide(review) }
  } catch (error) {
    if (error instanceof HttpError) throw error
    return { kind: 'failed', answer: FAILED, error }
  }
}

/** What costs too much to read is denied where a silence could let it in; undefined: it has no uid where the API
 * server puts it. */
function deniedUnread(
  body: Buffer,
):
  | { readonly kind: 'decided'; readonly review: ReviewRequest; readonly answer: Answer }
  | undefined {
  const [, uid] = UID.exec(body.toString('latin1', 0, LONGEST_HEAD)) ?? []
  if (uid === undefined) return undefined
  const review = { uid, operation: '', kind: '', namespace: '', name: '', username: '' }
  return {
    kind: 'decided',
    review: { ...review, object: undefined, oldObject: undefined },
    answer: { ...UNTOUCHED, denial: TOO_MUCH, audit: { decision: `denied: ${TOO_MUCH}` } },
  }
}

const LONGEST_HEAD = 256
/** As Go writes it: in the order of its fields. */
const UID =
  /^\{"kind":"AdmissionReview","apiVersion":"admission\.k8s\.io\/v1","request":\{"uid":"([\da-f-]{1,64})"/

function isCompressed({ headers }: Request): boolean {
  const encoding = headers['content-encoding']
  return encoding !== undefined && encoding !== 'identity'
}

/** Milliseconds: `?timeout=1s` is how the API server says what it waits. */
function patienceOf(url: string): number {
  const [, count, unit] = /[?&]timeout=(\d{1,6})(ms|s)(?:&|$)/.exec(url) ?? []
  if (count === undefined) return LONGEST_MS
  return Math.min(LONGEST_MS, (Number(count) * (unit === 's' ? 1000 : 1)) / 2)
}

function readReview(body: Buffer): ReviewRequest {
  const value = parseJson(body)
  try {
    return parseReview(value)
  } catch (error) {
    throw error instanceof RangeError ? new HttpError('not_a_review', error.message) : error
  }
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    throw new HttpError('not_json')
  }
}

function send(response: Response, json: string): void {
  response.writeHead(200, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(json),
  })
  response.end(json)
}
