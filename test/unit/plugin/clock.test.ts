import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clockFrom } from '../../../plugin/command-line/clock.ts'
import { UsageError } from '../../../plugin/command-line/usage-error.ts'

const STARTED = Date.parse('2026-11-25T12:00:00Z')

const cases: readonly {
  readonly name: string
  readonly given: string | undefined
  /** A minute after the start. */
  readonly want: string
}[] = [
  { name: 'nothing given', given: undefined, want: '2026-11-25T12:01:00.000Z' },
  { name: 'an empty variable', given: '', want: '2026-11-25T12:01:00.000Z' },
  { name: 'a time', given: '2027-02-23T08:00:00Z', want: '2027-02-23T08:01:00.000Z' },
  {
    name: 'a time in the past, with a zone and a fraction of a second',
    given: '2020-01-01T01:00:00.5+02:00',
    want: '2019-12-31T23:01:00.500Z',
  },
]

for (const { name, given, want } of cases) {
  test(`the clock goes on from ${name}`, () => {
    let real = STARTED
    const now = clockFrom(given, () => real)
    real += 60_000
    assert.equal(now().toISOString(), want)
  })
}

const noTimes = ['tomorrow', '2027-02-23', '2027-02-23T08:00:00', '2027-13-01T00:00:00Z', '1']

for (const given of noTimes) {
  test(`${given} is no time`, () => {
    const message = `TLSAUTO_NOW=${given} is no time such as 2027-01-31T12:00:00Z`
    assert.throws(() => clockFrom(given, Date.now), new UsageError(message))
  })
}
