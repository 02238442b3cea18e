import { readFile } from 'node:fs/promises'
import { delimiter } from 'node:path'
import { text } from 'node:stream/consumers'
import packageJson from '../package.json' with { type: 'json' }
import { clockFrom } from './command-line/clock.ts'
import { parseCommandLine } from './command-line/command-line.ts'
import { confirmer } from './command-line/confirm.ts'
import { errorLines } from './command-line/error-lines.ts'
import { createTerminal } from './command-line/terminal.ts'
import { COMMANDS } from './commands/commands.ts'

const { argv, env, stdin, stdout, stderr } = process
const terminal = createTerminal({ stdout, stderr, env })
const stop = new AbortController()
// Who reads has seen enough: `| head` ends a table early.
stdout.on('error', () => process.exit(0))

try {
  const { version } = packageJson
  const now = clockFrom(env['TLSAUTO_NOW'], Date.now)
  const { follows, run } = await parseCommandLine(argv.slice(2), {
    commands: COMMANDS,
    version,
    env,
    columns: terminal.columns,
  })
  // What follows ends by itself when asked to; all else may be cut off at once.
  if (follows) {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  }
  process.exitCode = await run({
    terminal,
    now,
    readFile: async (name) => (name === '-' ? text(stdin) : readFile(name, 'utf8')),
    signal: stop.signal,
    confirm: confirmer({ stdin, stderr }),
    path: (env['PATH'] ?? '').split(delimiter).filter(Boolean),
    shell: env['SHELL'] ?? '',
    env,
    kubeconfigs: (env['KUBECONFIG'] ?? '').split(delimiter).filter(Boolean),
  })
} catch (error) {
  const debug = argv.includes('--debug')
  for (const line of errorLines(error, { debug })) terminal.error(`${line}\n`)
  process.exitCode = 2
}
