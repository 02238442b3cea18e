import type { Random } from './random.ts'
import type { MakeValue } from './values.ts'

/** A regular expression: grown from the grammar, or a soup of its characters. */
export const expression: MakeValue = (random) => {
  if (random.flaw(3)) return random.soup('()[]{}|*+?\\^$.-:<>=!,019abdipsxzAQEULPw_é', 10)
  return `${alternatives(random, 3)}${random.flaw(3) ? random.pick(badTails) : ''}`
}

const badTails = ['\\', '\\', '\udcff', '\udcc3', '\udc80']

export const asciiExpression: MakeValue = (random) => {
  const made = expression(random)
  return random.flaw(8) ? `${made}é` : made.replace(/\P{ASCII}/gu, 'e')
}

function alternatives(random: Random, depth: number): string {
  return random.several(1 + random.below(2), () => pieces(random, depth)).join('|')
}

function pieces(random: Random, depth: number): string {
  return random.several(1 + random.below(3), () => piece(random, depth)).join('')
}

function piece(random: Random, depth: number): string {
  const repetition = random.pick(random.flaw(15) ? badRepetitions : repetitions)
  return `${atom(random, depth)}${repetition}`
}

const repetitions = [
  '',
  '',
  '',
  '',
  ...'* + ? *? +? ?? {2} {2,} {2,3} {0} {2}? {,3} {02} {1,02} {'.split(' '),
]
const badRepetitions = '{30,40} {1000} {1001} {3,2} {99999999999} ** {2}{3} +* ?+ {2}** *{2}'.split(
  ' ',
)

function atom(random: Random, depth: number): string {
  if (depth > 0 && random.once(3)) {
    const opening = random.pick(random.flaw(12) ? badOpenings : openings)
    return `${opening}${alternatives(random, depth - 1)})`
  }
  return random.once(4) ? classOf(random) : random.pick(random.flaw(15) ? badAtoms : atoms)
}

function classOf(random: Random): string {
  const items = random.several(1 + random.below(3), () =>
    random.pick(random.flaw(12) ? badItems : classItems),
  )
  return `[${random.pick(['', '^', ']', '^]'])}${items.join('')}]`
}

const openings = '( ( ( (?: (?i: (?P<name> (?<name> (?s-i: (?-m: (?U: (?i)('.split(' ')
const badOpenings =
  '(?= (?! (?<= (?<! (?P=n (?P<> (?P<é> (?P<a (?<a (? (?i-: (?# (?> (?x: (?-i-s: ('.split(' ')

const classItems = [
  ...String.raw`a a-z 0-9 \d \W [:alpha:] [:^digit:] \pL \p{Greek} \] \x41-\x{5a} ^ \- é-ü 😀 [ \t-\r $ \101-\102`.split(
    ' ',
  ),
  ' ',
]
const badItems =
  String.raw`z-a [:nope:] \d-a a-\d \b \Q \p \p{Nope} [: [:a [:é:] \p{ \x \x{ \8 \e - -- [:ALPHA:]`.split(
    ' ',
  )

const atoms = [
  ...String.raw`a b . ^ $ \. \d \s \b \A \z \pL \PN \p{Greek} \p{^Lu} \p{letter} \p{Uppercase_Letter} \p{-any}`.split(
    ' ',
  ),
  ...String.raw`\x41 \x{1F600} \101 \012 \0 \Qa.b\E \n \/ \- é 😀 } ] - \_ (?i)a () \Q\Ea a\Q** [a-z]`.split(
    ' ',
  ),
  '\\ ',
]
const badAtoms = [
  ...String.raw`\C \Z \1 \8 \k \x4 \x{} \x{110000} \x{ \p{Nope} \pX \p{Old_Italic} \p \p{} \é \e ) ( [ [] [^`.split(
    ' ',
  ),
  ...String.raw`(?i)* (* |* ^** \E \c (?P<n \p{Nd`.split(' '),
  ...'(a{40}){40} ((a{10}){10}){11} (?:ab{600}|c){2} (a{2}b?){501}'.split(' '),
]

/** A template of v2: text and {name:expression}. */
export const template: MakeValue = (random) =>
  `${random.several(1 + random.below(4), () => templatePiece(random)).join('')}${random.flaw(40) ? '\\' : ''}`

function templatePiece(random: Random): string {
  if (random.flaw(12)) return random.pick(badPieces)
  if (random.once(2))
    return random.pick(['a', '.example', '.', '/', '-', '(', '$', '=', 'A', '\\', '+'])
  const name = random.pick(['a', 'b', 'name', 'sub', 'x-y', ' ', 'c', 'd', 'é'])
  return random.once(3) ? `{${name}}` : `{${name}:${templateExpression(random)}}`
}

const badPieces = '{ } {} {:} {a:} {:[a-z]+} }{ {a:{} {a}}'.split(' ')

function templateExpression(random: Random): string {
  if (random.flaw(8)) return random.pick(String.raw`( a)(b \ [ a** \Qa (?i é) ) a|`.split(' '))
  return random.once(4)
    ? asciiExpression(random)
    : random.pick(
        String.raw`[a-z]+ .* [0-9]{1,3} (?:a|b) (a|b) \d+ a{2} (?i)a [^.]+ a:b`.split(' '),
      )
}

export const pathTemplate: MakeValue = (random) => `${random.flaw(8) ? '' : '/'}${template(random)}`

export const hostTemplate: MakeValue = (random) =>
  `${random.flaw(8) ? 'é' : ''}${template(random).replace(/\P{ASCII}/gu, 'e')}`

/** A query's values: name=template, or a name and its template in two values. */
export const query: MakeValue = (random) => {
  if (random.flaw(6)) return template(random)
  return `${random.pick(['a', 'b', '{k}', ''])}=${random.once(3) ? '' : template(random)}`
}
