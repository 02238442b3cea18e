import type { Scenario } from './scenarios.ts'
import type { Fixture } from './fixture.ts'
import { walk, type Goal, type Walk } from './walk.ts'

/** How a scenario goes when nobody disturbs it: the most of each count that was seen. */
export type Baseline = Pick<
  Walk,
  'start' | 'end' | 'writes' | 'vain' | 'late' | 'broken' | 'events' | 'passed'
>

/** Walks a scenario undisturbed, several times. Throws when the walks don't end alike. */
export async function findBaseline(
  fixture: Fixture,
  scenario: Scenario,
  { rounds }: { readonly rounds: number },
): Promise<Baseline> {
  const walks: Promise<Walk>[] = []
  let goal: Goal | undefined
  for (let round = 0; round < rounds; round += 1) {
    const { reached, seen } = await walk(fixture, scenario, { faults: [], goal })
    goal ??= reached
    walks.push(seen)
  }
  const [first, ...others] = await Promise.all(walks)
  if (first === undefined) throw new Error('no rounds')
  return others.reduce<Baseline>(merge, first)
}

function merge(known: Baseline, seen: Walk): Baseline {
  return {
    start: known.start,
    end: known.end,
    writes: most(seen.writes, known.writes),
    events: most(seen.events, known.events),
    vain: union(seen.vain, known.vain),
    late: union(seen.late, known.late),
    broken: union(seen.broken, known.broken),
    passed: {
      write: Math.max(seen.passed.write, known.passed.write),
      event: Math.max(seen.passed.event, known.passed.event),
    },
  }
}

type Counts = Readonly<Record<string, number>>

function most(one: Counts, other: Counts): Counts {
  const keys = new Set([...Object.keys(one), ...Object.keys(other)])
  return Object.fromEntries(
    Array.from(keys, (key) => [key, Math.max(one[key] ?? 0, other[key] ?? 0)]),
  )
}

function union(one: readonly string[], other: readonly string[]): readonly string[] {
  return [...new Set([...one, ...other])]
}
