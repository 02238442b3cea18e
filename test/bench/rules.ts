import { parseRule, type ParsedRule } from '../../shared/traefik/rule.ts'
import type { Measure } from './measure.ts'

export const large = 1_500_000
const rounds = 15
const goalMs = 50
const goalGrowth = 15

/**
 * The rule parser at 1.5 MB, the most that an object in etcd can hold, and its growth from a tenth
 * of that: 10 is linear. Rules of the shapes that could make a parser slow.
 */
export function benchRules(): Promise<readonly Measure[]> {
  return Promise.resolve(shapes.flatMap(measureShape))
}

/** A rule's shape: how one of a length is made, and whether Traefik takes it. */
export type Shape = {
  readonly name: string
  readonly make: (length: number) => string
  readonly ends: ParsedRule['kind']
}

export const shapes: readonly Shape[] = [
  { name: 'a chain of hosts', make: chain, ends: 'parsed' },
  {
    name: 'a chain that ends in an error',
    make: (length) => `${chain(length)} ||`,
    ends: 'refused',
  },
  { name: 'one long value', make: (length) => `Path(\`/${'a'.repeat(length)}\`)`, ends: 'parsed' },
  {
    name: 'a value of escapes',
    make: (length) => `Path("/${'\\x61'.repeat(length / 4)}")`,
    ends: 'parsed',
  },
  {
    name: 'comments',
    make: (length) => `${'/* why */ '.repeat(length / 10)}Host(\`a\`)`,
    ends: 'parsed',
  },
  { name: 'deep parentheses', make: (length) => '('.repeat(length), ends: 'refused' },
  { name: 'deep negations', make: (length) => '!'.repeat(length), ends: 'refused' },
  {
    name: 'a regular expression',
    make: (length) => `PathRegexp(\`${'/[a-z]+'.repeat(length / 7)}\`)`,
    ends: 'parsed',
  },
  {
    name: 'a regular expression of deep groups',
    make: (length) => `PathRegexp(\`${'('.repeat(length)}\`)`,
    ends: 'refused',
  },
]

function chain(length: number): string {
  const host = 'Host(`shop-17.customers.example.com`)'
  return Array.from({ length: length / (host.length + 4) }, () => host).join(' || ')
}

function measureShape({ name, make, ends }: Shape): readonly Measure[] {
  const [tenth, whole] = [make(large / 10), make(large)]
  if (parseRule(whole, 'v3').kind !== ends) throw new Error(`${name}: the rule is not ${ends}`)
  const texts = { ten: Array.from({ length: 10 }, () => tenth), whole: [whole] }
  const best = { ten: fastest(texts.ten, never), whole: fastest(texts.whole, never) }
  // By turns, so that both meet as much of what else the machine does.
  for (let round = 0; round < rounds; round += 1) {
    best.ten = fastest(texts.ten, best.ten)
    best.whole = fastest(texts.whole, best.whole)
  }
  const growth = (10 * best.whole.cpu) / best.ten.cpu
  const value = best.whole.wall
  return [
    {
      name: `rule of 1.5 MB: ${name}`,
      value,
      unit: 'ms',
      baseline: best.ten.wall,
      goal: goalMs,
      holds: value <= goalMs,
    },
    // Under a millisecond there is no growth to speak of, and the quotient is noise.
    {
      name: `rule, ten times as long: ${name}`,
      value: growth,
      unit: '×',
      baseline: 10,
      goal: goalGrowth,
      holds: growth <= goalGrowth || value < 1,
    },
  ]
}

type Times = { readonly wall: number; readonly cpu: number }

const never: Times = { wall: Number.POSITIVE_INFINITY, cpu: Number.POSITIVE_INFINITY }

function fastest(texts: readonly string[], best: Times): Times {
  const [started, used] = [performance.now(), process.cpuUsage()]
  for (const text of texts) parseRule(text, 'v3')
  const wall = performance.now() - started
  const { user, system } = process.cpuUsage(used)
  return { wall: Math.min(best.wall, wall), cpu: Math.min(best.cpu, user + system) }
}
