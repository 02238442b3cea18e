import { isUnicodeClass } from './unicode-classes.ts'

/** Where the piece that was read ends, or what is wrong with it. */
export type Step = number | string

/**
 * Reads the bracketed class that starts at `start` (regexp/syntax, parseClass). `lastColon` is
 * where the pattern's last `:]` stands: before it `[:` starts a name.
 */
export function readClass(pattern: string, start: number, lastColon: number): Step {
  let at = pattern[start + 1] === '^' ? start + 2 : start + 1
  for (let first = true; first || pattern[at] !== ']'; first = false) {
    if (at >= pattern.length) return 'a [ is never closed: add ]'
    const next = readItem(pattern, at, lastColon)
    if (typeof next === 'string') return next
    at = next
  }
  return at + 1
}

function readItem(pattern: string, at: number, lastColon: number): Step {
  if (pattern.startsWith('[:', at) && lastColon >= at + 2) {
    return readNamedClass(pattern, at)
  }
  return readEscapedClass(pattern, at) ?? readRange(pattern, at)
}

const namedClass =
  /\[:\^?(?:alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit):\]/y

function readNamedClass(pattern: string, at: number): Step {
  namedClass.lastIndex = at
  if (namedClass.test(pattern)) return namedClass.lastIndex
  return 'a class in [: :] has no name that Go knows: write [[:alnum:]], [[:alpha:]], [[:digit:]] and so on'
}

/** Reads `\d`, `\w`, `\s`, `\pL` and their like; undefined where none stands. */
export function readEscapedClass(pattern: string, at: number): Step | undefined {
  if (pattern[at] !== '\\') return undefined
  const letter = pattern[at + 1] ?? ''
  if (letter !== '' && 'dDsSwW'.includes(letter)) return at + 2
  return letter === 'p' || letter === 'P' ? readUnicodeClass(pattern, at) : undefined
}

function readUnicodeClass(pattern: string, at: number): Step {
  const braced = pattern[at + 2] === '{'
  const close = braced ? pattern.indexOf('}', at) : at + 2
  const name = braced ? pattern.slice(at + 3, close) : pattern.charAt(at + 2)
  if (close >= at && isUnicodeClass(name.replace(/^\^/, ''))) return close + 1
  return 'a \\p names no Unicode class that Go knows: write \\pL, \\p{Greek} and so on'
}

function readRange(pattern: string, start: number): Step {
  const low = readCharacter(pattern, start)
  if (typeof low === 'string') return low
  if (pattern[low.end] !== '-' || low.end + 1 >= pattern.length) return low.end
  if (pattern[low.end + 1] === ']') return low.end
  const high = readCharacter(pattern, low.end + 1)
  if (typeof high === 'string') return high
  return low.code <= high.code ? high.end : 'a range in [ ] runs backwards: put the lower end first'
}

type Character = { readonly code: number; readonly end: number }

function readCharacter(pattern: string, at: number): Character | string {
  if (pattern[at] === '\\') return readEscape(pattern, at)
  const code = pattern.codePointAt(at)
  if (code === undefined) return 'a [ is never closed: add ]'
  return { code, end: at + (code > 0xffff ? 2 : 1) }
}

const numericEscapes = [
  { form: /\\(0[0-7]{0,2}|[1-7][0-7]{1,2})/y, base: 8 },
  { form: /\\x([0-9a-fA-F]{2})/y, base: 16 },
  { form: /\\x\{([0-9a-fA-F]+)\}/y, base: 16 },
] as const

const namedEscapes: ReadonlyMap<string, number> = new Map([
  ['a', 7],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['v', 11],
])

/** Reads the escape of one character that starts at `at` (regexp/syntax, parseEscape). */
export function readEscape(pattern: string, at: number): Character | string {
  const letter = pattern[at + 1]
  if (letter === undefined) return 'it ends in a lone backslash: write \\\\ for a backslash'
  const named = /[!-/:-@[-`{-~\0- \x7f]/.test(letter)
    ? letter.charCodeAt(0)
    : namedEscapes.get(letter)
  if (named !== undefined) return { code: named, end: at + 2 }
  for (const { form, base } of numericEscapes) {
    form.lastIndex = at
    const digits = form.exec(pattern)?.[1]
    const code = digits === undefined ? Number.NaN : Number.parseInt(digits, base)
    if (code <= 0x10ffff) return { code, end: form.lastIndex }
  }
  return `\\${letter} is no escape of Go's regular expressions (no lookaround, no backreferences)`
}
