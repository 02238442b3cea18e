import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import { createRecorder } from '../../../webhook/controller/recorder.ts'
import type { EventNote } from '../../../webhook/controller/event-notes.ts'
import { scriptedClient } from '../../fixtures/scripted-client.ts'

const on = { apiVersion: 'traefik.io/v1alpha1', kind: 'IngressRoute', name: 'r', uid: 'u' }
const STEP: EventNote = { on: { ...on, namespace: 'shop' }, reason: 'HttpKept', about: 'c' }
const MISTAKE: EventNote = { ...STEP, reason: 'NameTaken' }
const MINUTE_MS = 60_000

for (const { name, note, after, told } of [
  { name: 'a step is told once, whatever its retries', note: STEP, after: 1000, told: 1 },
  {
    name: 'a step is told again when it is taken again later',
    note: STEP,
    after: 2 * MINUTE_MS,
    told: 2,
  },
  {
    name: 'a mistake is told once, however often it is seen',
    note: MISTAKE,
    after: 2 * MINUTE_MS,
    told: 1,
  },
]) {
  test(name, () => {
    const { client, calls } = scriptedClient({})
    let now = 0
    const recorder = createRecorder({
      client,
      logger: pino({ level: 'silent' }),
      isBusy: () => false,
      now: () => now,
    })
    recorder.record(note)
    now += after
    recorder.record(note)
    assert.equal(calls.length, told)
  })
}
