import { honestReviews, type HonestInput } from './honest.ts'
import { quantile } from './quantile.ts'

/** What a client in a process of its own tells, in milliseconds. */
export type Load = {
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  readonly faults: readonly string[]
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by `loadFromCore`
const input = JSON.parse(process.argv[2] ?? '') as HonestInput
const { times, faults } = await honestReviews(input, (answer, uid) =>
  answer.includes(`"uid":"${uid}","allowed":true`),
)
const perSecond = (times.length * 1000) / input.milliseconds
const load: Load = { perSecond, p50: quantile(times, 0.5), p99: quantile(times, 0.99), faults }
process.stdout.write(JSON.stringify(load))
