import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { chainOf, type Around } from '../../../plugin/describe/chain.ts'
import type { TreeNode } from '../../../plugin/describe/chain-tree.ts'
import { describe, type Description } from '../../../plugin/describe/describe.ts'
import type { Gathered } from '../../../plugin/gather/snapshot.ts'
import { treeLines } from '../../../plugin/printers/tree.ts'
import { report } from '../../../plugin/status/report.ts'
import { NOTHING_GATHERED } from '../../fixtures/gathered.ts'
import { condition } from '../../fixtures/certificates.ts'
import { DESCRIBE_CASES, issuer, type DescribeCase } from '../../fixtures/describe-cases.ts'
import { cluster, route } from '../../fixtures/routes.ts'

const NOW = new Date('2026-03-01T12:30:00Z')
const GOLDEN = join(import.meta.dirname, '..', '..', 'golden', 'describe.txt')
const FILE = { interactive: false, columns: Infinity }

const NOTHING: Gathered = {
  ...NOTHING_GATHERED,
  routes: [route()],
  installedAt: '2026-01-01T00:00:00Z',
}

const HEALTHY: Around = {
  issuer: { kind: 'found', issuer: issuer(condition('Ready', 'True')) },
  solvers: [],
  events: [],
  hidden: [],
}

test('every chain is described with its cause, and what to do', async () => {
  const blocks = DESCRIBE_CASES.map((one) => {
    const lines = treeLines(described(one), { now: NOW, terminal: FILE })
    return `# ${one.name}\n${lines.join('\n')}\n`
  })
  const text = blocks.join('\n')
  if (process.env['TLSAUTO_GOLDEN'] === 'write') await writeFile(GOLDEN, text)
  const hint = 'if it is meant: TLSAUTO_GOLDEN=write make unit, and read the difference'
  assert.equal(text, await readFile(GOLDEN, 'utf8'), hint)
})

test('one object at most is marked, and one is wherever something is wrong', () => {
  const marks = DESCRIBE_CASES.map((one) => {
    const { state, chain } = described(one)
    return [one.name, ['issued', 'pending'].includes(state) ? 'maybe' : marked(chain).length]
  })
  assert.deepEqual(
    marks.filter(([, count]) => count !== 'maybe' && count !== 1),
    [],
  )
})

test('an issuer that is not ready does not take the blame for a challenge that failed', () => {
  const failed = DESCRIBE_CASES.find(({ name }) => name.startsWith('failed by its challenge'))
  assert.ok(failed)
  const broken = { ...HEALTHY, issuer: { kind: 'missing' } } as const
  const { cause, chain } = described({ ...failed, around: broken })
  assert.equal(cause, 'DnsNoRecord')
  assert.deepEqual(
    marked(chain).map(({ kind }) => kind),
    ['Challenge'],
  )
})

test('on a terminal the marked line is coloured, and no line but the sentences is too wide', () => {
  const failed = DESCRIBE_CASES.find(({ name }) => name.startsWith('failed by its challenge'))
  assert.ok(failed)
  const lines = treeLines(described(failed), {
    now: NOW,
    terminal: { interactive: true, columns: 120 },
  })
  assert.equal(lines[0], 'shop.example.com is \u001B[31mfailed\u001B[0m')
  const mark = lines.find((line) => line.includes('Challenge/')) ?? ''
  assert.ok(
    mark.endsWith('\u001B[31m<-- the cause: invalid, HTTP-01 for shop.example.com\u001B[0m'),
  )
  // oxlint-disable-next-line no-control-regex -- the escapes are what is taken away
  const plain = lines.map((line) => line.replaceAll(/\u001B\[\d+m/g, ''))
  assert.deepEqual(
    plain.filter((line) => line.length > 120 && !/^ {2}(Cause|What)/.test(line)),
    [],
  )
})

test('what comes next of a rate limit: nothing before its end, and then whatever is asked for', () => {
  const limited = DESCRIBE_CASES.find(({ name }) => name === 'failed by the order: rate-limited')
  assert.ok(limited)
  const nextAt = (time: string): string | null => described(limited, new Date(time)).whatNext
  assert.equal(nextAt('2026-03-02T09:29:59Z'), 'no try before 2026-03-02T09:30:00Z can succeed')
  assert.equal(
    nextAt('2026-03-02T09:30:00Z'),
    'the limit has ended: kubectl tlsauto recreate shop.example.com tries again now',
  )
})

function described({ gathered, around }: DescribeCase, now = NOW): Description {
  const all = { ...NOTHING, ...gathered }
  const [item] = report(all, { cluster, now, claims: undefined })
  assert.ok(item)
  return describe(chainOf(item, all), { ...HEALTHY, ...around }, now)
}

function marked(node: TreeNode): readonly TreeNode[] {
  return [...(node.isCause ? [node] : []), ...node.children.flatMap(marked)]
}
