import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  createCertificateLimits,
  turnOf,
  type CertificateLimits,
} from '../../../webhook/controller/limits/certificate-limits.ts'
import { certificate } from '../../fixtures/routes.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const NOW = Date.parse('2026-06-01T12:00:00Z')

function fresh(most: number): CertificateLimits {
  const limits = createCertificateLimits(most)
  limits.begin([], NOW)
  return limits
}

function of(name: string, age = name, namespace = 'team') {
  return { namespace, name, age }
}

/** Asks, and makes it where it may be made. */
function make(limits: CertificateLimits, name: string, now: number): boolean {
  if (limits.wait(of(name), now) > 0) return false
  limits.done(of(name), now)
  return true
}

test('so many an hour, and no namespace counts for another', () => {
  const limits = fresh(10)
  const names = Array.from({ length: 50 }, (_, at) => `c${at}`)
  assert.equal(names.filter((name) => make(limits, name, NOW)).length, 10)
  assert.equal(limits.size(NOW), 40)
  assert.equal(limits.wait(of('c', 'c', 'other'), NOW), 0)
})

test('several that are made at once are counted', () => {
  const limits = fresh(2)
  const waits = ['a', 'b', 'c'].map((name) => limits.wait(of(name), NOW))
  assert.deepEqual(
    waits.map((wait) => wait > 0),
    [false, false, true],
  )
})

test('an hour later the next ones are made: those of the oldest routes', () => {
  const limits = fresh(2)
  for (const name of ['x', 'y']) make(limits, name, NOW)
  // They look again every ten minutes; one comes later and is younger.
  for (let minutes = 0; minutes < 60; minutes += 10) {
    for (const name of ['d', 'c', 'b']) {
      assert.equal(make(limits, name, NOW + minutes * MINUTE_MS), false)
    }
  }
  assert.equal(make(limits, 'e', NOW + HOUR_MS), false)
  const later = ['e', 'd', 'c', 'b'].filter((name) => make(limits, name, NOW + HOUR_MS))
  assert.deepEqual(later, ['c', 'b'])
})

test('what was just made, and the watch has not brought yet, takes nobody’s place', () => {
  const limits = fresh(3)
  assert.deepEqual(
    ['a', 'b', 'a', 'c', 'a', 'd'].map((name) => make(limits, name, NOW)),
    [true, true, false, true, false, false],
  )
  // It does not wait, either: an older one that waits goes before others.
  assert.equal(limits.size(NOW), 1)
})

test('one that waited and has gone holds up nobody for long', () => {
  const limits = fresh(1)
  make(limits, 'x', NOW)
  assert.equal(make(limits, 'a', NOW), false)
  assert.equal(make(limits, 'b', NOW + HOUR_MS), true)
})

test('whoever deletes his Certificates gains nothing; after a restart those of the last hour count', () => {
  const limits = createCertificateLimits(2)
  const at = (name: string, minutes: number) =>
    certificate(
      { name, creationTimestamp: new Date(NOW - minutes * MINUTE_MS).toISOString() },
      { secretName: name, dnsNames: [] },
    )
  limits.begin([at('old', 90), at('young', 20)], NOW)
  assert.equal(make(limits, 'a', NOW), true)
  assert.equal(make(limits, 'b', NOW), false)
  assert.equal(make(limits, 'b', NOW + 41 * MINUTE_MS), true)
})

test('0 is no limit', () => {
  const limits = fresh(0)
  for (let at = 0; at < 1000; at += 1) assert.equal(make(limits, String(at), NOW), true)
})

for (const { name, made, older = 0, underWay = 0, wait } of [
  { name: 'room', made: [1], wait: 0 },
  { name: 'room, but for older ones', made: [1], older: 1, wait: 10 * MINUTE_MS },
  { name: 'room, but for one under way that may fail', made: [1], underWay: 1, wait: 1000 },
  {
    name: 'no room for nine minutes',
    made: [1, 540_001 - HOUR_MS],
    wait: 10 * MINUTE_MS,
  },
  { name: 'room soon', made: [5000 - HOUR_MS, 1], wait: 5000 },
  { name: 'room at once', made: [1 - HOUR_MS, 1], wait: 1000 },
]) {
  test(`its turn: ${name}`, () => {
    assert.equal(turnOf({ made, older, underWay, most: 2, now: 0 }), wait)
  })
}
