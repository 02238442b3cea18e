import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isJsonObject, listAt } from '../../../shared/json/json.ts'
import { parseLossless } from '../../../shared/json/lossless-json.ts'

const TEXTS: readonly (readonly [name: string, text: string])[] = [
  ['the highest priority that Traefik takes', '{"priority":9223372036854775000}'],
  ['a negative one, in a list', '[1,-9223372036854775808]'],
  ['small numbers', '{"a":1,"b":1.5,"c":true,"d":null}'],
  ['digits in a text are no number', '{"a":"9223372036854775000: 9223372036854775000"}'],
  ['a long number at the top of a deep tree', '{"a":[{"b":{"c":[9007199254740993]}}]}'],
]

for (const [name, text] of TEXTS) {
  test(`without loss: ${name}`, () => assert.equal(JSON.stringify(parseLossless(text)), text))
}

test('without loss: what is short stays a number', () => {
  assert.deepEqual(parseLossless('{"a":1,"b":9223372036854775000}'), {
    a: 1,
    b: JSON.rawJSON('9223372036854775000'),
  })
})

test('one object that is nested deep makes no list unreadable', () => {
  const depth = 100_000
  const deep = `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
  const list = parseLossless(`{"items":[{"deep":${deep}},{"priority":12345678901234567890}]}`)
  assert.ok(isJsonObject(list))
  assert.equal(listAt(list, 'items').length, 2)
})
