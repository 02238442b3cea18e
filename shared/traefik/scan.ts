import { lineDirectiveProblem } from './line-directive.ts'
import { quotedString, rawString } from './go-string.ts'

export type TokenKind =
  | 'name'
  | 'keyword' // a word that Go keeps for itself
  | 'string'
  | 'newline' // the semicolon that Go inserts at the end of a line
  | 'end'
  | 'illegal' // text says why
  | '('
  | ')'
  | ','
  | '...'
  | '&&'
  | '||'
  | '!'

/** `text` is a name, a string's value, or why the token is illegal. */
export type Token = {
  readonly kind: TokenKind
  readonly text: string
  readonly start: number
  readonly end: number
}

/**
 * The token after `previous`. A line that ends after a name, a string or `)` ends the expression,
 * as in Go (spec, "Semicolons"; go/scanner Scan). What no rule can contain is illegal at once.
 */
export function scan(text: string, previous: Token | undefined): Token {
  const lineEnds = previous !== undefined && endsOperand(previous.kind)
  const start = skipBlank(text, previous?.end ?? 0, lineEnds)
  if (typeof start !== 'number') return start
  const char = text[start]
  if (char === undefined) return { kind: 'end', text: '', start, end: start }
  if (char === '`') return stringToken(rawString(text, start), start)
  if (char === '"') return stringToken(quotedString(text, start), start)
  return markToken(text, start) ?? nameToken(text, start) ?? illegal(problemOf(text, start), start)
}

function endsOperand(kind: TokenKind): boolean {
  return kind === 'name' || kind === 'string' || kind === ')'
}

// Where the next token starts; or the end of the line, where that is a token itself.
function skipBlank(text: string, from: number, lineEnds: boolean): number | Token {
  let at = from === 0 && text.startsWith('\uFEFF') ? 1 : from
  for (;;) {
    while (isBlank(text.charCodeAt(at), lineEnds)) at++
    if (text[at] === '\n') return newline(at, at + 1)
    if (!isCommentStart(text, at)) return at
    const comment = skipComment(text, at, lineEnds)
    if (typeof comment !== 'number') return comment
    at = comment
  }
}

function isBlank(unit: number, lineEnds: boolean): boolean {
  return unit === 32 || unit === 9 || unit === 13 || (unit === 10 && !lineEnds)
}

function isCommentStart(text: string, at: number): boolean {
  return text[at] === '/' && (text[at + 1] === '/' || text[at + 1] === '*')
}

function skipComment(text: string, start: number, lineEnds: boolean): number | Token {
  const block = text[start + 1] === '*'
  const close = text.indexOf(block ? '*/' : '\n', start + 2)
  if (block && close < 0) return illegal('this comment is never closed: put */ after it', start)
  const end = close < 0 ? text.length : close
  const problem = lineDirectiveProblem(text, start, end)
  if (problem !== undefined) return illegal(problem, start)
  if (!block) return end
  const line = lineEnds ? text.slice(start, end).indexOf('\n') : -1
  return line < 0 ? end + 2 : newline(start + line, end + 2)
}

// A block comment that holds a line's end counts as one (go/scanner, scanComment).
function newline(start: number, end: number): Token {
  return { kind: 'newline', text: '', start, end }
}

function stringToken(string: ReturnType<typeof rawString>, start: number): Token {
  if (string.kind === 'illegal') return illegal(string.message, string.at)
  return { kind: 'string', text: string.value, start, end: string.end }
}

type Mark = '(' | ')' | ',' | '!' | '&&' | '||' | '...'

const marks: readonly Mark[] = ['(', ')', ',', '!', '&&', '||', '...']

// By the code of their first characters, which are all different.
const markOfUnit: readonly (Mark | undefined)[] = Array.from({ length: 128 }, (_, unit) =>
  marks.find((mark) => mark.charCodeAt(0) === unit),
)

function markToken(text: string, start: number): Token | undefined {
  const mark = markOfUnit[text.charCodeAt(start)]
  if (mark === undefined || (mark.length > 1 && !text.startsWith(mark, start))) return undefined
  return { kind: mark, text: mark, start, end: start + mark.length }
}

const anyName = /[\p{L}_][\p{L}\p{Nd}_]*/uy

function nameToken(text: string, start: number): Token | undefined {
  let end = isDigit(text.charCodeAt(start)) ? start : endOfWord(text, start)
  if (text.charCodeAt(end) > 0x7f) end = endOf(anyName, text, start)
  if (end === start) return undefined
  const found = text.slice(start, end)
  return { kind: keywords.has(found) ? 'keyword' : 'name', text: found, start, end }
}

function endOfWord(text: string, start: number): number {
  let at = start
  while (isWordUnit(text.charCodeAt(at))) at++
  return at
}

function isWordUnit(unit: number): boolean {
  const letter = unit | 32 // in lower case
  return (letter >= 97 && letter <= 122) || isDigit(unit) || unit === 95
}

function isDigit(unit: number): boolean {
  return unit >= 48 && unit <= 57
}

function endOf(form: RegExp, text: string, at: number): number {
  form.lastIndex = at
  return form.test(text) ? form.lastIndex : at
}

const keywords: ReadonlySet<string> = new Set(
  `break case chan const continue default defer else fallthrough for func go goto if import
   interface map package range return select struct switch type var`.split(/\s+/),
)

function illegal(message: string, start: number): Token {
  return { kind: 'illegal', text: message, start, end: start }
}

const problems: readonly (readonly [RegExp, string])[] = [
  [/'/y, 'a value can\'t stand in single quotes: write `…` or "…"'],
  [/[‘’“”]/y, 'a value can\'t stand in typographic quotes: write `…` or "…"'],
  [/;/y, 'a rule has no semicolons: join its parts with && or ||'],
  [/&/y, 'there is no operator &: write &&'],
  [/\|/y, 'there is no operator |: write ||'],
  [/=|[<>]/y, 'a rule compares nothing: write a matcher, such as Header(`name`, `value`)'],
  [/[0-9]|\.[0-9]/y, "a value can't be a bare number: put it in backticks"],
  [/\./y, 'a matcher has no dots in its name: put a value in backticks'],
  [/\+/y, "values can't be joined with +: write one value"],
]

function problemOf(text: string, start: number): string {
  const known = problems.find(([form]) => endOf(form, text, start) > start)
  if (known !== undefined) return known[1]
  const char = String.fromCodePoint(text.codePointAt(start) ?? 0)
  return `${JSON.stringify(char)} has no meaning here: values stand in backticks, parts are joined with && or ||`
}
