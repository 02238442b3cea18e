import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startGuard } from '../../stack/guard.ts'

test('a guard ends what it watches, not what it was told to forget, and removes the folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tlsauto-guard-'))
  const guard = startGuard({ signal: 'KILL', folder })
  const [first, forgotten, last] = [sleeper(), sleeper(), sleeper()]
  for (const child of [first, forgotten, last]) guard.watch(child.pid ?? 0)
  guard.forget(forgotten.pid ?? 0)
  const ended = Promise.all([once(first, 'exit'), once(last, 'exit')])
  await guard.close()
  assert.deepEqual(await ended, [
    [null, 'SIGKILL'],
    [null, 'SIGKILL'],
  ])
  assert.equal(existsSync(folder), false)
  assert.equal(forgotten.exitCode ?? forgotten.signalCode, null)
  forgotten.kill()
  await once(forgotten, 'exit')
})

function sleeper(): ChildProcess {
  return spawn('sleep', ['60'], { detached: true, stdio: 'ignore' })
}
