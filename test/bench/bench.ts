import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tableLines } from '../../plugin/printers/table.ts'
import type { Measure } from './measure.ts'

const FOLDER = join(import.meta.dirname, '..', '..', '.tlsauto')

/** Each part of the benchmark, imported when it runs. */
const PARTS: Readonly<Record<string, () => Promise<readonly Measure[]>>> = {
  rules: async () => (await import('./rules.ts')).benchRules(),
  differential: async () => (await import('./differential.ts')).benchDifferential(),
  programs: async () => (await import('./programs.ts')).benchPrograms(),
  'event-loop': async () => (await import('./event-loop.ts')).benchEventLoop(),
  plugin: async () => (await import('./plugin.ts')).benchPlugin(),
  admission: async () => (await import('./admission.ts')).benchAdmission(),
  controller: async () => (await import('./controller.ts')).benchController(),
  latency: async () => (await import('./latency.ts')).benchLatency(),
}

/** Runs the parts (all, or the one that ONLY names), prints a table and writes bench.json. */
async function bench(only: string | undefined): Promise<void> {
  const parts = only === undefined ? Object.keys(PARTS) : [only]
  const measures: Measure[] = []
  for (const name of parts) {
    const part = PARTS[name]
    if (part === undefined)
      throw new Error(`ONLY=${name}: there are ${Object.keys(PARTS).join(', ')}`)
    measures.push(...(await part()))
  }
  await mkdir(FOLDER, { recursive: true })
  await writeFile(join(FOLDER, 'bench.json'), `${JSON.stringify(measures, undefined, 2)}\n`)
  const rows = measures.map((measure) => cells(measure).map((text) => ({ text })))
  const heads = ['MEASURE', 'VALUE', 'BASELINE', 'GOAL', 'HOLDS']
  const plain = { interactive: false, columns: 200 }
  process.stdout.write(`${tableLines({ heads, rows }, plain).join('\n')}\n`)
}

function cells({ name, value, unit, baseline, goal, holds }: Measure): readonly string[] {
  const figure = (number: number | null): string =>
    number === null ? '-' : `${Number(number.toPrecision(3))} ${unit}`
  return [name, figure(value), figure(baseline), figure(goal), holds ? 'yes' : 'no']
}

try {
  await bench(process.env['ONLY'])
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
