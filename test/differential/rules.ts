import { callOf } from './calls.ts'
import { joinTokens } from './gaps.ts'
import { mutate } from './mutate.ts'
import { Random } from './random.ts'

/** What the oracle is asked, in its own terms. */
export type Question = {
  readonly rule: string
  readonly syntax: string
  readonly kind: 'http' | 'tcp'
}

/** `marks` name what went into the rule: matchers, spellings, quotings. */
export type Generated = Question & { readonly marks: readonly string[] }

/** As many rules as asked for, the same for the same seed. */
export function generateRules(count: number, seed: number): readonly Generated[] {
  const random = new Random(seed)
  return random.several(count, () => generateRule(random))
}

function generateRule(random: Random): Generated {
  const maker: Maker = {
    random,
    syntax: random.pick(['v3', 'v3', 'v3', 'v3', 'v2', 'v2', 'v2', '', 'V2', 'v4']),
    kind: random.pick(['http', 'http', 'http', 'tcp']),
    marks: new Set(),
  }
  random.allowFlaws(random.once(2))
  const tokens = tokensOf(maker)
  const rule = mutate(joinTokens(random.once(40) ? deep(tokens, random) : tokens, random), random)
  return { rule, syntax: maker.syntax, kind: maker.kind, marks: [...maker.marks] }
}

function tokensOf(maker: Maker): readonly string[] {
  const { random } = maker
  if (random.flaw(150)) return random.pick([['`a`'], ['(', '"a"', ')'], ['Host', '[', '`a`', ']']])
  return random.once(60) ? chain(maker) : expression(maker, random.pick([0, 0, 1, 1, 2, 3]))
}

/** What the parts of one rule have in common. */
export type Maker = {
  readonly random: Random
  readonly syntax: string
  readonly kind: 'http' | 'tcp'
  readonly marks: Set<string>
}

function expression(maker: Maker, depth: number): readonly string[] {
  const { random } = maker
  const operand = depth === 0 ? callOf(maker) : compound(maker, depth - 1)
  if (random.flaw(20)) return oddity(operand, random)
  return random.once(6) ? [...random.several(1 + random.below(3), () => '!'), ...operand] : operand
}

function compound(maker: Maker, depth: number): readonly string[] {
  const { random } = maker
  const parts = random.several(1 + random.below(4), () => expression(maker, depth))
  const joined = parts.flatMap((part, index) => (index === 0 ? part : [operator(random), ...part]))
  return random.once(2) ? ['(', ...joined, ')'] : joined
}

function operator(random: Random): string {
  if (!random.flaw(40)) return random.pick(['&&', '||'])
  return random.pick([
    '&',
    '|',
    '==',
    'and',
    'or',
    'AND',
    ',',
    '=',
    '+',
    '&^',
    '&&&&',
    '!=',
    '<',
    '-',
    '',
  ])
}

function chain(maker: Maker): readonly string[] {
  const call = callOf(maker)
  const operators = maker.random.several(maker.random.below(100), () => operator(maker.random))
  return operators.reduce<readonly string[]>(
    (tokens, operator) => [...tokens, operator, ...call],
    call,
  )
}

// Past our limit of 1,000 now and then, past Go's never: 100,000 would make every run slow.
function deep(tokens: readonly string[], random: Random): readonly string[] {
  const depth = random.pick([2, 10, 10, 100, 996, 1000, 1003])
  const opening = random.pick(['(', '!', '!('])
  const around = (mark: string) => (opening.includes(mark) ? random.several(depth, () => mark) : [])
  const openings = around('(').flatMap((open) => (opening === '!(' ? ['!', open] : [open]))
  if (opening === '!') return [...around('!'), ...tokens]
  const missing = random.flaw(5) ? 1 : 0
  return [
    ...openings,
    ...tokens,
    ...openings
      .filter((mark) => mark === '(')
      .slice(missing)
      .map(() => ')'),
  ]
}

// What Go reads and vulcand/predicate refuses, and words in the wrong place.
function oddity(operand: readonly string[], random: Random): readonly string[] {
  const call = operand.join('')
  return random.pick([
    ['`a`'],
    ['"a"', '&&', '"b"'],
    ['!', '`a`'],
    ['Host'],
    ['example', '.', 'com'],
    ['(', 'Host', ')', '(', '`a`', ')'],
    ['Host', '(', '`a`', ')', '(', '`b`', ')'],
    ['x', '.', 'Host', '(', '`a`', ')'],
    ['x', '.', 'y', '.', 'Host', '(', '`a`', ')'],
    ['Host', '(', '`a`', '+', '`b`', ')'],
    ['Host', '(', '(', '`a`', ')', ')'],
    ['Host', '(', call, ')'],
    ['Host', '(', 'a', '.', 'b', ')'],
    ['Host', '(', '!', '`a`', ')'],
    ['Host', '[', '`a`', ']'],
    ['`a`', '[', '1', ']'],
    ['Host', '{', '}'],
    ['Host', '(', '...', ')'],
    ['Host', '(', '`a`', '...', ',', '`b`', ')'],
    ['Host', '(', ',', ')'],
    ['Host', '(', '`a`', ',', ',', ')'],
    ['(', ')'],
    ['func', '(', '`a`', ')'],
    ['return', '(', '`a`', ')'],
    ['not', '(', call, ')'],
    ['-', ...operand],
    ['*', ...operand],
    ['<-', ...operand],
    ['^', ...operand],
    ['[]string', '{', '}'],
    ['1'],
    ['ホスト', '(', '`a`', ')'],
    ['_', '(', '`a`', ')'],
    ['Nope', '(', '`a`', ')'],
    ['Nope', '(', ')'],
    [],
  ])
}
