import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createClaimTurns } from '../../../webhook/controller/limits/claim-turns.ts'

test('hosts that stay unclaimed are looked at again in ten minutes, or as soon as a claim goes', () => {
  const looks: string[] = []
  const turns = createClaimTurns((namespace, milliseconds) => {
    looks.push(`${namespace} ${milliseconds}`)
  })
  turns.gone('small')
  assert.deepEqual(looks, [])
  // One look serves for all of them, and more of them don't put it off.
  turns.limited('flood')
  turns.limited('flood')
  turns.gone('flood')
  turns.limited('flood')
  assert.deepEqual(looks, ['flood 600000', 'flood 1000'])
  turns.begin('flood')
  turns.limited('flood')
  assert.deepEqual(looks.slice(2), ['flood 600000'])
  assert.deepEqual([turns.isLate('flood'), turns.isLate('small')], [true, false])
  turns.forget()
  turns.gone('flood')
  turns.limited('flood')
  assert.deepEqual(looks.slice(3), ['flood 600000'])
})
