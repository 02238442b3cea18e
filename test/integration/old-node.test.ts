import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import { bundle } from '../../deploy/build/bundle.ts'

/** A Node.js of the system that is too old, if there is one. */
const OLD = ['/usr/bin/node', '/usr/local/bin/node'].find((path) => {
  try {
    const version = execFileSync(path, ['--version'], { encoding: 'utf8' })
    return Number(/^v(\d+)/.exec(version)?.[1]) < 22
  } catch {
    return false
  }
})

suite('under an old Node.js', { skip: OLD === undefined && 'there is none here' }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'tlsauto-old-node-'))
  after(() => rmSync(folder, { recursive: true }))

  for (const [program, code] of [
    ['server', 1],
    ['plugin', 2],
  ] as const) {
    test(`the ${program} says which one it needs, and nothing else`, async () => {
      const outfile = join(folder, `${program}.mjs`)
      await bundle(program, { outfile, firstLine: '#!/usr/bin/env node' })
      const ended = spawnSync(OLD ?? '', [outfile, 'version'], { encoding: 'utf8' })
      assert.equal(ended.status, code)
      assert.equal(ended.stdout, '')
      assert.match(
        ended.stderr,
        /^(kubectl-)?tlsauto needs Node\.js 22\.19\.0 or newer; this is [\d.]+\n$/,
      )
    })
  }
})
