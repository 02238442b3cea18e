import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'

const LOGGER = join(import.meta.dirname, '..', '..', '..', 'webhook', 'runtime', 'logger.ts')

type Row = {
  readonly name: string
  /** What the process does after it has logged. */
  readonly next: string
  readonly code: number
  /** Lines are `{"level":"info","time":"…","n":1}`. */
  readonly lines?: number
}

const ENDS: readonly Row[] = [
  { name: 'has nothing more to do', next: '', code: 0 },
  { name: 'calls process.exit', next: 'process.exit(3)', code: 3 },
  { name: 'throws what nobody catches', next: "throw new Error('x')", code: 1 },
  { name: 'rejects what nobody catches', next: "await Promise.reject(new Error('x'))", code: 1 },
  {
    name: 'waits for what it logged',
    next: 'logger.flush(() => { process.reallyExit(4) })',
    code: 4,
  },
  { name: 'logs more than is gathered', next: 'process.exit(0)', code: 0, lines: 3000 },
]

for (const { name, next, code, lines = 3 } of ENDS) {
  test(`no line is lost of a process that ${name}`, { timeout: 30_000 }, async () => {
    const program = `
      const { createLogger } = await import(${JSON.stringify(LOGGER)})
      const { logger, flushSync } = createLogger('info')
      process.once('exit', flushSync)
      for (let n = 1; n <= ${lines}; n++) logger.info({ n })
      ${next}`
    const args = ['--input-type=module', '--eval', program]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
    const ended = once(child, 'exit')
    const printed = (await text(child.stdout)).trimEnd().split('\n')
    assert.deepEqual(await ended, [code, null])
    assert.deepEqual(
      printed.map((line) => /"n":(\d+)\}$/.exec(line)?.[1]),
      Array.from({ length: lines }, (_, index) => String(index + 1)),
    )
  })
}
