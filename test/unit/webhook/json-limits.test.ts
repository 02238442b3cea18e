import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { excessOf } from '../../../webhook/http/json-limits.ts'

const ROWS = [
  { name: 'a hundred levels', json: nested(100), want: undefined },
  { name: 'one more', json: nested(101), want: 'too_deep' },
  { name: 'objects count as lists do', json: '{"a":['.repeat(51), want: 'too_deep' },
  { name: 'levels that are closed again', json: '[[],{}],'.repeat(1000), want: undefined },
  { name: '250,000 values', json: `[${'1,'.repeat(249_999)}1]`, want: undefined },
  { name: 'one more', json: `[${'1,'.repeat(250_000)}1]`, want: 'too_many_values' },
  { name: 'empty objects', json: `[${'{},'.repeat(125_000)}{}]`, want: 'too_many_values' },
  { name: 'members', json: `{${'"a":1,'.repeat(250_000)}"a":1}`, want: 'too_many_values' },
  {
    name: 'a text counts once, whatever is in it',
    json: `["${'[{,'.repeat(1e6)}"]`,
    want: undefined,
  },
  {
    name: 'a quote with a backslash before it ends no text',
    json: `["\\"${'['.repeat(200)}"]`,
    want: undefined,
  },
  {
    name: 'a quote with two of them does',
    json: `["\\\\",${'['.repeat(200)}`,
    want: 'too_deep',
  },
  { name: 'a text that does not end', json: `"${'['.repeat(200)}\\`, want: undefined },
  { name: 'nothing', json: '', want: undefined },
] as const

suite('what would cost too much to parse', () => {
  for (const { name, json, want } of ROWS) {
    test(`${name}: ${want ?? 'nothing'}`, () => assert.equal(excessOf(Buffer.from(json)), want))
  }
})

function nested(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels)
}
