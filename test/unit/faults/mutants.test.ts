import assert from 'node:assert/strict'
import { test } from 'node:test'
import { edited } from '../../faults/edit.ts'
import { parsePlan } from '../../faults/fault.ts'
import { SCENARIOS } from '../../faults/scenarios.ts'
import { MUTANTS } from '../../faults/mutants.ts'

for (const mutant of MUTANTS) {
  test(`the mutant in which ${mutant.name} still has its place in the program`, async () => {
    await edited(mutant)
    for (const plan of mutant.plans) assert.ok(SCENARIOS[parsePlan(plan).scenario], plan)
  })
}

test('a mutant whose function says something else now is told, and so is one whose function is gone', async () => {
  const retry = { function: 'retry', find: 'addAfter( key,\n retryInMs )', replace: '' }
  for (const edit of [
    { ...retry, find: 'addAfter(other, retryInMs)' },
    { ...retry, find: 'addAfter(key, retryInMs)', function: 'tryAgain' },
  ]) {
    await assert.rejects(edited(edit), /has 0 times/)
  }
})
