import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { lengthsTo, slowOn } from '../fixtures/growth.ts'
import { pumpsFor } from '../fixtures/pumped-texts.ts'

const ROOT = join(import.meta.dirname, '..', '..')

/** Backtracking shows at 4 KiB already; in small steps, since exponential time goes from nothing to hours
 * within twice the text. */
const LENGTHS = lengthsTo(2 ** 12, 1.4)

/** A regular expression as it stands in a source: not after a word or a bracket, where `/` divides. */
const LITERAL =
  /(?<=^|[=(,:[!&|?{};>]\s*|\breturn\s+)\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[dgimsuvy]*(?=\s*(?:[.,;)\]}]|$))/gm

/** Files whose regular expressions read no stranger's text. */
const EXCEPTIONS: ReadonlyMap<string, string> = new Map([
  ['plugin/command-line/usage-words.ts', 'what yargs says of a command line goes to who typed it'],
])

suite('every regular expression of the two programs takes linear time', () => {
  for (const [path, literals] of literalsByFile()) {
    test(path, () => {
      const slow = literals.flatMap((literal) => slowness(literal) ?? [])
      assert.deepEqual(slow, [], 'write it such that each text has one way through it')
    })
  }
})

test('what backtracks is found', () => {
  const slow = ['/(a+)+b/', String.raw`/\s*\n\s*/g`, String.raw`/^(\d+\.?\d*x)+$/`, '/ +$/']
  assert.deepEqual(
    slow.filter((literal) => slowness(literal) === undefined),
    [],
  )
})

function slowness(literal: string): string | undefined {
  const end = literal.lastIndexOf('/')
  const pattern = new RegExp(literal.slice(1, end), literal.slice(end + 1))
  const slow = slowOn((text) => text.replace(pattern, ''), pumpsFor(pattern), LENGTHS)
  return slow === undefined ? undefined : `${literal} on ${slow}`
}

function literalsByFile(): ReadonlyMap<string, readonly string[]> {
  const files = ['shared', 'webhook', 'plugin'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !/^build[/.-]/.test(name))
      .map((name) => join(folder, name)),
  )
  const found = files.map((path) => {
    const text = readFileSync(join(ROOT, path), 'utf8')
    const code = text.replaceAll(/\/\*\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
    return [path, Array.from(code.matchAll(LITERAL), ([literal]) => literal)] as const
  })
  return new Map(found.filter(([path, literals]) => literals.length > 0 && !EXCEPTIONS.has(path)))
}
