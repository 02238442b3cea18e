import { isDeepStrictEqual } from 'node:util'
import type { Journey } from './journeys.ts'
import type { Rig } from './rig.ts'
import { difference, walk, type Walk } from './walk.ts'

/** How a journey goes when nobody disturbs it: the most of each count that was seen. */
export type Baseline = Pick<
  Walk,
  'start' | 'end' | 'writes' | 'vain' | 'late' | 'broken' | 'events' | 'passed'
>

/** Walks a journey undisturbed, several times. Throws when the walks don't end alike. */
export async function findBaseline(
  rig: Rig,
  journey: Journey,
  { rounds }: { readonly rounds: number },
): Promise<Baseline> {
  let baseline: Baseline | undefined
  for (let round = 0; round < rounds; round += 1) {
    const { seen } = await walk(rig, journey, { faults: [], goal: baseline })
    baseline = merge(await seen, baseline)
  }
  if (baseline === undefined) throw new Error('no rounds')
  return baseline
}

function merge(seen: Walk, known: Baseline | undefined): Baseline {
  if (known === undefined) return seen
  if (!isDeepStrictEqual(seen.end, known.end)) throw new Error(difference(known.end, seen.end))
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
