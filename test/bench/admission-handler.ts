import { NOTHING_TAKEN } from '../../shared/route/taken-names.ts'
import { parseReview, type ReviewRequest } from '../../webhook/admission/review.ts'
import { mutate } from '../../webhook/admission/mutate.ts'
import { validate } from '../../webhook/admission/validate.ts'
import { cluster } from '../fixtures/routes.ts'
import { quantile } from '../load/quantile.ts'
import { reviewBody } from '../load/review-body.ts'
import type { Measure } from './measure.ts'

const WARM_UP = 2000
const ROUNDS = 20_000
const GOAL_US = 50

/** Both decisions about a plain route, without the server around them. */
export function benchHandler(): readonly Measure[] {
  const review = parseReview(JSON.parse(reviewBody('handler')))
  const times: number[] = []
  for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
    const started = performance.now()
    decideBoth(review)
    if (round >= WARM_UP) times.push((performance.now() - started) * 1000)
  }
  const value = quantile(
    times.toSorted((a, b) => a - b),
    0.5,
  )
  const name = 'mutate and validate alone, p50'
  return [{ name, value, unit: 'µs', baseline: null, goal: GOAL_US, holds: value < GOAL_US }]
}

const nobody = (): undefined => undefined

function decideBoth(review: ReviewRequest): void {
  mutate(review, { cluster, servedByTcp: nobody, takenNames: NOTHING_TAKEN })
  validate(review, {
    cluster,
    hostClaims: 'warn',
    namespace: undefined,
    holderOf: nobody,
    servedByTcp: nobody,
    takenNames: NOTHING_TAKEN,
  })
}
