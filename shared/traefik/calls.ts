import { forms, readTemplate } from './mux-template.ts'
import type { ValueProblem } from './values.ts'

/** What is wrong with a call, to be read after its name; `value` is the index of the one at fault. */
export type CallProblem = { readonly message: string; readonly value?: number }

/** Checks the values of one call. */
export type Call = (values: readonly string[]) => CallProblem | undefined

/** No matcher goes without values, or with an empty one (pkg/rules/parser.go, CheckRule). */
export const givenAll: Call = (values) => {
  if (values.length === 0) return { message: 'has no value: write one in backticks' }
  const empty = values.indexOf('')
  return empty < 0
    ? undefined
    : { message: 'has an empty value: leave the matcher out', value: empty }
}

/** v3 counts its values (pkg/muxer/http/matcher.go, expectNParameters). */
export function takes(...counts: readonly number[]): Call {
  const one = counts.length === 1 && counts[0] === 1
  return ({ length }) => {
    if (counts.includes(length)) return undefined
    const message = `takes ${counts.join(' or ')} ${one ? 'value' : 'values'} in v3 syntax, not ${length}`
    return one ? { message: `${message}: join several matchers with ||`, value: 1 } : { message }
  }
}

/** Every value must do. */
export function each(problemOf: ValueProblem): Call {
  return (values) => first(values, problemOf)
}

/** Every second value must do: the one of a name and value. */
export function second(problemOf: ValueProblem): Call {
  return (values) =>
    first(values, (value, index) => (index % 2 === 1 ? problemOf(value) : undefined))
}

type Indexed = (value: string, index: number) => string | undefined

function first(values: readonly string[], problemOf: Indexed): CallProblem | undefined {
  for (const [index, value] of values.entries()) {
    const message = problemOf(value, index)
    if (message !== undefined) return { message: `has a value that ${message}`, value: index }
  }
  return undefined
}

/** v2's header matchers alternate names and values (containous/mux, checkPairs). */
export const pairs: Call = ({ length }) =>
  length % 2 === 0 ? undefined : { message: `takes names and values in pairs, not ${length}` }

/**
 * v2's Query takes name=value templates, cut at the first `=` and joined again in pairs, so that
 * (`a`, `b`) means a=b. No variable may occur in two of them (containous/mux, Queries).
 */
export const queries: Call = (values) => {
  const parts = values.flatMap(cut)
  if (parts.length % 2 !== 0) return { message: 'takes values such as `name=value`' }
  const seen = new Set<string>()
  for (let index = 0; index < parts.length; index += 2) {
    const template = readTemplate(`${parts[index]}=${parts[index + 1]}`, forms.query)
    if (template.kind === 'refused') return { message: `has a value that ${template.message}` }
    const twice = template.names.find((name) => seen.has(name))
    if (twice !== undefined)
      return { message: `uses the variable {${twice}} in two values: rename one` }
    for (const name of template.names) seen.add(name)
  }
  return undefined
}

function cut(value: string): readonly string[] {
  const equals = value.indexOf('=')
  return equals < 0 ? [value] : [value.slice(0, equals), value.slice(equals + 1)]
}
