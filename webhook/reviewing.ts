import type { Request, RequestHandler, Response } from 'express'
import {
  parseReview,
  UNTOUCHED,
  reviewResponse,
  type Answer,
  type ReviewRequest,
} from './admission/review.ts'
import type { UseBody } from './bodies.ts'
import { excessOf } from './json-limits.ts'
import { Refusal } from './refusal.ts'

/** A review, and what became of it. */
export type Reviewed = Outcome & { readonly review: ReviewRequest; readonly milliseconds: number }

type Outcome =
  | { readonly kind: 'decided' | 'late'; readonly answer: Answer }
  | { readonly kind: 'failed'; readonly answer: Answer; readonly error: unknown }

export type ReviewingInput = {
  readonly useBody: UseBody
  /** Waits until a body of that many bytes may be worked on. */
  readonly turn: (bytes: number) => Promise<void>
  readonly decide: (review: ReviewRequest) => Answer
  readonly onReviewed: (reviewed: Reviewed) => void
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

const FAILED: Answer = { ...UNTOUCHED, audit: { decision: 'failed' } }

/** The handler of one webhook: a review in, one out, in time. What comes to its turn too late, or
 * fails by our fault, is allowed unchanged: it must not cost a request. Throws a Refusal. */
export function reviewing({ useBody, turn, decide, onReviewed }: ReviewingInput): RequestHandler {
  return async (request, response) => {
    if (isCompressed(request)) throw new Refusal('compressed')
    const arrived = performance.now()
    const elapsed = (): number => performance.now() - arrived
    const patience = patienceOf(request.url)
    await useBody({ request, patience }, async (body) => {
      await turn(body.length)
      const review = readReview(body)
      const outcome: Outcome =
        elapsed() > patience ? { kind: 'late', answer: LATE } : attempt(decide, review)
      send(response, JSON.stringify(reviewResponse(review.uid, outcome.answer)))
      onReviewed({ ...outcome, review, milliseconds: elapsed() })
    })
  }
}

function attempt(decide: (review: ReviewRequest) => Answer, review: ReviewRequest): Outcome {
  try {
    return { kind: 'decided', answer: decide(review) }
  } catch (error) {
    return { kind: 'failed', answer: FAILED, error }
  }
}

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
  const excess = excessOf(body)
  if (excess !== undefined) throw new Refusal(excess)
  const value = parseJson(body)
  try {
    return parseReview(value)
  } catch (error) {
    throw error instanceof RangeError ? new Refusal('not_a_review', error.message) : error
  }
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    throw new Refusal('not_json')
  }
}

function send(response: Response, json: string): void {
  response.writeHead(200, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(json),
  })
  response.end(json)
}
