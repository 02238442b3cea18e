import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../stack/build-all.ts'
import { until } from '../stack/until.ts'

export type Ended = {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs programs with a mark in their environment, which all that they start inherits, and with a
 * folder of their own for what is temporary: so that a test can tell whether anything is left. */
export type MarkedRun = {
  /** Runs to the end. What was printed so far is told with each piece. */
  run(command: readonly string[], options?: RunOptions): Promise<Ended>
  /** Fails when a marked process or a temporary file is there after a short while. */
  assertNothingLeft(): Promise<void>
}

export type RunOptions = {
  readonly env?: Readonly<Record<string, string>>
  readonly onOutput?: (stdout: string, child: ChildProcess) => void
}

const PATIENCE_MS = 5000

/** A run with a mark and a folder of its own. */
export async function createMarkedRun(): Promise<MarkedRun> {
  const mark = crypto.randomUUID()
  const folder = await mkdtemp(join(tmpdir(), 'tlsauto-test-'))
  return {
    run: async ([program = '', ...args], { env = {}, onOutput } = {}) => {
      const child = spawn(program, args, {
        cwd: ROOT,
        env: { ...process.env, TMPDIR: folder, TLSAUTO_TEST_MARK: mark, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const output = { stdout: '', stderr: '' }
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output.stdout += text
        onOutput?.(output.stdout, child)
      })
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        output.stderr += text
      })
      await once(child, 'close')
      return { code: child.exitCode, ...output }
    },
    assertNothingLeft: async () => {
      const what = 'all marked processes to end'
      await until(what, async () => isGone(mark), PATIENCE_MS)
      assert.deepEqual(await readdir(folder), [])
      await rm(folder, { recursive: true })
    },
  }
}

/** Whether no process has the mark in its environment; `until` waits for true. */
async function isGone(mark: string): Promise<true | undefined> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const environments = await Promise.all(
    // A process may end meanwhile.
    pids.map(async (pid) => readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')),
  )
  return environments.some((text) => text.includes(mark)) ? undefined : true
}
