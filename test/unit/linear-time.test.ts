import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { lengthsTo, slowOn } from '../fixtures/growth.ts'
import { pumps } from '../fixtures/pumped-texts.ts'
import { NO_TEXT_PARSERS, TEXT_PARSERS } from '../fixtures/text-parsers.ts'

const ROOT = join(import.meta.dirname, '..', '..')

/** With TLSAUTO_LINEAR=1 every text grows to what the API server takes of an object's annotations, which takes
 * minutes; else only those that are made for a parser's own grammar grow to 16 KiB. */
const isThorough = process.env['TLSAUTO_LINEAR'] !== undefined
const LONGEST = isThorough ? 2 ** 18 : 2 ** 14
const SHORT = lengthsTo(2 ** 12, 8)

suite('twice the text takes at most 2.5 times the time', () => {
  for (const { of, name = of.join(', '), read, units = [] } of TEXT_PARSERS) {
    test(name, () => {
      const all = pumps(units)
      const own = all.filter(({ unit }) => units.includes(unit))
      const slow = slowOn(read, all, SHORT) ?? slowOn(read, isThorough ? all : own, [LONGEST])
      assert.equal(slow, undefined)
    })
  }
})

test('every exported parser is in the table, or is said to read no stranger’s text', () => {
  const known = new Set([...TEXT_PARSERS.flatMap(({ of }) => of), ...Object.keys(NO_TEXT_PARSERS)])
  assert.deepEqual(
    ['shared', 'webhook', 'plugin'].flatMap(parsersIn).filter((name) => !known.has(name)),
    [],
    'add it to TEXT_PARSERS in test/fixtures/text-parsers.ts, or to NO_TEXT_PARSERS with the reason',
  )
})

const PARSER = /^export (?:async )?function ((?:parse|read)[A-Z]\w*)/gm

function parsersIn(folder: string): readonly string[] {
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
  const sources = files.filter((name) => name.endsWith('.ts') && !/^build[/.-]/.test(name))
  return sources.flatMap((name) => {
    const text = readFileSync(join(ROOT, folder, name), 'utf8')
    return Array.from(text.matchAll(PARSER), ([, parser = '']) => parser)
  })
}
