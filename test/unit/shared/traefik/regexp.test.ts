import assert from 'node:assert/strict'
import { test } from 'node:test'
import { regexpProblem } from '../../../../shared/traefik/regexp.ts'

const lines = (text: string): readonly string[] =>
  text
    .trim()
    .split('\n')
    .map((line) => line.trim())

const taken = lines(String.raw`
  ^a.example$
  [a-z0-9-]+\.example\.com
  (?i)^(www|shop)\.
  (?P<name>a)(?<name>b)
  a*?b+?c??d{2,}e{,3}f{
  [^]a][]-][a-][\d\-\pL][[:alpha:]-]
  \p{Greek}\PN\p{^Lu}\p{Uppercase Letter}
  \x41\x{1F600}\101\0\n\-
  \Qa(b\E+|\Qopen(
  a*(?i)*
  (|a)*
`)

const refused: readonly (readonly [pattern: string, fault: RegExp])[] = [
  ['(a', /never closed/],
  ['a)', /closes nothing/],
  ['[a', /never closed/],
  ['*a', /nothing before/],
  ['a|+', /nothing before/],
  ['a**', /repeated/],
  ['a{2}{3}', /repeated/],
  ['a{1001}', /over 1,000/],
  ['a{3,2}', /over 1,000, or/],
  ['((a{10}){10}){11}', /multiply/],
  ['(?=a)', /lookaround/],
  ['(?P<é>a)', /Go does not know/],
  ['a\\', /lone backslash/],
  ['\\1', /backreferences/],
  ['[z-a]', /backwards/],
  ['[[:nope:]]', /no name/],
  ['\\p{Nope}', /Unicode class/],
  ['\\p{Old_Italic}', /Unicode class/],
  ['\udcff', /not UTF-8/],
  [`${'('.repeat(1001)}${')'.repeat(1001)}`, /1,000/],
]

for (const pattern of taken)
  test(`Go compiles ${pattern}`, () => assert.equal(regexpProblem(pattern), undefined))

for (const [pattern, fault] of refused) {
  test(`Go refuses ${JSON.stringify(pattern.slice(0, 30))}`, () =>
    assert.match(regexpProblem(pattern) ?? '', fault))
}
