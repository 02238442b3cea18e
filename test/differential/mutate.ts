import type { Random } from './random.ts'

/** Damages a rule in three, where flaws are allowed, without looking at what it says. */
export function mutate(rule: string, random: Random): string {
  if (!random.flaw(3)) return rule
  return random.pick(mutations)(rule, random)
}

type Mutation = (rule: string, random: Random) => string

const mutations: readonly Mutation[] = [
  (rule, random) => splice(rule, random, { drop: 1, add: '' }),
  (rule, random) => splice(rule, random, { drop: 0, add: random.pick(marks) }),
  (rule, random) => splice(rule, random, { drop: 0, add: random.pick(marks) }),
  (rule, random) => splice(rule, random, { drop: 1, add: random.pick(marks) }),
  (rule, random) => splice(rule, random, { drop: 1 + random.below(8), add: '' }),
  (rule, random) => rule.slice(0, random.below(rule.length + 1)),
  (rule, random) => rule.slice(random.below(rule.length + 1)),
  (rule, random) => twice(rule, random),
  (rule, random) => `${random.pick(marks)}${rule}`,
  (rule, random) => `${rule}${random.pick(marks)}`,
  (rule) => rule.replaceAll('`', "'"),
  (rule) => rule.replaceAll('`', ''),
  (rule) => rule.replaceAll('`', '"'),
  (rule) => rule.replaceAll(' || ', '\n|| ').replaceAll(' && ', '\n&& '),
  (rule) => rule.replaceAll('||', 'or').replaceAll('&&', 'and'),
  (rule) => rule.replace(/[)(]/g, (mark) => (mark === '(' ? '(\n' : '\n)')),
]

const marks = [
  ...'` " \' ( ) , ; ! & | && || = == . ... / // /* */ \\ { } [ ] # $ @ ? ~ % < “ ’ é 😀 a 0 1 _ Host : - +'.split(
    ' ',
  ),
  '\u0000',
  '\uFEFF',
  '\r',
  '\n',
  '\t',
  ' ',
  '\u00a0',
  '\u2028',
  '\u007f',
  '\uFFFD',
]

type Splice = { readonly drop: number; readonly add: string }

// By characters, so that no half of a pair is left: JSON carries none to Traefik either.
function splice(rule: string, random: Random, { drop, add }: Splice): string {
  const characters = Array.from(rule)
  const at = random.below(characters.length + 1)
  return [...characters.slice(0, at), add, ...characters.slice(at + drop)].join('')
}

function twice(rule: string, random: Random): string {
  const characters = Array.from(rule)
  const from = random.below(characters.length + 1)
  const piece = characters.slice(from, from + 1 + random.below(6))
  return [...characters.slice(0, from), ...piece, ...characters.slice(from)].join('')
}
