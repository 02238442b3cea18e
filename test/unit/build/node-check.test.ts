import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { suite, test } from 'node:test'
import packageJson from '../../../package.json' with { type: 'json' }
import { nodeCheck } from '../../../deploy/build/node-check.ts'

const ABOUT = { name: 'tlsauto', exitCode: 1 }

/** What a check does under the Node.js that runs this test, which needs another one. */
function checked(range: string) {
  const text = `${nodeCheck(ABOUT, range)}; console.log('runs')`
  const args = ['--input-type=module', '--eval', text]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  return { status, stdout, stderr }
}

function because(least: string) {
  const stderr = `tlsauto needs Node.js ${least} or newer; this is ${process.versions.node}\n`
  return { status: 1, stdout: '', stderr }
}

suite('the version of Node.js', () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const runs = { status: 0, stdout: 'runs\n', stderr: '' }

  test('that is new enough runs the program', () => {
    assert.deepEqual(checked(`>=${major}.${minor}.0`), runs)
    assert.deepEqual(checked(`>=${major - 1}.${minor + 1}.0`), runs)
  })

  test('that is too old is said in one line', () => {
    const [next, later] = [`${major}.${minor + 1}.0`, `${major + 1}.0.0`]
    assert.deepEqual(checked(`>=${next}`), because(next))
    assert.deepEqual(checked(`>=${later}`), because(later))
  })

  test('that package.json asks for is one that can be checked', () => {
    assert.match(nodeCheck(ABOUT, packageJson.engines.node), /needs Node\.js 22\.19\.0 or newer/)
    assert.throws(() => nodeCheck(ABOUT, '^22'), /engines\.node is \^22/)
  })
})
