import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Baseline } from '../../faults/baseline.ts'
import { problemsOf } from '../../faults/checker.ts'
import type { LookBack } from '../../faults/look-back.ts'

const NOTHING: LookBack = { writes: {}, vain: [], late: [], broken: [], events: {} }

const baseline: Baseline = {
  ...NOTHING,
  start: { 'Certificate/cert-r': {}, 'IngressRoute/r': {} },
  end: { 'IngressRoute/r': {} },
  writes: { 'update ingressroutes/r': 1 },
  events: { 'Normal Issued': 2 },
  passed: { write: 1, event: 1 },
}

const WRITE = 'leave/write-1-kill-after'
const EVENT = 'leave/event-1-lose'

const rows: readonly {
  readonly what: string
  readonly plan: string
  readonly seen: Partial<LookBack>
  readonly problems: readonly string[]
}[] = [
  {
    what: 'as many writes as undisturbed are right',
    plan: WRITE,
    seen: { writes: { 'update ingressroutes/r': 1 } },
    problems: [],
  },
  {
    what: 'one more is too many',
    plan: WRITE,
    seen: { writes: { 'update ingressroutes/r': 2 } },
    problems: ['too often: update ingressroutes/r (2 times, not 1)'],
  },
  {
    what: 'writes of who was blinded are not counted',
    plan: EVENT,
    seen: { writes: { 'update ingressroutes/r': 2 } },
    problems: [],
  },
  {
    what: 'a carrier may come once more',
    plan: WRITE,
    seen: { writes: { 'create ingressroutes/cert-r': 1, 'delete ingressroutes/cert-r': 2 } },
    problems: ['too often: delete ingressroutes/cert-r (2 times, not 1)'],
  },
  {
    what: 'what goes anyway may be deleted once, by whoever is first',
    plan: WRITE,
    seen: { writes: { 'delete certificates/cert-r': 1, 'delete ingressroutes/r': 1 } },
    problems: ['too often: delete ingressroutes/r (1 times, not 0)'],
  },
  {
    what: 'a write after all was well is wrong, a blinded one too',
    plan: EVENT,
    seen: { late: ['update ingressroutes/r'] },
    problems: ['written when all was well: update ingressroutes/r'],
  },
  {
    what: 'a few writes that change nothing are right',
    plan: WRITE,
    seen: { vain: Array.from({ length: 10 }, () => 'update ingressroutes/r') },
    problems: [],
  },
  {
    what: 'many are not',
    plan: WRITE,
    seen: { vain: Array.from({ length: 11 }, () => 'update ingressroutes/r') },
    problems: ['written in vain 11 times'],
  },
  {
    what: 'who is blinded may write more of them, but not without end',
    plan: EVENT,
    seen: { vain: Array.from({ length: 41 }, () => 'update ingressroutes/r') },
    problems: ['written in vain 41 times'],
  },
  {
    what: 'a broken invariant is wrong',
    plan: EVENT,
    seen: { broken: ['http-answers: r'] },
    problems: ['an invariant is broken: http-answers: r'],
  },
  {
    what: 'an Event is told as often as undisturbed, and a new one once',
    plan: WRITE,
    seen: { events: { 'Normal Issued': 2, 'Normal Waited': 2, 'Normal Left': 1 } },
    problems: ['Event told twice: Normal Waited (2 times, not 1)'],
  },
  {
    what: 'who starts again at an API server that is behind may tell it once more',
    plan: 'leave/event-1-elsewhere+write-1-kill-before',
    seen: { events: { 'Normal Issued': 3, 'Normal Waited': 3 } },
    problems: ['Event told twice: Normal Waited (3 times, not 2)'],
  },
]

for (const { what, plan, seen, problems } of rows) {
  test(`of a disturbed walk: ${what}`, () => {
    const result = { plan, struck: true, took: 1, seen: { ...NOTHING, ...seen } }
    assert.deepEqual(problemsOf(result, { leave: baseline }), problems)
  })
}

test('a walk that did not reach its end is wrong for that alone', () => {
  const result = { plan: WRITE, failure: 'the end: took too long', struck: true, took: 0 }
  assert.deepEqual(problemsOf(result, { leave: baseline }), ['the end: took too long'])
})
