import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { suite, test } from 'node:test'
import { confirmer } from '../../../plugin/command-line/confirm.ts'

const ANSWERS: readonly (readonly [typed: string, want: boolean])[] = [
  ['y\n', true],
  ['yes\n', true],
  [' YES \n', true],
  ['n\n', false],
  ['\n', false],
  ['yesterday\n', false],
]

suite('a question on a terminal', () => {
  for (const [typed, want] of ANSWERS) {
    test(`that is answered with ${JSON.stringify(typed)}`, async () => {
      const { streams, said } = terminal()
      const answer = confirmer(streams)?.('Go on?')
      streams.stdin.write(typed)
      assert.equal(await answer, want)
      assert.ok(said().includes('Go on? [y/N] '))
    })
  }

  test('whose terminal goes away is a no', async () => {
    const { streams } = terminal()
    const answer = confirmer(streams)?.('Go on?')
    streams.stdin.end()
    assert.equal(await answer, false)
  })

  test('is not asked where there is nobody to read or answer it', () => {
    const { streams } = terminal()
    assert.equal(confirmer({ ...streams, stdin: new PassThrough() }), undefined)
    assert.equal(confirmer({ ...streams, stderr: new PassThrough() }), undefined)
  })
})

function terminal() {
  const stdin = Object.assign(new PassThrough(), { isTTY: true })
  const stderr = Object.assign(new PassThrough(), { isTTY: true })
  return { streams: { stdin, stderr }, said: () => String(stderr.read() ?? '') }
}
