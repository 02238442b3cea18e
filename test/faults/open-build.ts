import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { bundleServer } from './program.ts'
import { openStore, type Store } from './store.ts'

const FOLDER = join(import.meta.dirname, '..', '..', '.tlsauto', 'faults')
/** What only checks or tells what was seen: plans need not run again for it, mutants must. */
const CHECKERS: readonly string[] = ['checker.ts', 'mutants.ts', 'report.ts']

/** The program as it is now, and what is known of it. */
export async function openBuild(): Promise<{ readonly program: string; readonly store: Store }> {
  await mkdir(FOLDER, { recursive: true })
  const fresh = join(FOLDER, `server-${process.pid}.mjs`)
  const server = await bundleServer(fresh)
  // What was seen by another harness is not comparable either.
  const own = (await readdir(import.meta.dirname)).toSorted()
  const seers = own.filter((name) => !name.endsWith('.test.ts') && !CHECKERS.includes(name))
  const folder = join(FOLDER, await digestOf(server, seers))
  const store = await openStore(folder, join(folder, await digestOf(server, CHECKERS)))
  const program = join(store.folder, 'server.mjs')
  await rename(fresh, program)
  return { program, store }
}

async function digestOf(server: string, files: readonly string[]): Promise<string> {
  const digest = createHash('sha256').update(server)
  for (const name of files) digest.update(await readFile(join(import.meta.dirname, name)))
  return digest.digest('hex').slice(0, 12)
}
