import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { cacheFolder } from '../stack/cache.ts'
import { ENV_FILE } from '../stack/env-file.ts'
import { connectToSupervisor } from '../stack/supervisor-socket.ts'
import { until } from '../stack/until.ts'
import { createMarkedRun } from './marked-run.ts'

const UP = [process.execPath, 'test/stack/up.ts']
const DOWN = [process.execPath, 'test/stack/down.ts']

const running = await connectToSupervisor()
running?.destroy()
const skip = running === undefined ? false : 'a cluster is up in this work tree: make down'

test(
  'make up leaves a cluster on which what it prints works; make down ends it',
  { skip },
  async () => {
    const marked = await createMarkedRun()
    const up = await marked.run(UP)
    try {
      assert.equal(up.code, 0, up.stdout + up.stderr)
      const [source = '', apply = '', ...look] = usageOf(up.stdout)
      assert.equal(source, 'source .tlsauto/env')
      const applied = await marked.run(['bash', '-ec', `${source}; ${apply}`])
      assert.equal(applied.stdout, 'ingressroute.traefik.io/blog created\n')
      const script = [source, ...look].join('\n')
      const looked = await until('the page over HTTPS', async () => {
        const { code, stdout } = await marked.run(['bash', '-ec', script])
        return code === 0 ? stdout : undefined
      })
      assert.match(looked, /blog\.example\.com +issued/)
      assert.match(looked, /^Hello from tlsauto$/m)
      const again = await marked.run(UP)
      assert.equal(again.code, 0)
      assert.match(again.stdout, /already up/)
    } finally {
      const down = await marked.run(DOWN)
      assert.deepEqual(down, { code: 0, stdout: 'The cluster is down.\n', stderr: '' })
    }
    await marked.assertNothingLeft()
    assert.equal(existsSync(ENV_FILE), false)
    const again = await marked.run(DOWN)
    assert.deepEqual(again, { code: 0, stdout: 'Nothing is running.\n', stderr: '' })
  },
)

test('make up that fails says why, and leaves nothing', { skip }, async (t) => {
  const marked = await createMarkedRun()
  const cache = await cacheWithBrokenTraefik()
  t.after(async () => rm(cache, { recursive: true }))
  const { code, stderr } = await marked.run(UP, { env: { TLSAUTO_CACHE: cache } })
  assert.equal(code, 1)
  assert.match(stderr, /traefik ended \(exit code 3\).*\nno such luck/)
  assert.match(stderr, /\.tlsauto\/logs/)
  await marked.assertNothingLeft()
  assert.equal(existsSync(ENV_FILE), false)
})

/** The commands that `make up` printed. */
function usageOf(stdout: string): readonly string[] {
  const [, block = ''] = /\n\n((?: {2}.*\n)+)\n/.exec(stdout) ?? []
  return block
    .replaceAll('\\\n', '')
    .trimEnd()
    .split('\n')
    .map((line) => line.trim())
}

async function cacheWithBrokenTraefik(): Promise<string> {
  const from = cacheFolder(process.env)
  const to = await mkdtemp(join(tmpdir(), 'tlsauto-cache-'))
  const entries = await readdir(from, { withFileTypes: true })
  for (const folder of entries.filter((entry) => entry.isDirectory())) {
    await mkdir(join(to, folder.name))
    for (const file of await readdir(join(from, folder.name))) {
      if (file === 'traefik') continue
      await symlink(join(from, folder.name, file), join(to, folder.name, file))
    }
    if (!folder.name.startsWith('traefik-')) continue
    const program = join(to, folder.name, 'traefik')
    await writeFile(program, '#!/bin/sh\necho no such luck\nexit 3\n')
    await chmod(program, 0o755)
  }
  return to
}
