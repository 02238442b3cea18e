import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { createFaults } from '../../../webhook/runtime/faults.ts'
import { createMetrics } from '../../../webhook/runtime/metrics.ts'

const RUNTIME = join(import.meta.dirname, '..', '..', '..', 'webhook', 'runtime')

test('a fault is counted each time, and logged once for each object', async () => {
  const logged: unknown[] = []
  const metrics = createMetrics('1.2.3')
  const logger = { error: (line: unknown) => void logged.push(line) }
  const onFault = createFaults({ logger, metrics })
  for (const about of ['Certificate team/a', 'Certificate team/a', 'Certificate team/b']) {
    onFault('parse', about, new Error('no'))
  }
  assert.equal(logged.length, 2)
  assert.match(
    await metrics.registry.getSingleMetricAsString('tlsauto_faults_total'),
    /^tlsauto_faults_total\{stop="parse"\} 3$/m,
  )
})

for (const [name, fault] of [
  ['throws in a timer', "setTimeout(() => { throw new Error('x') })"],
  ['rejects what nobody waits for', "void Promise.reject(new Error('x'))"],
  ['throws no error', 'setTimeout(() => { throw undefined })'],
  ['throws in a listener', "process.nextTick(() => process.emit('message'))"],
] as const) {
  test(`the process goes on after a task that ${name}`, { timeout: 30_000 }, async () => {
    const program = `
      const { createFaults, survive } = await import(${JSON.stringify(join(RUNTIME, 'faults.ts'))})
      const logger = { error: () => console.log('logged') }
      const metrics = { faults: { inc: ({ stop }) => console.log('counted', stop) } }
      process.on('uncaughtException', survive(createFaults({ logger, metrics })))
      process.on('message', () => { throw new Error('x') })
      ${fault}
      setTimeout(() => { console.log('alive'); process.exit(0) }, 50)`
    const args = ['--input-type=module', '--eval', program]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
    const ended = once(child, 'exit')
    const printed = await text(child.stdout)
    assert.deepEqual(await ended, [0, null])
    assert.deepEqual(printed.trim().split('\n'), ['counted process', 'logged', 'alive'])
  })
}
