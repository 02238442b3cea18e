import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { ROOT } from '../../../deploy/build/bundle.ts'
import { renderedManifests } from '../../../deploy/build/manifests.ts'

test('the manifests in deploy are what their sources in deploy/manifests say', async () => {
  for (const [file, text] of await renderedManifests()) {
    const stored = await readFile(join(ROOT, file), 'utf8').catch(() => '')
    assert.ok(stored === text, `${file} is not what its sources say: run make manifests`)
  }
})
