import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { test } from 'node:test'
import { withLock } from '../../stack/build-lock.ts'

test('of two that work on one path the second waits, and says so', async () => {
  const path = `${import.meta.filename}/both`
  const said: string[] = []
  const gate = Promise.withResolvers<void>()
  const first = withLock(path, { onWait: () => said.push('first waits') }, async () => {
    await gate.promise
    said.push('first works')
  })
  const waits = Promise.withResolvers<void>()
  const onWait = (): void => {
    said.push('second waits')
    waits.resolve()
  }
  const second = withLock(path, { onWait }, async () => said.push('second works'))
  await waits.promise
  gate.resolve()
  await Promise.all([first, second])
  assert.deepEqual(said, ['second waits', 'first works', 'second works'])
})

test('work that fails gives its lock back', async () => {
  const path = `${import.meta.filename}/failed`
  let waits = 0
  const onWait = (): void => {
    waits += 1
  }
  const failed = withLock(path, { onWait }, async () => Promise.reject(new Error('no')))
  await assert.rejects(failed, { message: 'no' })
  assert.equal(await withLock(path, { onWait }, async () => turn('done')), 'done')
  assert.equal(waits, 0)
})

test('who waits can give up', async () => {
  const path = `${import.meta.filename}/given-up`
  const gate = Promise.withResolvers<void>()
  const first = withLock(path, { onWait: () => undefined }, async () => gate.promise)
  const patience = new AbortController()
  const waiting = withLock(path, { onWait: () => patience.abort(), signal: patience.signal }, turn)
  await assert.rejects(waiting, { name: 'AbortError' })
  gate.resolve()
  await first
})
