import { httpMatchers, tcpMatchers } from './matchers.ts'
import type { Token } from './scan.ts'

/** What could have gone on where something else stands. */
export type Expected = 'operand' | 'operator' | 'closing' | 'values' | 'value' | 'next value'

type Surprise = {
  readonly token: Token
  readonly next: Token // the one after the line's end, where token is that
  readonly expected: Expected
}

/** Says what is wrong where the token stands, and what to write. */
export function unexpected({ token, next, expected }: Surprise): string {
  if (token.kind === 'illegal') return token.text
  if (token.kind === 'newline') return wrongLine(next, expected)
  if (token.kind === 'keyword') {
    return `${token.text} is a word of the Go language, and no matcher`
  }
  return wording[expected](token)
}

function wrongLine(next: Token, expected: Expected): string {
  if (next.kind === '&&' || next.kind === '||') {
    return `a line can't start with ${next.kind}: put it at the end of the line before`
  }
  if (next.kind === ')' && expected === 'next value') {
    return "a line can't start with ) here: put it after the value, or a comma after the value"
  }
  if (next.kind === ')' || next.kind === '(') {
    return `a line can't start with ${next.kind} here: put it at the end of the line before`
  }
  if (next.kind === 'illegal') return next.text
  return expected === 'next value'
    ? 'a comma is missing at the end of the line before'
    : missingOperator
}

const missingOperator = '&& or || is missing here'

const wording: Readonly<Record<Expected, (token: Token) => string>> = {
  operand: ({ kind, start }) => {
    if (kind === 'string') return 'a value needs a matcher around it, such as Host(`example.com`)'
    if (kind === 'end' && start === 0) return emptyRule
    if (kind === 'end') return 'a matcher is missing at the end, such as Host(`example.com`)'
    return `a matcher is missing before ${kind}, such as Host(\`example.com\`)`
  },
  operator: ({ kind, text }) => {
    const operator = words.get(text.toLowerCase())
    if (kind === 'name' && operator !== undefined) return `write ${operator} instead of ${text}`
    return kind === ')' ? 'this ) closes nothing: delete it' : missingOperator
  },
  closing: (token) => (token.kind === 'end' ? unclosed : wording.operator(token)),
  values: () => 'a matcher needs its values in parentheses, such as Host(`example.com`)',
  value: ({ kind }) =>
    kind === 'end' ? unclosed : 'a value stands in backticks or double quotes: Host(`example.com`)',
  'next value': ({ kind }) =>
    kind === 'end' ? unclosed : 'a comma is missing before this, or ) after the last value',
}

const emptyRule = 'the rule is empty: write a matcher, such as Host(`example.com`)'
const unclosed = 'a ( is never closed: put ) at the end'

const words: ReadonlyMap<string, string> = new Map([
  ['and', '&&'],
  ['or', '||'],
])

/** Says what an unknown matcher may have been meant to be. */
export function unknownName(name: string): string {
  if (name.length > longestShown) return `a name of ${name.length} characters is no matcher`
  for (const [where, matchers] of places) {
    for (const matcher of matchers.values()) {
      if (matcher.name.toLowerCase() !== name.toLowerCase()) continue
      if (matchers.has(name)) return `${name} is a matcher of ${where} only`
      return `${name} is not how Traefik spells it: write ${matcher.name}`
    }
  }
  return `${name} is no matcher that Traefik 3.7 knows: check its spelling`
}

const longestShown = 40

const places = [
  ['HTTP rules in v3 syntax', httpMatchers.v3],
  ['HTTP rules in v2 syntax', httpMatchers.v2],
  ['TCP rules', tcpMatchers.v3],
] as const
