import assert from 'node:assert/strict'
import { test } from 'node:test'
import { age, distance } from '../../../plugin/printers/distance.ts'

const NOW = new Date('2026-03-01T12:00:00Z')

const ROWS: readonly (readonly [name: string, time: string | null, ago: string, off: string])[] = [
  ['a time two days ago', '2026-02-27T11:59:59Z', '2d', 'now'],
  ['one 54 minutes ago', '2026-03-01T11:05:30Z', '54m', 'now'],
  ['now', '2026-03-01T12:00:00Z', '0s', 'now'],
  ['a time in three hours', '2026-03-01T15:30:00Z', '0s', '3h'],
  ['a time that nobody says', null, '-', '-'],
]

for (const [name, time, ago, off] of ROWS) {
  test(`${name} is ${ago} ago, and ${off} off`, () => {
    assert.deepEqual([age(time, NOW), distance(time, NOW)], [ago, off])
  })
}
