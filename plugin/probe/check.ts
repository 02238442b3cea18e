import { eachAlone, notJudged } from '../../shared/json/each-alone.ts'

/** What one check found: all is well, something is wrong (with what shows it, and what to do), or nobody
 * here can tell. */
export type Outcome =
  | { readonly kind: 'fine'; readonly what: string }
  | {
      readonly kind: 'wrong'
      readonly what: string
      readonly evidence: string
      readonly todo: string
    }
  | { readonly kind: 'unknown'; readonly what: string }

/** A named check. It gives nothing where it has no bearing. */
export type Check<Facts> = {
  readonly name: string
  readonly look: (facts: Facts) => Outcome | undefined
}

/** One line of an answer, as `-o json` prints it: an API. */
export type Result = {
  readonly check: string
  readonly result: Outcome['kind']
  readonly what: string
  readonly evidence: string | null
  readonly todo: string | null
}

/** All is well there. */
export function fine(what: string): Outcome {
  return { kind: 'fine', what }
}

/** Something is wrong there. */
export function wrong(what: string, evidence: string, todo: string): Outcome {
  return { kind: 'wrong', what, evidence, todo }
}

/** Nobody here can tell. */
export function unknown(what: string): Outcome {
  return { kind: 'unknown', what }
}

/** What all checks of a list find, in its order. */
export function runChecks<Facts>(checks: readonly Check<Facts>[], facts: Facts): readonly Result[] {
  const outcomes = eachAlone(
    checks,
    ({ look }) => look(facts),
    (_check, error) => broken(error),
  )
  return checks.flatMap(({ name }, at) => {
    const outcome = outcomes[at]
    return outcome === undefined ? [] : [resultOf(name, outcome)]
  })
}

/** A check that met a bug: the others are made all the same. */
function broken(error: unknown): Outcome {
  return wrong('this check could not be made', notJudged(error), 'look at it by other means')
}

/** 1 when something is wrong, else 0. */
export function exitCodeOf(results: readonly Result[]): 0 | 1 {
  return results.some(({ result }) => result === 'wrong') ? 1 : 0
}

function resultOf(check: string, outcome: Outcome): Result {
  const { kind, what } = outcome
  const { evidence, todo } = kind === 'wrong' ? outcome : { evidence: null, todo: null }
  return { check, result: kind, what, evidence, todo }
}
