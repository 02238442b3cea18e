import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import type { KubeClient } from '../../../shared/kube/kube-client.ts'
import { createRecorder, type Recorder } from '../../../webhook/runtime/event-recorder.ts'
import { describeNote, type EventNote } from '../../../webhook/runtime/event-notes.ts'
import { fakeClock } from '../../fixtures/fake-clock.ts'
import { scriptedClient } from '../../fixtures/scripted-client.ts'

const on = { apiVersion: 'traefik.io/v1alpha1', kind: 'IngressRoute', name: 'r', uid: 'u' }
const STEP: EventNote = { on: { ...on, namespace: 'shop' }, reason: 'HttpKept', about: 'c' }
const MISTAKE: EventNote = { ...STEP, reason: 'NameTaken' }
const MINUTE_MS = 60_000

function recorderOver(client: KubeClient, clock = fakeClock()): Recorder {
  const logger = pino({ level: 'silent' })
  return createRecorder({ client, logger, isBusy: () => false, clock })
}

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
    const clock = fakeClock()
    const recorder = recorderOver(client, clock)
    recorder.record(note)
    clock.stayBusy(after)
    recorder.record(note)
    assert.equal(calls.length, told)
  })
}

test('whatever one namespace has told, what another was told is not told again', async () => {
  const { client, calls } = scriptedClient({})
  const recorder = recorderOver(client)
  const flood = (uid: number): EventNote => ({
    ...MISTAKE,
    on: { ...on, namespace: 'flood', uid: String(uid) },
  })
  recorder.record(MISTAKE)
  for (let uid = 0; uid < 30_000; uid += 1) recorder.record(flood(uid))
  recorder.record(MISTAKE)
  await recorder.finish()
  assert.equal(calls.length, 2001)
})

test('one Event tells of all that is wrong with a route: the first in words, and how many more', () => {
  const others = Array.from({ length: 1999 }, (_, at) => ({
    reason: 'PrivateHost' as const,
    path: '',
    about: `h${at}.local`,
  }))
  const note: EventNote = { ...MISTAKE, reason: 'PrivateHost', about: 'h.local', others }
  assert.deepEqual(describeNote(note), {
    type: 'Warning',
    message:
      'no public CA signs h.local; an internal issuer may; ' +
      'no public CA signs h0.local; an internal issuer may; ' +
      'no public CA signs h1.local; an internal issuer may; ' +
      'and 1997 more: kubectl tlsauto describe -n shop r',
  })
})
