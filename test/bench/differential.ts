import { compareAll } from '../differential/compare-all.ts'
import { Oracle } from '../differential/oracle.ts'
import { generateRules } from '../differential/rules.ts'
import { ensureBuilt } from '../stack/build.ts'
import type { Measure } from './measure.ts'

const SEEDS = 20
const RULES_A_SEED = 50_000

/** Rules of HTTP and TCP routes, in both syntaxes, that Traefik's own parser reads otherwise. */
export async function benchDifferential(): Promise<readonly Measure[]> {
  const { program } = await ensureBuilt({ env: process.env, report })
  const oracle = new Oracle(program('oracle'))
  let value = 0
  try {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const { found } = await compareAll(generateRules(RULES_A_SEED, seed), oracle)
      value += found.length
      report(`${seed * RULES_A_SEED} rules read, ${value} of them otherwise than by Traefik`)
    }
  } finally {
    oracle.close()
  }
  const name = `disagreements with Traefik about ${SEEDS * RULES_A_SEED} rules`
  return [{ name, value, unit: 'rules', baseline: 0, goal: 0, holds: value === 0 }]
}

function report(line: string): void {
  process.stderr.write(`${line}\n`)
}
