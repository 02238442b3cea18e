import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { buildPart } from './build-part.ts'
import { cacheFolder, moduleFolder, partFolder } from './cache.ts'
import { requireDisk } from './disk-space.ts'
import { durationText } from './duration.ts'
import type { Environment } from './go-command.ts'
import { goToolchain } from './go-toolchain.ts'
import { PARTS, type Part } from './parts.ts'
import { createProgress } from './progress.ts'

/** Where the built programs and the CRDs are. */
export type Built = {
  /** A program's path by its name, such as `kubectl`. */
  readonly program: (name: string) => string
  /** Files and folders of manifests. */
  readonly crds: readonly string[]
}

export type BuildOptions = {
  readonly env: Environment
  /** Told each step in a line. */
  readonly report: (line: string) => void
  /** Module names, such as `traefik`; when absent all but those that are built on demand. */
  readonly only?: readonly string[]
  /** GiB of disk that must be free; what the missing parts take when absent. */
  readonly neededGib?: number
  /** Ends the build, and the compilers with it. */
  readonly signal?: AbortSignal
}

type Placed = { readonly part: Part; readonly folder: string }

/** Builds what the cache lacks, and says where everything is. Throws an Error that names what is
 * missing and what to do: Go, disk, or the compiler's last words. */
export async function ensureBuilt(options: BuildOptions): Promise<Built> {
  const cache = cacheFolder(options.env)
  const { version, folders } = await goToolchain(options.env, moduleFolder(PARTS[0]))
  const placed = await Promise.all(
    PARTS.map(async (part) => ({ part, folder: await partFolder(cache, part, version) })),
  )
  const missing = wanted(placed, options.only).filter(({ folder }) => !existsSync(folder))
  if (missing.length > 0) {
    await mkdir(cache, { recursive: true })
    const sum = missing.reduce((gib, { part }) => gib + part.gib, 0)
    await requireDisk([cache, ...folders], options.neededGib ?? Math.ceil(sum))
    await buildAll(missing, options)
  }
  return builtOf(placed)
}

function wanted(placed: readonly Placed[], only: BuildOptions['only']): readonly Placed[] {
  const known = placed.map(({ part }) => part.module)
  const unknown = only?.find((name) => !known.includes(name))
  if (unknown !== undefined) {
    throw new Error(`the stack has no part ${unknown}; it has ${known.join(', ')}`)
  }
  return placed.filter(({ part }) => only?.includes(part.module) ?? part.onDemand !== true)
}

async function buildAll(missing: readonly Placed[], options: BuildOptions): Promise<void> {
  const seconds = missing.reduce((sum, { part }) => sum + part.expected, 0)
  const names = missing.map(({ part }) => part.name).join(', ')
  options.report(`building ${names}: about ${durationText(seconds)}, once`)
  // One after the other: each compiles on all cores, and its downloads overlap with nothing worth it.
  for (const one of missing) await buildPart({ ...options, ...one })
}

function builtOf(placed: readonly Placed[]): Built {
  const places = new Map(
    placed.flatMap(({ part, folder }) =>
      part.programs.map(programName).map((name) => [name, join(folder, name)] as const),
    ),
  )
  return {
    program: (name) => {
      const path = places.get(name)
      if (path === undefined) throw new Error(`the stack builds no program ${name}`)
      return path
    },
    crds: placed.flatMap(({ part, folder }) => part.copies.map(({ as }) => join(folder, as))),
  }
}

/** As `go build` names it: a module's major version is no name. */
function programName(path: string): string {
  return basename(path.replace(/\/v[2-9]$/, ''))
}

if (import.meta.main) {
  const progress = createProgress(process.stdout, process.env)
  try {
    const only = process.argv.slice(2)
    const { env } = process
    await ensureBuilt({ env, report: progress.report, ...(only.length === 0 ? {} : { only }) })
    progress.report('the stack is built')
  } catch (error) {
    process.exitCode = 1
    progress.close()
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  }
  progress.close()
}
