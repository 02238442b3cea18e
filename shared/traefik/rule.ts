import { givenAll } from './calls.ts'
import { httpMatchers, type Matchers, tcpMatchers } from './matchers.ts'
import { positionOf } from './position.ts'
import { type Expected, unexpected, unknownName } from './rule-messages.ts'
import { scan, type Token, type TokenKind } from './scan.ts'

export type RuleSyntax = 'v2' | 'v3'

/** What a rule says. `name` is a matcher's canonical spelling; parentheses leave no trace. */
export type Rule =
  | { readonly kind: 'matcher'; readonly name: string; readonly args: readonly string[] }
  | { readonly kind: 'not'; readonly rule: Rule }
  | { readonly kind: 'and' | 'or'; readonly rules: readonly Rule[] }

export type RuleError = {
  readonly kind: 'malformed' | 'unknown-matcher' | 'too-deep'
  readonly message: string // what is wrong, and what to write instead
  readonly line: number // from 1
  readonly column: number // from 1, in characters
}

export type ParsedRule =
  | { readonly kind: 'parsed'; readonly rule: Rule }
  /** `known`: what was read of it, where only a matcher is not known. */
  | { readonly kind: 'refused'; readonly error: RuleError; readonly known?: Rule }

/**
 * Reads the rule of an HTTP route as Traefik 3.7 does: a Go expression (go/parser, ParseExpr) of
 * calls joined by `&&`, `||` and `!` (vulcand/predicate), each a matcher of the syntax.
 */
export function parseRule(text: string, syntax: RuleSyntax): ParsedRule {
  return new Parser(text, httpMatchers[syntax]).parse()
}

/** Reads the rule of a TCP route. */
export function parseTcpRule(text: string, syntax: RuleSyntax): ParsedRule {
  return new Parser(text, tcpMatchers[syntax]).parse()
}

/** What a route's `syntax` means: anything but `v2` is read as v3 (pkg/muxer/http/parser.go). */
export function ruleSyntax(text: string | undefined): RuleSyntax {
  return text === 'v2' ? 'v2' : 'v3'
}

// Ours, for parentheses and `!`: far past any rule that a person wrote, far from a full stack.
const maxDepth = 1000
// Go's, to whose parser each operand of a chain lies one level deeper than the one before.
const maxGoDepth = 100_000
const goDepthOfCall = 4

/** How deep an operand lies: by our count, and by Go's (go/parser, incNestLev). */
type Depth = { readonly own: number; readonly go: number }

/** Reads on after a refusal as if the text had ended there; the first refusal is the answer. */
class Parser {
  readonly #text: string
  readonly #matchers: Matchers
  #token: Token
  #refused: RuleError | undefined
  #unknown: RuleError | undefined

  constructor(text: string, matchers: Matchers) {
    this.#text = text.toWellFormed()
    this.#matchers = matchers
    this.#token = scan(this.#text, undefined)
  }

  parse(): ParsedRule {
    this.#refuseStrays()
    const rule = this.#or({ own: 0, go: 0 })
    if (scan(this.#text, this.#token).kind === 'end') this.#take('newline')
    this.#expect('end', 'operator')
    if (this.#refused !== undefined) return { kind: 'refused', error: this.#refused }
    if (this.#unknown !== undefined) return { kind: 'refused', error: this.#unknown, known: rule }
    return { kind: 'parsed', rule }
  }

  // Go refuses these wherever they stand, in values and comments too (go/scanner, next).
  #refuseStrays(): void {
    const zero = this.#text.indexOf('\0')
    if (zero >= 0) this.#refuse('malformed', 'a rule holds no NUL character: delete it', zero)
    const mark = this.#text.indexOf('\uFEFF', 1)
    if (mark >= 0) this.#refuse('malformed', 'a byte order mark stands here: delete it', mark)
  }

  #or(depth: Depth): Rule {
    const rules: Rule[] = []
    let { own, go } = depth
    do {
      const operands = this.#and({ own, go })
      go += rules.length === 0 ? operands.length : 1
      rules.push(join('and', operands))
    } while (this.#take('||'))
    return join('or', rules)
  }

  #and({ own, go }: Depth): readonly Rule[] {
    const rules: Rule[] = []
    do rules.push(this.#operand({ own, go: go + rules.length }))
    while (this.#take('&&'))
    return rules
  }

  #operand(depth: Depth): Rule {
    let { own, go } = depth
    while (own <= maxDepth && this.#take('!')) {
      own++
      go++
    }
    if (own > maxDepth) return this.#refuse('too-deep', tooDeep, this.#token.start)
    let rule = this.#token.kind === '(' ? this.#group({ own, go }) : this.#call(go)
    for (; own > depth.own; own--) rule = { kind: 'not', rule }
    return rule
  }

  #group({ own, go }: Depth): Rule {
    if (own === maxDepth) return this.#refuse('too-deep', tooDeep, this.#token.start)
    this.#take('(')
    const rule = this.#or({ own: own + 1, go: go + 1 })
    this.#expect(')', 'closing')
    return rule
  }

  #call(go: number): Rule {
    const name = this.#expect('name', 'operand')
    if (go + goDepthOfCall > maxGoDepth) return this.#refuse('too-deep', tooLong, name.start)
    this.#expect('(', 'values')
    const values = this.#values()
    this.#expect(')', 'next value')
    if (this.#refused !== undefined) return nothing
    return this.#checked(name, values)
  }

  #values(): readonly Token[] {
    const values: Token[] = []
    while (this.#token.kind !== ')' && this.#refused === undefined) {
      values.push(this.#expect('string', 'value'))
      const spread = this.#take('...') // which Go's parser allows once, after the last value
      if (!this.#take(',') || spread) break
    }
    return values
  }

  #checked(name: Token, values: readonly Token[]): Rule {
    const args = values.map(({ text }) => text)
    const matcher = this.#matchers.get(name.text)
    for (const check of matcher?.checks ?? [givenAll]) {
      const problem = check(args)
      if (problem === undefined) continue
      const at = values[problem.value ?? -1] ?? name
      return this.#refuse('malformed', `${name.text} ${problem.message}`, at.start)
    }
    if (matcher !== undefined) return { kind: 'matcher', name: matcher.name, args }
    this.#unknown ??= this.#error('unknown-matcher', unknownName(name.text), name.start)
    return nothing
  }

  #take(kind: TokenKind): boolean {
    if (this.#token.kind !== kind) return false
    this.#token = scan(this.#text, this.#token)
    return true
  }

  #expect(kind: TokenKind, expected: Expected): Token {
    const token = this.#token
    if (this.#take(kind)) return token
    const next = token.kind === 'newline' ? scan(this.#text, token) : token
    this.#refuse('malformed', unexpected({ token, next, expected }), next.start)
    return token
  }

  #refuse(kind: RuleError['kind'], message: string, offset: number): Rule {
    this.#refused ??= this.#error(kind, message, offset)
    this.#token = { kind: 'end', text: '', start: offset, end: this.#text.length }
    return nothing
  }

  #error(kind: RuleError['kind'], message: string, offset: number): RuleError {
    return { kind, message, ...positionOf(this.#text, offset) }
  }
}

const nothing: Rule = { kind: 'or', rules: [] }

const tooDeep = 'parentheses and ! nest more than 1,000 deep here: write the rule flatter'
const tooLong =
  'Traefik reads a chain of not quite 100,000 matchers: split the rule into several routes'

function join(kind: 'and' | 'or', rules: readonly Rule[]): Rule {
  const [first, second] = rules
  return first !== undefined && second === undefined ? first : { kind, rules }
}
