import type { Random } from './random.ts'

/** Writes tokens with blanks, comments and line ends between them. */
export function joinTokens(tokens: readonly string[], random: Random): string {
  const crowded = random.once(3)
  let text = random.once(50) ? '\uFEFF' : ''
  let previous = ''
  for (const token of tokens) {
    text += `${gap(previous, token, { random, crowded })}${token}`
    previous = token
  }
  return `${text}${random.once(3) ? random.pick(endings) : ''}`
}

const endings = [
  '\n',
  ' ',
  '\r\n',
  '\n\n',
  '\t',
  ' // the end',
  '\n// the end\n',
  ' /* the end */',
  '/* \n */\n',
]

type Style = { readonly random: Random; readonly crowded: boolean }

function gap(previous: string, next: string, { random, crowded }: Style): string {
  const least = leastGap(previous, next, crowded)
  if (random.below(8) < (crowded ? 4 : 7)) return least
  if (random.flaw(60)) return random.pick(flaws)
  // Where Go ends the rule at a line's end: after a name, a value or ).
  const ends = /[\p{L}\p{N}_`"')\]}]$/u.test(previous)
  return `${least}${random.pick(ends && !random.flaw(60) ? inLine : [...lineEnds, ...inLine])}`
}

function leastGap(previous: string, next: string, crowded: boolean): string {
  if (isWord(previous) && isWord(next)) return ' '
  return !crowded && (previous === ',' || /^[&|]/.test(previous) || /^[&|]/.test(next)) ? ' ' : ''
}

function isWord(token: string): boolean {
  return /^[\p{L}\p{N}_]+$/u.test(token)
}

const inLine = [
  ' ',
  ' ',
  '  ',
  '\t',
  '\r',
  '/**/',
  '/* why */',
  '/***/',
  '/*/ */',
  '/* ` " ( */',
  '/* é */',
  '/*line a.go:7*/',
]

const lineEnds = [
  '\n',
  '\n',
  '\r\n',
  '\n\n  ',
  '// why\n',
  '//\n',
  '/* why\n */',
  '// `"(\r\n',
  '\n//line a.go:7\n',
  '//line x\n',
  '\n//line :4:5\r\n',
  '/*line a:18446744073709551615*/',
  '/*line a:18446744073709551616:3*/',
]

const flaws = [
  '/*',
  '/*/',
  '/',
  '\n//line a.go:x\n',
  '/*line a:0*/',
  '/*line a:3:99999999999*/',
  '/*line a:5\r*/',
  '/*line :1:0*/',
  '/*line a:18446744073709551616*/',
  '\uFEFF',
  '\u0000',
  '\u00a0',
]
