import { readClass, readEscape, readEscapedClass, type Step } from './regexp-class.ts'

/**
 * Why Go's regexp.Compile refuses the pattern, or undefined if it takes it (regexp/syntax, Parse).
 * One limit is left out: Go's budget for a compiled size of 3.3 million instructions.
 */
export function regexpProblem(pattern: string): string | undefined {
  if (!pattern.isWellFormed()) return 'it holds a byte that is not UTF-8'
  const state: State = {
    pattern,
    groups: [],
    group: openGroup(false),
    repeated: false,
    captures: 0,
    lastColon: undefined,
  }
  let at = 0
  while (at < pattern.length) {
    const wasRepeat = state.repeated
    state.repeated = false
    const next = (readers.get(pattern[at] ?? '') ?? readLiteral)(state, at, wasRepeat)
    if (typeof next === 'string') return next
    at = next
  }
  if (state.groups.length > 0) return 'a ( is never closed: add )'
  return endGroup(state.group).height > maxHeight ? tooDeep : undefined
}

// `copies` is how often counted repetitions multiply what is inside: Go allows 1,000 in all.
type Item = { readonly copies: number; readonly height: number }

type Group = {
  readonly captures: boolean
  alternatives: number
  items: number // of the alternative that is being read, without the last one
  last: Item | undefined // what a repetition would repeat
  tallest: number
  height: number
  copies: number
}

type State = {
  readonly pattern: string
  readonly groups: Group[]
  group: Group
  captures: number // open groups that do
  lastColon: number | undefined
  repeated: boolean // the piece before was a repetition, which can't be repeated
}

type Reader = (state: State, at: number, wasRepeat: boolean) => Step

const leaf: Item = { copies: 1, height: 1 }
const maxHeight = 1000
const maxCopies = 1000
const tooDeep = 'it nests more than 1,000 levels deep: write it flatter'

const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['(', readOpen],
  [')', readClose],
  ['|', readBar],
  ['[', readSet],
  ['\\', readBackslash],
  ['{', readCount],
  ['*', readRepeat],
  ['+', readRepeat],
  ['?', readRepeat],
  ['^', readOther],
  ['$', readOther],
  ['.', readOther],
])

function readLiteral(state: State, at: number): Step {
  push(state.group, leaf)
  return at + ((state.pattern.codePointAt(at) ?? 0) > 0xffff ? 2 : 1)
}

function readOther(state: State, at: number): Step {
  push(state.group, leaf)
  return at + 1
}

const namedGroup = /\(\?P?<\w+>/y
const flags = /\(\?[imsU]*(?:-[imsU]+)?([:)])/y

function readOpen(state: State, at: number): Step {
  const { pattern } = state
  if (pattern[at + 1] !== '?') return open(state, true, at + 1)
  namedGroup.lastIndex = at
  if (namedGroup.test(pattern)) return open(state, true, namedGroup.lastIndex)
  flags.lastIndex = at
  const end = flags.exec(pattern)?.[1]
  if (end === ':') return open(state, false, flags.lastIndex)
  if (end === ')') return flags.lastIndex
  return 'a group starts with (? and something that Go does not know (no lookaround): write (?:…) or (…)'
}

function open(state: State, captures: boolean, end: number): Step {
  if (captures && ++state.captures > maxHeight) return tooDeep
  state.groups.push(state.group)
  state.group = openGroup(captures)
  return end
}

function openGroup(captures: boolean): Group {
  const empty = { alternatives: 0, items: 0, last: undefined, tallest: 1, height: 1, copies: 1 }
  return { captures, ...empty }
}

function readClose(state: State, at: number): Step {
  const outer = state.groups.pop()
  if (outer === undefined) return 'a ) closes nothing: write \\) for the character itself'
  const { copies, height } = endGroup(state.group)
  if (height > maxHeight) return tooDeep
  if (state.group.captures) state.captures--
  state.group = outer
  push(outer, { copies, height })
  return at + 1
}

function readBar(state: State, at: number): Step {
  endAlternative(state.group)
  return at + 1
}

function readSet(state: State, at: number): Step {
  push(state.group, leaf)
  state.lastColon ??= state.pattern.lastIndexOf(':]')
  return readClass(state.pattern, at, state.lastColon)
}

function readBackslash(state: State, at: number): Step {
  const { pattern } = state
  const letter = pattern[at + 1] ?? ''
  if (letter === 'Q') return readQuoted(state, at + 2)
  if (letter !== '' && 'AbBz'.includes(letter)) return readOther(state, at + 1)
  const end = readEscapedClass(pattern, at)
  push(state.group, leaf)
  if (end !== undefined) return end
  const escape = readEscape(pattern, at)
  return typeof escape === 'string' ? escape : escape.end
}

// \Q…\E: everything between is literal, to the end of the pattern where \E is missing.
function readQuoted(state: State, start: number): Step {
  const close = state.pattern.indexOf('\\E', start)
  const end = close < 0 ? state.pattern.length : close
  let at = start
  while (at < end) at = Number(readLiteral(state, at))
  return close < 0 ? end : close + 2
}

const count = /\{(0|[1-9][0-9]*)(?:(,)(0|[1-9][0-9]*)?)?\}/y

function readCount(state: State, at: number, wasRepeat: boolean): Step {
  count.lastIndex = at
  const found = count.exec(state.pattern)
  if (found === null) return readLiteral(state, at)
  const min = Number(found[1])
  const max = found[2] === undefined ? min : Number(found[3] ?? Number.NaN)
  if (min > 1000 || max > 1000 || min > max) {
    return 'a count in { } is over 1,000, or its first number is the larger one'
  }
  const end = count.lastIndex
  const times = Number.isNaN(max) ? Math.max(1, min) : max
  return repeat(state, { end, times, wasRepeat })
}

function readRepeat(state: State, at: number, wasRepeat: boolean): Step {
  return repeat(state, { end: at + 1, times: 1, wasRepeat })
}

type Repetition = { readonly end: number; readonly times: number; readonly wasRepeat: boolean }

function repeat(state: State, { end, times, wasRepeat }: Repetition): Step {
  const { last } = state.group
  if (wasRepeat) return 'a repetition is repeated, such as a** or a{2}{3}: put the first in (?:…)'
  if (last === undefined) return 'a repetition has nothing before it to repeat'
  const copies = times === 0 ? 1 : last.copies * times
  if (copies > maxCopies) return 'counts in { } multiply to over 1,000'
  if (last.height >= maxHeight) return tooDeep
  state.group.last = { copies, height: last.height + 1 }
  state.repeated = true
  return state.pattern[end] === '?' ? end + 1 : end
}

function push(group: Group, item: Item): void {
  settle(group)
  group.last = item
}

function settle(group: Group): void {
  if (group.last === undefined) return
  group.items++
  group.tallest = Math.max(group.tallest, group.last.height)
  group.copies = Math.max(group.copies, group.last.copies)
  group.last = undefined
}

function endAlternative(group: Group): void {
  settle(group)
  group.height = Math.max(group.height, group.tallest + (group.items > 1 ? 1 : 0))
  group.alternatives++
  group.items = 0
  group.tallest = 1
}

function endGroup(group: Group): Item {
  endAlternative(group)
  const height = group.height + (group.alternatives > 1 ? 1 : 0) + (group.captures ? 1 : 0)
  return { copies: group.copies, height }
}
