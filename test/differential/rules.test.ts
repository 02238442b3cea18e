import assert from 'node:assert/strict'
import { test } from 'node:test'
import { httpMatchers, type Matchers, tcpMatchers } from '../../shared/traefik/matchers.ts'
import { ensureBuilt } from '../stack/build.ts'
import { spellingNames } from './calls.ts'
import { type Disagreement, disagreement, shrink } from './compare.ts'
import { Histogram } from './histogram.ts'
import { type Answer, Oracle } from './oracle.ts'
import { quotingNames } from './quoting.ts'
import { refusalKind, refusalKinds } from './refusals.ts'
import { type Generated, generateRules } from './rules.ts'

// `TLSAUTO_RULES=100000 TLSAUTO_SEED=7 node --test test/differential/rules.test.ts` for more.
const count = Number(process.env['TLSAUTO_RULES'] ?? 20_000)
const seed = Number(process.env['TLSAUTO_SEED'] ?? 1)
const batch = 1000

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

type Comparison = { readonly histogram: Histogram; readonly found: readonly Disagreement[] }

async function compareAll(rules: readonly Generated[], oracle: Oracle): Promise<Comparison> {
  const histogram = new Histogram()
  const found: Disagreement[] = []
  for (let start = 0; start < rules.length; start += batch) {
    const some = rules.slice(start, start + batch)
    for (const [index, answer] of (await oracle.ask(some)).entries()) {
      const rule = some[index]
      if (rule === undefined) continue
      tally(histogram, rule, answer)
      const difference = disagreement(rule, answer)
      if (difference !== undefined) found.push(difference)
    }
  }
  return { histogram, found }
}

function tally(histogram: Histogram, { marks }: Generated, { valid, error }: Answer): void {
  for (const mark of marks) histogram.add(mark)
  histogram.add(valid ? 'taken by Traefik' : 'refused by Traefik')
  if (!valid) histogram.add(`refusal: ${refusalKind(error) ?? `NEW KIND ${error.slice(0, 100)}`}`)
}

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
