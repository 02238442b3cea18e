import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nearNames } from '../../../plugin/describe/near-names.ts'

const NAMES = ['shop', 'shop.example.com', 'blog', 'blog.example.com', 'shop', 'www.shop.org']

const rows: readonly (readonly [string, string, readonly string[]])[] = [
  ['a letter left out', 'shp', ['shop']],
  ['two letters that changed places', 'shop.exmaple.com', ['shop.example.com']],
  ['capitals', 'SHOP', ['shop', 'shop.example.com', 'www.shop.org']],
  ['part of a name', 'shop.org', ['www.shop.org']],
  ['nothing like it', 'frobnicate', []],
  ['a single letter is like everything, and so like nothing', 's', []],
  ['what no name can be', 'x'.repeat(100_000), []],
]

for (const [name, typed, want] of rows) {
  test(`names near to ${name}`, () => assert.deepEqual(nearNames(typed, NAMES), want))
}

test('at most three, the nearest first', () => {
  assert.deepEqual(nearNames('abcd', ['abxx', 'abcx', 'abcde', 'abcf', 'abce']), [
    'abcde',
    'abce',
    'abcf',
  ])
})
