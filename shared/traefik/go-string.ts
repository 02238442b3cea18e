/** A Go string literal's value, or what is wrong with it and where. */
export type GoString =
  | { readonly kind: 'string'; readonly value: string; readonly end: number }
  | Illegal

type Illegal = { readonly kind: 'illegal'; readonly message: string; readonly at: number }
type Escape = { readonly kind: 'escape'; readonly value: string; readonly end: number } | Illegal

/**
 * Reads the literal whose opening backtick is at `start`: no escapes, and carriage returns are
 * dropped (Go spec, "String literals").
 */
export function rawString(text: string, start: number): GoString {
  const close = text.indexOf('`', start + 1)
  if (close < 0) return illegal('this backtick is never closed: put ` after the value', start)
  const value = text.slice(start + 1, close).replaceAll('\r', '')
  return { kind: 'string', value, end: close + 1 }
}

/**
 * Reads the literal whose opening double quote is at `start`, with Go's escapes. A byte that is no
 * UTF-8 (`\xff`) becomes a lone surrogate (U+DC80 to U+DCFF), so that nothing of it is lost.
 */
export function quotedString(text: string, start: number): GoString {
  let value = ''
  let at = start + 1
  for (;;) {
    const stop = endOfPlainText(text, at)
    value += text.slice(at, stop)
    if (text[stop] === '"') return { kind: 'string', value: joinBytes(value), end: stop + 1 }
    if (text[stop] !== '\\') {
      return illegal('this double quote is not closed on its line: put " after the value', start)
    }
    const escape = readEscape(text, stop)
    if (escape.kind === 'illegal') return escape
    value += escape.value
    at = escape.end
  }
}

function endOfPlainText(text: string, from: number): number {
  let at = from
  while (at < text.length && !stops.has(text.charCodeAt(at))) at++
  return at
}

const stops: ReadonlySet<number> = new Set(['"', '\\', '\n'].map((stop) => stop.charCodeAt(0)))

const simpleEscapes: ReadonlyMap<string, string> = new Map([
  ['a', '\u0007'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['\\', '\\'],
  ['"', '"'],
])

type NumericEscape = {
  readonly digits: number
  readonly base: 8 | 16
  readonly byte: boolean // or a code point
}

const octal: NumericEscape = { digits: 3, base: 8, byte: true }
const numericEscapes: ReadonlyMap<string, NumericEscape> = new Map([
  ['0', octal],
  ['1', octal],
  ['2', octal],
  ['3', octal], // \377 is the last
  ['x', { digits: 2, base: 16, byte: true }],
  ['u', { digits: 4, base: 16, byte: false }],
  ['U', { digits: 8, base: 16, byte: false }],
])

function readEscape(text: string, at: number): Escape {
  const letter = text.charAt(at + 1)
  const simple = simpleEscapes.get(letter)
  if (simple !== undefined) return { kind: 'escape', value: simple, end: at + 2 }
  const numeric = numericEscapes.get(letter)
  if (numeric === undefined) return illegal(noEscape, at)
  const start = numeric.base === 8 ? at + 1 : at + 2
  const end = start + numeric.digits
  const value = characterOf(numberAt(text, { start, end, base: numeric.base }), numeric.byte)
  return value === undefined ? illegal(noEscape, at) : { kind: 'escape', value, end }
}

const noEscape = 'this escape is none of Go: write \\\\ for a backslash, or use backticks'

type Digits = { readonly start: number; readonly end: number; readonly base: 8 | 16 }

// NaN where a digit is missing.
function numberAt(text: string, { start, end, base }: Digits): number {
  let number = 0
  for (let at = start; at < end; at++) number = number * base + digitOf(text.charCodeAt(at), base)
  return number
}

function digitOf(unit: number, base: 8 | 16): number {
  if (unit >= 48 && unit <= 57) return unit - 48 < base ? unit - 48 : Number.NaN
  const letter = unit | 32 // in lower case
  return base === 16 && letter >= 97 && letter <= 102 ? letter - 87 : Number.NaN
}

function characterOf(number: number, byte: boolean): string | undefined {
  if (byte && number > 0x7f) return loneByte(number)
  const valid = number <= 0x10ffff && !(number >= 0xd800 && number < 0xe000)
  return valid ? String.fromCodePoint(number) : undefined
}

function loneByte(byte: number): string {
  return String.fromCharCode(0xdc00 + byte)
}

// Bytes that stand beside each other may spell a character: "\xc3\xa9" is é.
function joinBytes(value: string): string {
  return value.replace(/[\udc80-\udcff]{2,}/gu, (run) => {
    let joined = ''
    for (let at = 0; at < run.length;) {
      const character = characterOfBytes(run, at)
      joined += character.text
      at += character.length
    }
    return joined
  })
}

// By length, the shortest code point that so many bytes may spell (Unicode, table 3-7).
const shortest = [0, 0, 0x80, 0x800, 0x10000] as const

type Bytes = { readonly text: string; readonly length: number }

function characterOfBytes(run: string, at: number): Bytes {
  const single = { text: run.charAt(at), length: 1 }
  const lead = run.charCodeAt(at) - 0xdc00
  const length = sequenceLength(lead)
  let code = lead & (0x7f >> length)
  for (let next = 1; next < length; next++) {
    const byte = run.charCodeAt(at + next) - 0xdc00
    if (!(byte >= 0x80 && byte < 0xc0)) return single
    code = (code << 6) | (byte & 0x3f)
  }
  if (length === 1 || code < (shortest[length] ?? 0)) return single
  const text = characterOf(code, false)
  return text === undefined ? single : { text, length }
}

function sequenceLength(lead: number): number {
  if (lead < 0xc0 || lead >= 0xf8) return 1
  if (lead < 0xe0) return 2
  return lead < 0xf0 ? 3 : 4
}

function illegal(message: string, at: number): Illegal {
  return { kind: 'illegal', message, at }
}
