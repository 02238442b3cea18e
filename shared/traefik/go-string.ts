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
  while (at < text.length) {
    const char = text[at]
    if (char === '"' || char === '\\' || char === '\n') break
    at++
  }
  return at
}

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

// Digits after the backslash and what they stand for: a byte, or a code point.
const numericEscapes = [
  { form: /\\([0-3][0-7]{2})/y, base: 8, byte: true },
  { form: /\\x([0-9a-fA-F]{2})/y, base: 16, byte: true },
  { form: /\\u([0-9a-fA-F]{4})/y, base: 16, byte: false },
  { form: /\\U([0-9a-fA-F]{8})/y, base: 16, byte: false },
] as const

function readEscape(text: string, at: number): Escape {
  const simple = simpleEscapes.get(text[at + 1] ?? '')
  if (simple !== undefined) return { kind: 'escape', value: simple, end: at + 2 }
  for (const { form, base, byte } of numericEscapes) {
    form.lastIndex = at
    const digits = form.exec(text)?.[1]
    const value = characterOf(Number.parseInt(digits ?? '', base), byte)
    if (value !== undefined) return { kind: 'escape', value, end: form.lastIndex }
  }
  return illegal('this escape is none of Go: write \\\\ for a backslash, or use backticks', at)
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
