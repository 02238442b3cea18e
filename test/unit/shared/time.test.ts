import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import {
  parseTime,
  retryAfter,
  rfc3339,
  timeAfter,
  timeAt,
  timeOf,
} from '../../../shared/json/time.ts'

suite('a text is a time', () => {
  for (const [text, read] of [
    ['2026-03-01T12:00:00Z', '2026-03-01T12:00:00Z'],
    ['2026-03-01t12:00:00z', '2026-03-01T12:00:00Z'],
    ['2026-03-01T12:00:00.123456Z', '2026-03-01T12:00:00.123Z'],
    ['2026-03-01T12:00:00+02:00', '2026-03-01T10:00:00Z'],
    ['2028-02-29T00:00:00Z', '2028-02-29T00:00:00Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z'],
    ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59Z'],
  ] as const) {
    test(text, () => {
      const time = parseTime(text)
      assert.ok(time !== undefined)
      assert.equal(rfc3339(time), read)
    })
  }
})

suite('a text is no time', () => {
  for (const text of [
    '',
    ' 2026-03-01T12:00:00Z',
    '2026-03-01',
    '2026-03-01 12:00:00Z',
    '2026-99-99T99:99:99Z',
    '2026-02-29T00:00:00Z',
    '2026-02-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:00:60Z',
    '2026-01-01T00:00:00',
    '2026-01-01T00:00:00+99:99',
    '0000-01-01T00:00:00Z',
    '0001-01-01T00:00:00+14:00',
    '9999-12-31T23:59:59-14:00',
    '+275760-09-13T00:00:00Z',
    `2026-01-01T00:00:00.${'1'.repeat(100_000)}Z`,
    '1',
    'Invalid Date',
    'Jan 1 2026',
  ]) {
    test(text.slice(0, 40), () => assert.equal(parseTime(text), undefined))
  }
})

test('what is no text is no time', () => {
  for (const value of [null, 1, Infinity, {}, [], true, ['2026-03-01T12:00:00Z']]) {
    assert.equal(timeAt({ value }, 'value'), undefined)
  }
})

suite('an ACME server says when to come back', () => {
  for (const [words, until] of [
    ['429: too many, retry after 2026-12-01 09:30:00 UTC: see x', '2026-12-01T09:30:00Z'],
    ['retry after 2026-12-01T09:30:00Z', '2026-12-01T09:30:00Z'],
    ['retry after 2026-99-99 99:99:99 UTC', undefined],
    ['retry after 2026-02-31 00:00:00 UTC', undefined],
    ['retry after 0000-01-01 00:00:00 UTC', undefined],
    ['retry after a while', undefined],
  ] as const) {
    test(words, () => {
      const time = retryAfter(words)
      assert.equal(time === undefined ? undefined : rfc3339(time), until)
    })
  }
})

test('there is no time after the last one, and none of what is no number', () => {
  const last = parseTime('9999-12-31T23:59:59Z')
  assert.ok(last !== undefined)
  assert.equal(timeAfter(last, 3_600_000), last)
  for (const number of [NaN, Infinity, -Infinity, 1e308]) assert.equal(timeOf(number), undefined)
})
