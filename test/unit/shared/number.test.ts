import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { parseLossless } from '../../../shared/json/lossless-json.ts'
import { countAt, integerIn, numberOf, quantityOf } from '../../../shared/json/number.ts'

suite('a count', () => {
  for (const [json, count] of [
    ['3', 3],
    ['1.9', 1],
    ['-1', 0],
    ['1e308', 2 ** 31 - 1],
    ['1e400', 2 ** 31 - 1],
    ['12345678901234567890', 2 ** 31 - 1],
    ['-12345678901234567890', 0],
    ['"3"', 0],
    ['null', 0],
    ['{"toString": 1, "valueOf": 2}', 0],
    ['[3]', 0],
  ] as const) {
    test(`${json} is ${count}`, () => {
      assert.equal(countAt({ count: parseLossless(json) }, 'count'), count)
      assert.equal(countAt({ count: parseLossless(`[${json}]`) }, 'count'), 0)
    })
  }
  test('NaN is 0', () => assert.equal(countAt({ count: NaN }, 'count'), 0))
})

suite('a number', () => {
  for (const [json, number] of [
    ['-1.5', -1.5],
    ['9223372036854775807', 2 ** 63],
    ['1e400', undefined],
    ['9'.repeat(400), undefined],
    ['"1"', undefined],
    ['{"valueOf": 1}', undefined],
  ] as const) {
    test(json.slice(0, 40), () => assert.equal(numberOf(parseLossless(json)), number))
  }
})

suite('digits', () => {
  for (const [text, number] of [
    ['12', 12],
    ['+12', 12],
    ['-12', -12],
    ['101', undefined],
    ['1e1', undefined],
    ['0x1', undefined],
    ['', undefined],
    [' 1', undefined],
    ['9'.repeat(400), undefined],
  ] as const) {
    test(text.slice(0, 40), () => {
      assert.equal(integerIn(text, { least: -100, most: 100 }), number)
    })
  }
})

suite('a quantity', () => {
  for (const [value, number] of [
    ['5', 5],
    ['1k', 1000],
    ['2Ki', 2048],
    ['500m', 0.5],
    ['1e3', 1000],
    ['.5', 0.5],
    [7, 7],
    ['1x', undefined],
    ['', undefined],
    ['k', undefined],
    ['1e999', undefined],
    [Infinity, undefined],
    [{ toString: 1 }, undefined],
    ['9'.repeat(400), undefined],
  ] as const) {
    test(JSON.stringify(value).slice(0, 40), () => assert.equal(quantityOf(value), number))
  }
})
