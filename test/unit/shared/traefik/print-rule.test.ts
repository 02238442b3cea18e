import assert from 'node:assert/strict'
import { test } from 'node:test'
import { printRule } from '../../../../shared/traefik/print-rule.ts'
import { parseRule } from '../../../../shared/traefik/rule.ts'
import { read } from '../../../differential/compare.ts'
import { generateRules } from '../../../differential/rules.ts'

const RULES: readonly (readonly [name: string, rule: string, want: string])[] = [
  ['a matcher', 'HOST(`Shop.example.com`)', 'Host(`Shop.example.com`)'],
  ['what is around it is gone', ' Host(`a.com`) // why\n', 'Host(`a.com`)'],
  [
    'brackets stay where they count',
    '(Path(`/a`) || Path(`/b`)) && Host(`a.com`)',
    '(Path(`/a`) || Path(`/b`)) && Host(`a.com`)',
  ],
  ['negations', '!!(Host(`a.com`) && Path(`/a`))', '!!(Host(`a.com`) && Path(`/a`))'],
  ['a backtick in a value', 'Path("/a`b")', 'Path("/a`b")'],
  ['what hides in a value', 'Path("/a\\n\\"\\\\\\u0085")', 'Path("/a\\u000a\\"\\\\\\u0085")'],
]

for (const [name, rule, want] of RULES) {
  test(`printed: ${name}`, () => {
    const parsed = parseRule(rule, 'v3')
    assert.equal(parsed.kind === 'parsed' && printRule(parsed.rule), want)
  })
}

test('a rule that was printed is read as the same rule again', () => {
  const rules = generateRules(5000, 1).flatMap((question) => {
    const parsed = read(question)
    return parsed.kind === 'parsed' ? [{ question, rule: parsed.rule }] : []
  })
  assert.ok(rules.length > 1000)
  for (const { question, rule } of rules) {
    const again = read({ ...question, rule: printRule(rule) })
    assert.deepEqual(again, { kind: 'parsed', rule }, question.rule)
  }
})
