import { existsSync } from 'node:fs'
import { cp, mkdir, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { withLock } from './build-lock.ts'
import { moduleFolder } from './cache.ts'
import { durationText } from './duration.ts'
import { runGo, type Environment } from './go-command.ts'
import { tailOf } from './log-tail.ts'
import type { Part } from './parts.ts'

export type PartBuild = {
  readonly part: Part
  /** Its folder in the cache: there once it is complete, and never changed after that. */
  readonly folder: string
  readonly env: Environment
  readonly report: (line: string) => void
  readonly signal?: AbortSignal | undefined
}

/** Builds a part into its folder, unless another process does so first. */
export async function buildPart(build: PartBuild): Promise<void> {
  const { part, folder, report, signal } = build
  const onWait = (): void => report(`${part.name}: waiting for another process that builds it`)
  await withLock(folder, { onWait, signal }, async () => {
    if (existsSync(folder)) return
    report(`${part.name}: building, about ${durationText(part.expected)}`)
    const started = Date.now()
    const unfinished = `${folder}.unfinished`
    await rm(unfinished, { recursive: true, force: true })
    await mkdir(unfinished, { recursive: true })
    await fill(unfinished, build)
    await rename(unfinished, folder)
    report(`${part.name}: built in ${durationText((Date.now() - started) / 1000)}`)
  })
}

async function fill(target: string, build: PartBuild): Promise<void> {
  const { part, folder } = build
  const path = join(dirname(folder), `${basename(folder)}.log`)
  const log = await open(path, 'w')
  try {
    const go = async (...args: readonly string[]): Promise<string> => {
      const result = await runGo({ ...build, args, folder: moduleFolder(part), log: log.fd })
      if (result.code === 0) return result.stdout.trim()
      const lines = await tailOf(path)
      const command = `go ${args[0] ?? ''}`
      throw new Error(`${part.name} did not build (${command}); all of it is in ${path}:\n${lines}`)
    }
    const ldflags = `-s -w ${part.linkerFlags}`.trim()
    await go('build', '-trimpath', '-ldflags', ldflags, '-o', `${target}/`, ...part.programs)
    for (const copy of part.copies) {
      const source = await go('list', '-m', '-f', '{{.Dir}}', copy.module)
      await mkdir(dirname(join(target, copy.as)), { recursive: true })
      await cp(join(source, copy.path), join(target, copy.as), { recursive: true })
    }
  } finally {
    await log.close()
  }
}
