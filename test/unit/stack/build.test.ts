import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { ensureBuilt } from '../../stack/build.ts'

let folder: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tlsauto-build-'))
})

after(async () => {
  await rm(folder, { recursive: true })
})

test('without Go the error says what to install', async () => {
  await assert.rejects(build({}), {
    message:
      'Go is missing: install Go 1.26 or newer (https://go.dev/doc/install) and put it in PATH',
  })
})

test('an old Go is named with its version', async () => {
  await assert.rejects(build({ go: 'echo go1.21.5' }), {
    message:
      'go1.21.5 is too old: install Go 1.26 or newer (https://go.dev/doc/install) and put it in PATH',
  })
})

test('too small a disk is named with what is free and what to do', async () => {
  await assert.rejects(build({ go: 'echo go1.26.8', neededGib: 1e9 }), (error: Error) => {
    assert.match(
      error.message,
      /^the build needs about 1000000000 GiB of disk and \S+ has \d+\.\d: free some, or set TLSAUTO_CACHE, GOCACHE and GOMODCACHE to a larger disk$/,
    )
    return true
  })
})

test("a failed build gives the compiler's last words and the log", async () => {
  const go = 'if [ "$1" = env ]; then echo go1.26.8; else echo "undefined: main.x" >&2; exit 1; fi'
  await assert.rejects(build({ go, neededGib: 0 }), (error: Error) => {
    assert.match(
      error.message,
      /^Kubernetes did not build \(go build\); all of it is in \S+kubernetes-\w+\.log:\nundefined: main\.x$/,
    )
    return true
  })
})

/** Builds into a folder of this test, with a `go` of its own in PATH. */
async function build({
  go,
  neededGib,
}: {
  readonly go?: string
  readonly neededGib?: number
}): Promise<void> {
  const bin = await mkdtemp(join(folder, 'bin-'))
  if (go !== undefined) await writeFile(join(bin, 'go'), `#!/bin/sh\n${go}\n`, { mode: 0o700 })
  await ensureBuilt({
    env: { PATH: bin, TLSAUTO_CACHE: join(bin, 'cache') },
    report: () => undefined,
    ...(neededGib === undefined ? {} : { neededGib }),
  })
}
