import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exitCodeOf, fine, runChecks, unknown, wrong } from '../../../plugin/probe/check.ts'
import { checkLines } from '../../../plugin/printers/check-lines.ts'

const results = runChecks(
  [
    { name: 'dns', look: () => fine('it is 192.0.2.1') },
    { name: 'nothing', look: () => undefined },
    { name: 'issuer', look: () => wrong('it is not there', 'a \u001B[31mred one', 'apply it') },
    { name: 'quota', look: () => unknown('not yours to read') },
  ],
  {},
)

test('checks are lines: what is wrong has its evidence and what to do under it', () => {
  assert.deepEqual(checkLines(results, { interactive: false }), [
    'ok     dns     it is 192.0.2.1',
    'WRONG  issuer  it is not there',
    '               a ?[31mred one',
    '               -> apply it',
    '?      quota   not yours to read',
  ])
})

test('on a terminal in colours', () => {
  assert.deepEqual(checkLines(results.slice(0, 1), { interactive: true }), [
    '\u001B[32mok\u001B[0m     dns  it is 192.0.2.1',
  ])
})

test('only what is wrong makes the exit code 1', () => {
  assert.equal(exitCodeOf(results), 1)
  assert.equal(exitCodeOf(results.filter(({ result }) => result !== 'wrong')), 0)
})
