import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Baseline } from './baseline.ts'
import type { Fate } from './run-mutants.ts'
import type { Result } from './run-plans.ts'

/** What is known of one build of the program: kept in a folder of its own, so that a run goes on where
 * it stopped, and starts again for another program. */
export type Store = {
  readonly folder: string
  readonly baselines: () => Promise<Readonly<Record<string, Baseline>>>
  putBaselines(baselines: Readonly<Record<string, Baseline>>): Promise<void>
  results(): Promise<readonly Result[]>
  put(result: Result): Promise<void>
  fates(): Promise<readonly Fate[]>
  putFate(fate: Fate): Promise<void>
}

/** The store in a folder, with the mutants' fates in another: both are made. */
export async function openStore(folder: string, mutants: string): Promise<Store> {
  const results = join(folder, 'plans')
  for (const one of [results, mutants]) await mkdir(one, { recursive: true })
  const baselines = join(folder, 'baselines.json')
  return {
    folder,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own file
    baselines: async () => (await read(baselines)) as Readonly<Record<string, Baseline>>,
    putBaselines: async (all) => write(baselines, all),
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own files
    results: async () => (await readAll(results)) as readonly Result[],
    put: async (result) => write(join(results, fileOf(result.plan)), result),
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own files
    fates: async () => (await readAll(mutants)) as readonly Fate[],
    putFate: async (fate) => write(join(mutants, fileOf(fate.name)), fate),
  }
}

function fileOf(name: string): string {
  return `${name.replace('/', '--').replaceAll(' ', '-')}.json`
}

async function readAll(folder: string): Promise<readonly unknown[]> {
  const names = await readdir(folder)
  return Promise.all(names.map(async (name) => read(join(folder, name))))
}

async function read(path: string): Promise<unknown> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'))
    return value
  } catch {
    // Nothing is known yet.
    return {}
  }
}

async function write(path: string, value: unknown): Promise<void> {
  await writeFile(path, `${JSON.stringify(value, undefined, 2)}\n`)
}
