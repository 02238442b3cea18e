import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import type { JsonObject } from '../../../shared/json/json.ts'
import { KubeError } from '../../../shared/kube/kube-error.ts'
import type { Page, WatchEvent } from '../../../shared/kube/kube-client.ts'
import { RESOURCES } from '../../../shared/kube/resources.ts'
import { parseCertificate, type Certificate } from '../../../shared/certmanager/certificate.ts'
import {
  runReflector,
  type Change,
  type ReflectorInput,
} from '../../../webhook/runtime/reflector.ts'
import { DONE, takeAtOnce, type Steps } from '../../../webhook/runtime/slices.ts'
import { fakeClock } from '../../fixtures/fake-clock.ts'
import { scriptedClient, type Script } from '../../fixtures/scripted-client.ts'

type Row = {
  readonly name: string
  readonly script: Script
  /** What its user hears: `synced`, or a change and the uid it is about. */
  readonly told: readonly string[]
  readonly asked: readonly string[]
}

const ROWS: readonly Row[] = [
  {
    name: 'a list of several pages is one list, and the watch goes on from its version',
    script: {
      lists: [page('5', [object('a', 'a1', '1')], 'x'), page('5', [object('b', 'b1', '2')])],
      watches: [[event('MODIFIED', object('a', 'a1', '6'))]],
    },
    told: ['added a1', 'added b1', 'synced', 'updated a1'],
    asked: ['list', 'list after x', 'watch from 5', 'watch from 6'],
  },
  {
    name: 'a bookmark moves the place, and says nothing',
    script: { lists: [page('5', [])], watches: [[event('BOOKMARK', object('', '', '90'))]] },
    told: ['synced'],
    asked: ['list', 'watch from 5', 'watch from 90'],
  },
  {
    name: 'where the server has forgotten the place, what happened meanwhile is told once',
    script: {
      lists: [
        page('5', [object('a', 'a1', '1'), object('b', 'b1', '2'), object('c', 'c1', '3')]),
        page('9', [object('a', 'a1', '1'), object('c', 'c2', '8')]),
      ],
      watches: [[event('ERROR', { code: 410, message: 'too old', reason: 'Expired' })]],
    },
    told: ['added a1', 'added b1', 'added c1', 'synced', 'deleted c1', 'added c2', 'deleted b1'],
    asked: ['list', 'watch from 5', 'list', 'watch from 9'],
  },
  {
    name: 'a watch that breaks goes on where it was',
    script: {
      lists: [page('5', [])],
      watches: [
        [event('ADDED', object('a', 'a1', '7')), new KubeError('reset', { status: 0 })],
        [event('DELETED', object('a', 'a1', '8'))],
      ],
    },
    told: ['synced', 'added a1', 'deleted a1'],
    asked: ['list', 'watch from 5', 'watch from 7', 'watch from 8'],
  },
  {
    name: 'a list that fails is asked for again, as late as the server wants it',
    script: {
      lists: [
        new KubeError('busy', { status: 429, retryAfter: 0 }),
        new KubeError('down', { status: 503 }),
        page('5', [object('a', 'a1', '1')]),
      ],
    },
    told: ['added a1', 'synced'],
    asked: ['list', 'list', 'list', 'watch from 5'],
  },
  {
    name: 'a change that its user chokes on does not end it',
    script: {
      lists: [page('5', [object('bad', 'bad', '1'), object('a', 'a1', '2')])],
    },
    told: ['added bad', 'added a1', 'synced'],
    asked: ['list', 'watch from 5'],
  },
  {
    name: 'an object that can not be read costs the others nothing, and is not gone for that',
    script: {
      lists: [
        page('5', [object('a', 'a1', '1'), object('c', 'unreadable', '2'), object('b', 'b1', '3')]),
        page('9', [object('a', 'unreadable', '8'), object('b', 'b1', '3')]),
      ],
      watches: [
        [
          event('MODIFIED', object('b', 'unreadable', '6')),
          event('ADDED', object('d', 'unreadable', '6')),
          event('DELETED', object('d', 'unreadable', '6')),
          event('ERROR', { code: 410 }),
        ],
        [event('DELETED', object('a', 'unreadable', '10'))],
      ],
    },
    told: ['added a1', 'added b1', 'synced', 'deleted a1'],
    asked: ['list', 'watch from 5', 'list', 'watch from 9', 'watch from 10'],
  },
  {
    name: 'an event that tells nothing new is not told',
    script: {
      lists: [page('5', [object('a', 'a1', '4')])],
      watches: [[event('ADDED', object('a', 'a1', '4')), event('DELETED', object('b', 'b1', '6'))]],
    },
    told: ['added a1', 'synced'],
    asked: ['list', 'watch from 5', 'watch from 6'],
  },
]

for (const { name, script, told, asked } of ROWS) {
  test(name, async () => {
    const heard: string[] = []
    const ending = new AbortController()
    const clock = fakeClock()
    const { client, calls } = scriptedClient(script)
    const done = runReflector<Certificate>({
      client,
      resource: RESOURCES.certificates,
      parse: readable,
      onSynced: () => heard.push('synced'),
      onChange: (change) => {
        heard.push(describe(change))
        if (change.object.metadata.name === 'bad') throw new Error('no')
        return DONE
      },
      logger: pino({ level: 'silent' }),
      signal: ending.signal,
      clock,
    })
    await clock.step(10_000)
    ending.abort()
    await done
    assert.deepEqual({ told: heard, asked: calls }, { told, asked })
  })
}

test('a watch that ends at once again and again is not asked for without rest', async () => {
  const { client, calls } = scriptedClient({ lists: [page('5', [])], watches: [[], [], [], []] })
  const ending = new AbortController()
  const clock = fakeClock()
  const done = runReflector<Certificate>({
    client,
    resource: RESOURCES.certificates,
    parse: parseCertificate,
    onSynced: () => undefined,
    onChange: () => DONE,
    logger: pino({ level: 'silent' }),
    signal: ending.signal,
    clock,
  })
  for (const watches of [1, 2, 3, 4]) {
    await clock.step(199)
    assert.equal(calls.length, 1 + watches)
    await clock.step(1)
  }
  assert.equal(calls.length, 6)
  ending.abort()
  await done
})

test('a wrapper that forgets the steps of a change is found by its type', () => {
  // @ts-expect-error -- it gives neither steps nor DONE
  const onChange: ReflectorInput<Certificate>['onChange'] = forgetful
  assert.equal(onChange, forgetful)
})

function forgetful(): void {
  takeAtOnce(noSteps())
}

function* noSteps(): Steps {}

function readable(json: JsonObject): Certificate | undefined {
  const certificate = parseCertificate(json)
  if (certificate?.metadata.uid === 'unreadable') throw new Error('no')
  return certificate
}

function describe({ kind, object }: Change<Certificate>): string {
  return `${kind} ${object.metadata.uid}`
}

function object(name: string, uid: string, resourceVersion: string): JsonObject {
  return { metadata: { namespace: 'team', name, uid, resourceVersion } }
}

function page(resourceVersion: string, items: readonly JsonObject[], next?: string): Page {
  return { items, resourceVersion, next }
}

function event(type: WatchEvent['type'], about: JsonObject): WatchEvent {
  return { type, object: about }
}
