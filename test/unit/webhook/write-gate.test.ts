import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import type { KubeClient, Lookup } from '../../../shared/kube/kube-client.ts'
import { noteOn, type Action } from '../../../webhook/controller/plan/action.ts'
import { createCertificateLimits } from '../../../webhook/controller/limits/certificate-limits.ts'
import { createClusterIndex } from '../../../webhook/controller/index/cluster-index.ts'
import { describeNote, type EventNote } from '../../../webhook/runtime/event-notes.ts'
import { Deferred } from '../../../webhook/runtime/workqueue.ts'
import { createWriteGate, type WriteGate } from '../../../webhook/controller/limits/write-gate.ts'
import { cluster, route } from '../../fixtures/routes.ts'
import { scriptedClient } from '../../fixtures/scripted-client.ts'

const OWNER = { apiVersion: 'traefik.io/v1alpha1', kind: 'IngressRoute', name: 'shop', uid: 'u' }

function companion(resourceVersion: string): Extract<Action, { kind: 'apply' }> {
  const metadata = { namespace: 'team', name: 'tlsauto-http-shop', resourceVersion }
  const object = { metadata: { ...metadata, ownerReferences: [OWNER] }, spec: {} }
  return { kind: 'apply', resource: 'ingressRoutes', object, force: true }
}

function created(name: string): Action {
  const object = { metadata: { namespace: 'team', name, ownerReferences: [OWNER] } }
  return { kind: 'apply', resource: 'certificates', object, force: false }
}

function gateOver(stored: Lookup, most = 0) {
  const client: KubeClient = { ...scriptedClient({}).client, get: async () => stored }
  const index = createClusterIndex(cluster)
  index.putRoute(route())
  const limits = createCertificateLimits(most)
  const gate = createWriteGate({
    client,
    index,
    limits,
    most,
    logger: pino({ level: 'silent' }),
    now: () => 0,
  })
  const told: EventNote[] = []
  const recorder = {
    record: (note: EventNote) => told.push(note),
    remember: () => undefined,
    finish: async () => undefined,
  }
  return { gate, recorder, told }
}

async function write(
  { gate, recorder }: { gate: WriteGate; recorder: Parameters<WriteGate['pass']>[1] },
  action: Action,
): Promise<boolean> {
  let isMade = false
  const make = async (): Promise<void> => {
    isMade = true
  }
  await gate.pass(action, recorder, make).catch((error: unknown) => {
    assert.ok(error instanceof Deferred)
  })
  return isMade
}

test('what is put back again and again waits, whatever version it has, and once it is told by whom', async () => {
  const managedFields = [
    { manager: 'tlsauto', time: '2026-01-03T00:00:00Z' },
    { manager: 'argocd', time: '2026-01-02T00:00:00Z' },
    { manager: 'kubectl', time: '2026-01-01T00:00:00Z' },
  ]
  const found = gateOver({ kind: 'found', object: { metadata: { managedFields } } })
  let count = 0
  for (let version = 0; version < 100; version += 1) {
    if (await write(found, companion(String(version)))) count += 1
  }
  assert.equal(count, 5)
  assert.deepEqual(
    found.told.map((note) => describeNote(note).message),
    [
      'tlsauto waits before it changes IngressRoute tlsauto-http-shop (field manager "argocd") again: ' +
        'somebody else keeps changing it back',
    ],
  )
})

test('what was deleted again and again is told as well', async () => {
  const missing = gateOver({ kind: 'missing' })
  for (let count = 0; count < 10; count += 1) await write(missing, companion(''))
  assert.match(describeNote(missing.told[0] ?? failed()).message, /\(it was deleted\)/)
})

test('of too many new Certificates the rest waits, and the route hears it', async () => {
  const few = gateOver({ kind: 'missing' }, 2)
  const made = []
  for (const name of ['a', 'b', 'c', 'd']) made.push(await write(few, created(name)))
  assert.deepEqual(made, [true, true, false, false])
  assert.match(describeNote(few.told[0] ?? failed()).message, /^certificates wait: 2 were made/)
})

test('what was let through and could not be made leaves its place to another', async () => {
  const one = gateOver({ kind: 'missing' }, 1)
  await assert.rejects(one.gate.pass(created('a'), one.recorder, conflict), /there is one/)
  assert.equal(await write(one, created('b')), true)
})

test('a Certificate that is there is changed, however many were made', async () => {
  const none = gateOver({ kind: 'missing' }, 1)
  assert.equal(await write(none, created('a')), true)
  assert.equal(await write(none, { ...companion(''), resource: 'certificates' }), true)
})

test('Events have no gate', async () => {
  const open = gateOver({ kind: 'missing' }, 1)
  const event = noteOn(route(), 'HttpKept', 'x')
  for (let count = 0; count < 100; count += 1) assert.equal(await write(open, event), true)
})

async function conflict(): Promise<void> {
  throw new Error('there is one')
}

function failed(): never {
  throw new Error('nothing was told')
}
