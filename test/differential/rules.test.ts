import assert from 'node:assert/strict'
import { test } from 'node:test'
import { httpMatchers, type Matchers, tcpMatchers } from '../../shared/traefik/matchers.ts'
import { ensureBuilt } from '../stack/build.ts'
import { spellingNames } from './calls.ts'
import { compareAll } from './compare-all.ts'
import { type Disagreement, shrink } from './compare.ts'
import type { Histogram } from './histogram.ts'
import { Oracle } from './oracle.ts'
import { quotingNames } from './quoting.ts'
import { refusalKinds } from './refusals.ts'
import { generateRules } from './rules.ts'

// `TLSAUTO_RULES=100000 TLSAUTO_SEED=7 node --test test/differential/rules.test.ts` for more.
const count = Number(process.env['TLSAUTO_RULES'] ?? 20_000)
const seed = Number(process.env['TLSAUTO_SEED'] ?? 1)

test(`we and Traefik agree on ${count} rules of seed ${seed}`, async (t) => {
  const { program } = await ensureBuilt({ env: process.env, report: (line) => t.diagnostic(line) })
  const oracle = new Oracle(program('oracle'))
  try {
    const { histogram, found } = await compareAll(generateRules(count, seed), oracle)
    for (const line of histogram.lines()) t.diagnostic(line)
    await t.test('no rule is read differently', async () => {
      const [first] = found
      assert.equal(first && describe(await shrink(first, oracle), found.length), undefined)
    })
    await t.test('every kind of rule has been tried', () => {
      assert.deepEqual(seldom(histogram), [])
      assert.ok(histogram.count('refused by Traefik') >= 0.3 * count)
    })
  } finally {
    oracle.close()
  }
})

// A hundred of each at 100,000 rules, and nothing that refusals.ts has no name for.
function seldom(histogram: Histogram): readonly string[] {
  const wanted = [
    ...refusalKinds.map((kind) => `refusal: ${kind}`),
    ...spellingNames.map((name) => `spelling ${name}`),
    ...quotingNames.map((name) => `quoting ${name}`),
    ...matcherMarks('http v3', httpMatchers.v3),
    ...matcherMarks('http v2', httpMatchers.v2),
    ...matcherMarks('tcp v3', tcpMatchers.v3),
    ...matcherMarks('tcp v2', tcpMatchers.v2),
  ]
  const rare = wanted.filter((name) => histogram.count(name) < count / 1000)
  return [...rare, ...histogram.lines().filter((line) => line.includes('NEW KIND'))]
}

function matcherMarks(where: string, matchers: Matchers): readonly string[] {
  return [...new Set(Array.from(matchers.values(), ({ name }) => `matcher ${where} ${name}`))]
}

function describe({ question, ours, theirs }: Disagreement, all: number): string {
  const { rule, syntax, kind } = question
  return [
    `${all} of ${count} rules of seed ${seed} are read differently; the first, made short:`,
    `rule:    ${JSON.stringify(rule)} (${kind}, syntax ${JSON.stringify(syntax)})`,
    `ours:    ${ours}`,
    `Traefik: ${theirs}`,
  ].join('\n')
}
