import {
  asciiExpression,
  expression,
  hostTemplate,
  pathTemplate,
  query,
  template,
} from './expressions.ts'
import { misquote, quote } from './quoting.ts'
import type { Random } from './random.ts'
import type { Maker } from './rules.ts'
import * as make from './values.ts'
import type { MakeValue } from './values.ts'

/** One call of a matcher, as tokens. */
export function callOf(maker: Maker): readonly string[] {
  const { random, marks } = maker
  const { where, signatures } = random.pick(random.flaw(60) ? everywhere : [placeOf(maker)])
  const [name, makers] = random.pick(signatures)
  const values = miscount(makersOf(makers, random), random).map((makeValue) =>
    writeValue(makeValue, maker),
  )
  marks.add(`matcher ${where} ${name}`)
  const spread = random.once(25) ? ['...'] : []
  const comma = random.once(10) ? [','] : []
  const list = values.flatMap((value, index) => (index === 0 ? [value] : [',', value]))
  return [spell(name, maker), '(', ...list, ...spread, ...comma, ')']
}

// A list, or a group that occurs once or several times.
type Signature = readonly [
  name: string,
  values: readonly MakeValue[] | { readonly group: readonly MakeValue[] },
]
type Signatures = readonly Signature[]

const httpV3: Signatures = [
  ['Host', [make.host]],
  ['Host', [make.host]],
  ['Host', [make.host]],
  ['HostRegexp', [asciiExpression]],
  ['ClientIP', [make.ipRange]],
  ['Method', [make.word]],
  ['Path', [make.path]],
  ['PathPrefix', [make.path]],
  ['PathRegexp', [expression]],
  ['Header', [make.word, make.word]],
  ['HeaderRegexp', [make.word, expression]],
  ['Query', [make.word]],
  ['Query', [make.word, make.word]],
  ['QueryRegexp', [make.word, expression]],
]

const httpV2: Signatures = [
  ['Host', { group: [make.host] }],
  ['Host', { group: [make.host] }],
  ['HostHeader', { group: [make.host] }],
  ['HostRegexp', { group: [hostTemplate] }],
  ['ClientIP', { group: [make.ipRange] }],
  ['Method', { group: [make.word] }],
  ['Path', { group: [pathTemplate] }],
  ['PathPrefix', { group: [pathTemplate] }],
  ['Headers', { group: [make.word, make.word] }],
  ['HeadersRegexp', { group: [make.word, expression] }],
  ['Query', { group: [query] }],
]

const tcpV3: Signatures = [
  ['HostSNI', [make.serverNameOrWildcard]],
  ['HostSNI', [make.serverNameOrWildcard]],
  ['HostSNIRegexp', [asciiExpression]],
  ['ClientIP', [make.ipRange]],
  ['ALPN', [make.protocol]],
]

const tcpV2: Signatures = [
  ['HostSNI', { group: [make.serverName] }],
  ['HostSNI', { group: [make.serverName] }],
  ['HostSNIRegexp', { group: [template] }],
  ['ClientIP', { group: [make.ipRange] }],
  ['ALPN', { group: [make.protocol] }],
]

type Place = { readonly where: string; readonly signatures: Signatures }

const places = {
  http: {
    v3: { where: 'http v3', signatures: httpV3 },
    v2: { where: 'http v2', signatures: httpV2 },
  },
  tcp: { v3: { where: 'tcp v3', signatures: tcpV3 }, v2: { where: 'tcp v2', signatures: tcpV2 } },
} as const

function placeOf({ kind, syntax }: Maker): Place {
  return places[kind][syntax === 'v2' ? 'v2' : 'v3']
}

// Matchers of the other syntax or kind are unknown to this one.
const everywhere: readonly Place[] = [places.http.v3, places.http.v2, places.tcp.v3]

function makersOf(values: Signature[1], random: Random): readonly MakeValue[] {
  if (!('group' in values)) return values
  return random.several(1 + random.below(3), () => values.group).flat()
}

function miscount(makers: readonly MakeValue[], random: Random): readonly MakeValue[] {
  if (!random.flaw(7)) return makers
  return random.pick([[], makers.slice(1), [...makers, ...makers], [...makers, make.word]])
}

function writeValue(makeValue: MakeValue, { random, marks }: Maker): string {
  const value = random.flaw(50) ? '' : makeValue(random)
  const { text, ways } = random.flaw(12) ? misquote(value, random) : quote(value, random)
  for (const way of ways) marks.add(`quoting ${way}`)
  return text
}

function spell(name: string, { random, marks }: Maker): string {
  const [spelling, write] = random.pick(random.flaw(30) ? misspellings : spellings)
  marks.add(`spelling ${spelling}`)
  return write(name)
}

type Spelling = readonly [name: string, write: (name: string) => string]

const spellings: readonly Spelling[] = [
  ['canonical', (name) => name],
  ['canonical', (name) => name],
  ['lower', (name) => name.toLowerCase()],
  ['upper', (name) => name.toUpperCase()],
  ['title', (name) => `${name.charAt(0)}${name.slice(1).toLowerCase()}`],
]

/** The ways in which names are spelled. */
export const spellingNames = [
  'canonical',
  'lower',
  'upper',
  'title',
  'lower first (refused)',
  'lower last (refused)',
  'longer (refused)',
  'other script (refused)',
] as const

const misspellings: readonly Spelling[] = [
  [
    'lower first (refused)',
    (name) => `${name.charAt(0).toLowerCase()}${name.slice(1).toUpperCase()}`,
  ],
  [
    'lower last (refused)',
    (name) => `${name.slice(0, -1).toUpperCase()}${name.slice(-1).toLowerCase()}`,
  ],
  ['longer (refused)', (name) => `${name}s_`],
  ['other script (refused)', (name) => `${name.slice(1)}é`],
]
