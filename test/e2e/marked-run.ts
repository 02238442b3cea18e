import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { ROOT } from '../stack/build-all.ts'
import { until } from '../stack/until.ts'

export type Ended = {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs programs with a mark in their environment, which all that they start inherits: so that a test
 * can tell whether anything of it is left. */
export type MarkedRun = {
  /** Runs to the end. */
  run(command: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>
  /** Runs; what it printed so far is told with each piece. */
  start(command: readonly string[], onOutput: (stdout: string) => void): ChildProcess
  /** Throws when a marked process outlives the deadline. */
  untilNothingRuns(): Promise<void>
}

/** A run with a mark of its own. */
export function createMarkedRun(): MarkedRun {
  const mark = `TLSAUTO_TEST_MARK=${crypto.randomUUID()}`
  const begin = (
    [program = '', ...args]: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): ChildProcess =>
    spawn(program, args, {
      cwd: ROOT,
      env: { ...process.env, ...env, TLSAUTO_TEST_MARK: mark.split('=')[1] },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  return {
    run: async (command, env) => {
      const child = begin(command, env)
      const output = { stdout: '', stderr: '' }
      for (const name of ['stdout', 'stderr'] as const) {
        child[name]?.setEncoding('utf8').on('data', (text: string) => {
          output[name] += text
        })
      }
      await once(child, 'close')
      return { code: child.exitCode, ...output }
    },
    start: (command, onOutput) => {
      const child = begin(command)
      let stdout = ''
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        stdout += text
        onOutput(stdout)
      })
      return child
    },
    untilNothingRuns: async () => {
      await until(
        'all marked processes to end',
        async () => ((await processesWith(mark)).length === 0 ? true : undefined),
        5000,
      )
    },
  }
}

async function processesWith(mark: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const environments = await Promise.all(
    // A process may end meanwhile.
    pids.map(async (pid) => readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')),
  )
  return pids.filter((_, index) => environments[index]?.split('\0').includes(mark) === true)
}
