/**
 * The kinds of Traefik's refusals, told by the innermost error's text: Go's scanner and parser,
 * vulcand/predicate, pkg/rules, the muxers, Go's regexp, containous/mux.
 */
const kinds: readonly (readonly [kind: string, form: RegExp])[] = [
  ['NUL', /illegal character NUL/],
  ['byte order mark', /illegal byte order mark/],
  ['typographic quote', /curly quotation mark/],
  ['illegal character in an escape', /in escape sequence|escape sequence not terminated/],
  ['illegal character', /illegal character U\+[0-9A-F]+/],
  ['unknown escape', /unknown escape sequence/],
  ['escape is no code point', /escape sequence is invalid Unicode/],
  ['string not closed', /string literal not terminated(?<!raw string literal not terminated)/],
  ['backtick not closed', /raw string literal not terminated/],
  ['bad rune literal', /rune literal/],
  ['comment not closed', /comment not terminated/],
  ['line directive', /invalid (line|column) number/],
  [
    'bad number',
    /has no digits|must separate successive|invalid digit|exponent|mantissa|radix point/,
  ],
  ['newline in arguments', /missing ',' before newline/],
  ['comma missing', /missing ',' in argument list/],
  ['operand missing', /expected operand/],
  ['rule goes on after its end', /expected 'EOF'/],
  ['parenthesis not closed', /expected '\)'/],
  ['unknown matcher', /^unsupported function: /],
  ['unknown name', /^.* is not defined$/],
  ['callee is no name', /^expected (selector )?identifier, got/],
  ['operator not supported', /^\S+ is not supported$/],
  ['bad number as argument', /^failed to parse argument/],
  ['rune as argument', /^unsupported function argument type/],
  ['index or selector', /^properties are not supported|^unsupported selector type/],
  ['argument is no string', /^reflect: cannot use/],
  ['operand is no matcher', /^reflect: Call using/],
  ['lone value', /^obtaining build tree|^error while parsing rule/],
  ['no arguments', /^no args for matcher/],
  ['empty argument', /^empty args for matcher/],
  ['wrong number of arguments', /^unexpected number of parameters/],
  ['host not ASCII', /^invalid value .* non-ASCII/s],
  ['no host name', /is not a valid hostname/],
  ['no IP range', /^invalid CIDR address/],
  ['ALPN kept for ACME', /^invalid protocol value/],
  ['path without slash', /does not start with a '\/'$|^mux: path must start/],
  ['template: braces', /^mux: unbalanced braces/],
  ['template: name or pattern missing', /^mux: missing name or pattern/],
  ['values not in pairs', /^mux: number of parameters/],
  ['template: variable twice', /^mux: duplicated route variable/],
  ['regexp: invalid UTF-8', /^error parsing regexp: invalid UTF-8/],
  ['regexp: class range', /^error parsing regexp: invalid character class range/],
  ['regexp: escape', /^error parsing regexp: invalid escape sequence/],
  ['regexp: named capture', /^error parsing regexp: invalid named capture/],
  ['regexp: Perl syntax', /^error parsing regexp: invalid or unsupported Perl syntax/],
  ['regexp: repeated repetition', /^error parsing regexp: invalid nested repetition/],
  ['regexp: repeat count', /^error parsing regexp: invalid repeat count/],
  ['regexp: nothing to repeat', /^error parsing regexp: missing argument to repetition/],
  ['regexp: ] missing', /^error parsing regexp: missing closing \]/],
  ['regexp: ) missing', /^error parsing regexp: missing closing \)/],
  ['regexp: ) too many', /^error parsing regexp: unexpected \)/],
  ['regexp: trailing backslash', /^error parsing regexp: trailing backslash/],
  ['other syntax', /^\S+: /], // a position, which line directives can make look like anything
]

/** Every kind that a refusal can have. */
export const refusalKinds: readonly string[] = kinds.map(([kind]) => kind)

/** The first kind that the text of an error has, or undefined for one that nobody has seen yet. */
export function refusalKind(error: string): string | undefined {
  return kinds.find(([, form]) => form.test(error))?.[0]
}
