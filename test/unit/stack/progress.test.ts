import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createProgress } from '../../stack/progress.ts'

test('in a pipe progress is plain lines', () => {
  assert.equal(output({ isTTY: false, env: {} }), 'one\ntwo\n')
})

test('on a terminal each line ticks until the next one, dim', (t) => {
  t.mock.timers.enable({ apis: ['setInterval', 'Date'] })
  const text = output({ isTTY: true, env: {}, between: () => t.mock.timers.tick(1000) })
  assert.equal(
    text.replaceAll('\u001B', 'ESC'),
    'one\rESC[KoneESC[2m  1 sESC[22m\rESC[Kone\ntwo\rESC[Ktwo\n',
  )
})

test('NO_COLOR leaves the colour out', (t) => {
  t.mock.timers.enable({ apis: ['setInterval', 'Date'] })
  const env = { NO_COLOR: '1' }
  const text = output({ isTTY: true, env, between: () => t.mock.timers.tick(1000) })
  assert.equal(text.replaceAll('\u001B', 'ESC'), 'one\rESC[Kone  1 s\rESC[Kone\ntwo\rESC[Ktwo\n')
})

function output(input: {
  readonly isTTY: boolean
  readonly env: Readonly<Record<string, string>>
  readonly between?: () => void
}): string {
  let text = ''
  const write = (chunk: Uint8Array | string): boolean => {
    text += String(chunk)
    return true
  }
  const progress = createProgress({ isTTY: input.isTTY, write }, input.env)
  progress.report('one')
  input.between?.()
  progress.report('two')
  progress.close()
  return text
}
