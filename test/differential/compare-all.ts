import { type Disagreement, disagreement } from './compare.ts'
import { Histogram } from './histogram.ts'
import type { Answer, Oracle } from './oracle.ts'
import { refusalKind } from './refusals.ts'
import type { Generated } from './rules.ts'

const BATCH = 1000

/** What came of asking Traefik about rules: how often each kind was there, and what is read otherwise. */
export type Comparison = {
  readonly histogram: Histogram
  readonly found: readonly Disagreement[]
}

/** Reads rules with our parser and with Traefik's own. */
export async function compareAll(rules: readonly Generated[], oracle: Oracle): Promise<Comparison> {
  const histogram = new Histogram()
  const found: Disagreement[] = []
  for (let start = 0; start < rules.length; start += BATCH) {
    const some = rules.slice(start, start + BATCH)
    for (const [index, answer] of (await oracle.ask(some)).entries()) {
      const rule = some[index]
      if (rule === undefined) continue
      tally(histogram, rule, answer)
      const difference = disagreement(rule, answer)
      if (difference !== undefined) found.push(difference)
    }
  }
  return { histogram, found }
}

function tally(histogram: Histogram, { marks }: Generated, { valid, error }: Answer): void {
  for (const mark of marks) histogram.add(mark)
  histogram.add(valid ? 'taken by Traefik' : 'refused by Traefik')
  if (!valid) histogram.add(`refusal: ${refusalKind(error) ?? `NEW KIND ${error.slice(0, 100)}`}`)
}
