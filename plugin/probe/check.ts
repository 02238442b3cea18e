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
  return checks.flatMap(({ name, look }) => {
    const outcome = look(facts)
    return outcome === undefined ? [] : [resultOf(name, outcome)]
  })
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
