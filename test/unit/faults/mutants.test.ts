import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { parsePlan } from '../../faults/fault.ts'
import { JOURNEYS } from '../../faults/journeys.ts'
import { MUTANTS } from '../../faults/mutants.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')

for (const { name, file, find, plans } of MUTANTS) {
  test(`the mutant in which ${name} still has its place in the program`, async () => {
    const text = await readFile(join(ROOT, file), 'utf8')
    assert.equal(text.split(find).length, 2, `${file} must have this once: ${find}`)
    for (const plan of plans) assert.ok(JOURNEYS[parsePlan(plan).journey], plan)
  })
}
