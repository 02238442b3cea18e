import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '../../../../shared/json/json.ts'
import { parseTime } from '../../../../shared/json/time.ts'
import { parseEvent, type KubeEvent } from '../../../../shared/kube/event.ts'

const about = { kind: 'Order', uid: '1', name: 'x' }
const made = { creationTimestamp: '2026-03-01T10:00:00Z' }
const plain: KubeEvent = {
  ...about,
  type: '',
  reason: '',
  message: '',
  count: 1,
  time: parseTime(made.creationTimestamp),
}

const rows: readonly (readonly [string, JsonObject, Partial<KubeEvent>])[] = [
  ['has the time of its creation at least', {}, {}],
  [
    'in the old way has its last time and a count',
    { lastTimestamp: '2026-03-01T11:00:00Z', count: 3, type: 'Warning', reason: 'R', message: 'M' },
    {
      time: parseTime('2026-03-01T11:00:00Z'),
      count: 3,
      type: 'Warning',
      reason: 'R',
      message: 'M',
    },
  ],
  [
    'in the new way has a time of its own',
    { eventTime: '2026-03-01T11:00:00.123456Z', lastTimestamp: null },
    { time: parseTime('2026-03-01T11:00:00.123Z') },
  ],
  [
    'of a series has that one’s',
    {
      eventTime: '2026-03-01T11:00:00Z',
      series: { count: 7, lastObservedTime: '2026-03-01T12:00:00Z' },
    },
    { time: parseTime('2026-03-01T12:00:00Z'), count: 7 },
  ],
]

for (const [name, json, want] of rows) {
  test(`an Event ${name}`, () => {
    assert.deepEqual(parseEvent({ metadata: made, involvedObject: about, ...json }), {
      ...plain,
      ...want,
    })
  })
}

test('what is no object is no Event', () => assert.equal(parseEvent('x'), undefined))
