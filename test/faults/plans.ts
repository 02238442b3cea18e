import { Random } from '../differential/random.ts'
import type { Baseline } from './baseline.ts'
import { deedsAt, parsePlan, planName, type Fault, type Plan } from './fault.ts'

/** Plans of a journey, by what they are about. */
export const PLAN_SETS = [
  'kills',
  'answers',
  'lost',
  'events',
  'lists',
  'swallowed',
  'muted',
] as const
export type PlanSet = (typeof PLAN_SETS)[number]

/** Each at every write; of the others one at each. */
const ANSWERS = ['reset-before', 'reset-after', 'late', 'answer-409'] as const
const SERVER_FAULTS = ['answer-429', 'answer-500', 'answer-503'] as const
/** One at each event. */
const EVENTS = ['cut', 'repeat', 'stale', 'swap', 'gone', 'error', 'kill'] as const

/** Every plan of a set for one journey: names, of which each says all of it. */
export function plansOf(
  set: PlanSet,
  { journey, baseline }: { readonly journey: string; readonly baseline: Baseline },
): readonly string[] {
  const { write, event } = baseline.passed
  const named = (...faults: Fault[]): string => planName({ journey, faults })
  switch (set) {
    case 'kills':
      return upTo(write).flatMap((nth) => [
        named({ on: 'write', nth, does: 'kill-before' }),
        named({ on: 'write', nth, does: 'kill-after' }),
      ])
    case 'answers':
      return upTo(write).flatMap((nth) =>
        [...ANSWERS, SERVER_FAULTS[nth % SERVER_FAULTS.length] ?? 'answer-500'].map((does) =>
          named({ on: 'write', nth, does }),
        ),
      )
    case 'lost':
      return upTo(event).map((nth) => named({ on: 'event', nth, does: 'lose' }))
    case 'swallowed':
      return upTo(event).map((nth) => named({ on: 'event', nth, does: 'swallow' }))
    case 'muted':
      return upTo(event)
        .filter((nth) => nth % 4 === 1)
        .map((nth) => named({ on: 'event', nth, does: 'mute' }))
    case 'events':
      return upTo(event).map((nth) =>
        named({ on: 'event', nth, does: EVENTS[(nth + journey.length) % EVENTS.length] ?? 'cut' }),
      )
    case 'lists': {
      if (write === 0) return []
      const trigger: Fault = { on: 'write', nth: 1, does: 'kill-after' }
      return (['list', 'watch'] as const).flatMap((on) =>
        deedsAt(on).map((does) => named(trigger, { on, nth: 1, does })),
      )
    }
    default:
      return set satisfies never
  }
}

/** The plan of a seed: two or three faults in a journey. */
export function randomPlan(seed: number, baselines: Readonly<Record<string, Baseline>>): Plan {
  const random = new Random(seed)
  const [journey, { passed }] = random.pick(
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
  return { journey, faults }
}

/** The plan of a name, or of a seed. */
export function planOf(text: string, baselines: Readonly<Record<string, Baseline>>): Plan {
  const seed = /^(?:seed-)?(\d+)$/.exec(text)?.[1]
  return seed === undefined ? parsePlan(text) : randomPlan(Number(seed), baselines)
}

function upTo(last: number): readonly number[] {
  return Array.from({ length: last }, (_, index) => index + 1)
}
