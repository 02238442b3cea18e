import type { Random } from './random.ts'

/** A value as it is written in a rule, with the names of the ways in which it is written. */
export type Written = { readonly text: string; readonly ways: readonly string[] }

/** All ways, the good and the bad. */
export const quotingNames = [
  'backticks',
  'CR in backticks',
  'double quotes',
  '\\x',
  '\\ octal',
  '\\u',
  '\\U',
  '\\ letter',
  'bytes',
  'single quotes',
  'no quotes',
  'typographic quotes',
  'open backtick',
  'open double quote',
  'newline in double quotes',
  'bad escape',
  'number',
] as const

/**
 * Writes a value in a way that Go reads. A lone surrogate U+DC80 to U+DCFF stands for a byte that is
 * no UTF-8, which only an escape can write.
 */
export function quote(value: string, random: Random): Written {
  if (!value.isWellFormed()) return escaped(value, random)
  if (!value.includes('`') && !value.includes('\r') && !random.once(3)) return raw(value, random)
  return random.once(2) ? plain(value) : escaped(value, random)
}

/** Writes it in a way that Go refuses. */
export function misquote(value: string, random: Random): Written {
  return random.pick(misquotings)(value, random)
}

// Go drops carriage returns between backticks.
function raw(value: string, random: Random): Written {
  if (!random.once(15)) return { text: `\`${value}\``, ways: ['backticks'] }
  const at = random.below(value.length + 1)
  return {
    text: `\`${value.slice(0, at)}\r${value.slice(at)}\``,
    ways: ['backticks', 'CR in backticks'],
  }
}

function plain(value: string): Written {
  const text = value.replace(/["\\]/g, '\\$&').replace(/\n/g, '\\n')
  return { text: `"${text}"`, ways: ['double quotes'] }
}

function escaped(value: string, random: Random): Written {
  const ways = new Set(['double quotes'])
  const characters = Array.from(value).map((character) => {
    if (!character.isWellFormed()) return `\\x${digits(character.charCodeAt(0) - 0xdc00, 16, 2)}`
    const needed = '"\\\n'.includes(character)
    if (!needed && random.once(2)) return character
    const way = random.pick(escapes)
    ways.add(way.name)
    return way.write(character)
  })
  return { text: `"${characters.join('')}"`, ways: [...ways] }
}

type EscapeWay = { readonly name: string; readonly write: (character: string) => string }

const escapes: readonly EscapeWay[] = [
  {
    name: '\\x',
    write: (character) => bytes(character, (byte) => `\\x${digits(byte, 16, 2)}`),
  },
  {
    name: '\\ octal',
    write: (character) => bytes(character, (byte) => `\\${digits(byte, 8, 3)}`),
  },
  { name: '\\u', write: (character) => codePoint(character, 4) },
  { name: '\\U', write: (character) => codePoint(character, 8) },
  {
    name: '\\ letter',
    write: (character) => letters.get(character) ?? codePoint(character, 8),
  },
]

const letters: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\t', '\\t'],
  ['\r', '\\r'],
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['a', '\\a'], // another character, and a good one: BEL
  ['b', '\\b'],
  ['f', '\\f'],
  ['v', '\\v'],
])

function bytes(character: string, write: (byte: number) => string): string {
  return Array.from(new TextEncoder().encode(character), write).join('')
}

function codePoint(character: string, length: number): string {
  const code = character.codePointAt(0) ?? 0
  return code > 0xffff || length === 8 ? `\\U${digits(code, 16, 8)}` : `\\u${digits(code, 16, 4)}`
}

function digits(number: number, base: number, length: number): string {
  return number.toString(base).padStart(length, '0')
}

type Misquote = (value: string, random: Random) => Written

const misquotings: readonly Misquote[] = [
  (value) => ({ text: `'${value}'`, ways: ['single quotes'] }),
  (value) => ({ text: `'${value.charAt(0) || 'a'}'`, ways: ['single quotes'] }),
  (value) => ({ text: value, ways: ['no quotes'] }),
  (value) => ({ text: value, ways: ['no quotes'] }),
  (value) => ({ text: `“${value}”`, ways: ['typographic quotes'] }),
  (value) => ({ text: `\`${value}`, ways: ['open backtick'] }),
  (value) => ({ text: `"${value}`, ways: ['open double quote'] }),
  (value) => ({ text: `"${value}\n"`, ways: ['newline in double quotes'] }),
  (value, random) => ({ text: `"${value}${random.pick(badEscapes)}"`, ways: ['bad escape'] }),
  (value, random) => ({ text: `"${value}${random.pick(badEscapes)}"`, ways: ['bad escape'] }),
  (_, random) => ({ text: `"a${random.pick(byteEscapes)}"`, ways: ['bytes'] }),
  (_, random) => ({ text: `"a${random.pick(byteEscapes)}"`, ways: ['bytes'] }),
  (_, random) => ({ text: `"a${random.pick(byteEscapes)}"`, ways: ['bytes'] }),
  (_, random) => ({ text: `"a${random.pick(byteEscapes)}"`, ways: ['bytes'] }),
  (_, random) => ({ text: random.pick(numbers), ways: ['number'] }),
  (_, random) => ({ text: random.pick(numbers), ways: ['number'] }),
  (_, random) => ({ text: random.pick(hugeNumbers), ways: ['number'] }),
]

const badEscapes = [
  ...String.raw`\ \q \' \x \x4 \xg0 \u12 \ud800 \uDFFF \U00110000 \UFFFFFFFF \400 \777 \18 \0 \08 \u \U0000 \é`.split(
    ' ',
  ),
  '\\ ',
]

// Some of them spell a character together, some none.
const byteEscapes =
  String.raw`\xff \x80 \xc3\xa9 \xc3 \xed\xa0\x80 \xf4\x90\x80\x80 \xf0\x9f\x98\x80 \xc0\x80 \303\251 \xe2\x82\xac \xe2\x82 \xc3é \x7f \xf0\x8f\xbf\xbf`.split(
    ' ',
  )

const numbers = "1 2 0 3.14 1i 0x1f 0o17 0b2 1_000 1__0 0x 08 1e3 1e .5 'a' -1 0x1p 0b 1_".split(
  ' ',
)
const hugeNumbers = ['99999999999999999999', '0xffffffffffffffffffff', '1e999', '0x1f', '1_0']
