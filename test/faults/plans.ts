import { Random } from '../differential/random.ts'
import type { Baseline } from './baseline.ts'
import { deedsAt, needsSecond, parsePlan, planName, type Fault, type Plan } from './fault.ts'

/** Of its events every pair is lost. */
const PAIRS_OF = 'create-secure'
/** To the seed that stands for one that is of no use. */
const SEED_STEP = 1_000_000

/** Plans of a scenario, by what they are about. */
export const PLAN_SETS = [
  'kills',
  'answers',
  'lost',
  'events',
  'lists',
  'paused',
  'lost-pairs',
  'swallowed',
  'swallowed-pairs',
  'muted',
  'elsewhere',
] as const
export type PlanSet = (typeof PLAN_SETS)[number]

/** Each at every write; of the others one at each. */
const ANSWERS = ['reset-before', 'reset-after', 'late', 'answer-409'] as const
const SERVER_FAULTS = ['answer-429', 'answer-500', 'answer-503'] as const
/** One at each event. */
const EVENTS = ['cut', 'repeat', 'stale', 'swap', 'gone', 'error', 'kill'] as const

/** Every plan of a set for one scenario: names, of which each says all of it. */
export function plansOf(
  set: PlanSet,
  { scenario, baseline }: { readonly scenario: string; readonly baseline: Baseline },
): readonly string[] {
  return SETS[set]({ scenario, ...baseline.passed }).map((faults) => planName({ scenario, faults }))
}

/** A scenario, and how many writes and events pass on it undisturbed. */
type Way = { readonly scenario: string; readonly write: number; readonly event: number }
type Faults = readonly Fault[]

const SETS: Readonly<Record<PlanSet, (way: Way) => readonly Faults[]>> = {
  kills: ({ write }) =>
    upTo(write).flatMap((nth) => [
      one('write', nth, 'kill-before'),
      one('write', nth, 'kill-after'),
    ]),
  answers: ({ write }) =>
    upTo(write).flatMap((nth) =>
      [...ANSWERS, SERVER_FAULTS[nth % SERVER_FAULTS.length] ?? 'answer-500'].map((does) =>
        one('write', nth, does),
      ),
    ),
  lost: ({ event }) => upTo(event).map((nth) => one('event', nth, 'lose')),
  events: ({ scenario, event }) =>
    upTo(event).map((nth) =>
      one('event', nth, EVENTS[(nth + scenario.length) % EVENTS.length] ?? 'cut'),
    ),
  lists: ({ write }) =>
    (write === 0 ? [] : (['list', 'watch'] as const)).flatMap((on) =>
      deedsAt(on).map((does) => [...one('write', 1, 'kill-after'), ...one(on, 1, does)]),
    ),
  paused: ({ write }) =>
    upTo(write).map((nth) => one('write', nth, nth % 2 === 0 ? 'freeze' : 'pause')),
  'lost-pairs': (way) => pairsOf(way, 'lose'),
  swallowed: ({ event }) => upTo(event).map((nth) => one('event', nth, 'swallow')),
  'swallowed-pairs': (way) => pairsOf(way, 'swallow'),
  muted: ({ event }) =>
    upTo(event)
      .filter((nth) => nth % 4 === 1)
      .map((nth) => one('event', nth, 'mute')),
  elsewhere: ({ write, event }) => [
    ...upTo(write).map((nth) => one('write', nth, 'elsewhere')),
    ...upTo(event).map((nth) => one('event', nth, 'elsewhere')),
    // It starts again, and all it is told is old.
    ...upTo(write).map((nth) => [
      ...one('event', 1, 'elsewhere'),
      ...one('write', nth, 'kill-before'),
    ]),
  ],
}

function one(on: Fault['on'], nth: number, does: Fault['does']): Faults {
  return [{ on, nth, does }]
}

/** The plan of a seed: two or three faults in a scenario. */
export function randomPlan(seed: number, baselines: Readonly<Record<string, Baseline>>): Plan {
  const random = new Random(seed)
  const [scenario, { passed }] = random.pick(
    Object.entries(baselines).filter(([, baseline]) => baseline.passed.write > 0),
  )
  const faults = random.several(2 + random.below(2), (): Fault => {
    const on = random.pick(['write', 'write', 'event', 'list', 'watch'] as const)
    const most = on === 'write' || on === 'event' ? passed[on] : 2
    return {
      on,
      nth: 1 + random.below(most),
      does: random.pick(on === 'event' ? EVENTS : deedsAt(on)),
    }
  })
  // Those run on a fixture of their own.
  if (faults.some(needsSecond)) return randomPlan(seed + SEED_STEP, baselines)
  return { scenario, faults }
}

/** The plan of a name, or of a seed. */
export function planOf(text: string, baselines: Readonly<Record<string, Baseline>>): Plan {
  const seed = /^(?:seed-)?(\d+)$/.exec(text)?.[1]
  return seed === undefined ? parsePlan(text) : randomPlan(Number(seed), baselines)
}

function pairsOf({ scenario, event }: Way, does: Fault['does']): readonly Faults[] {
  if (scenario !== PAIRS_OF) return []
  return upTo(event).flatMap((nth) =>
    upTo(event)
      .filter((other) => other > nth)
      .map((other) => [...one('event', nth, does), ...one('event', other, does)]),
  )
}

function upTo(last: number): readonly number[] {
  return Array.from({ length: last }, (_, index) => index + 1)
}
