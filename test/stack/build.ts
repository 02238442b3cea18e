import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, open, rename, rm, statfs } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { cacheFolder, moduleFolder, partFolder } from './cache.ts'
import { PARTS, type Part } from './parts.ts'
import { tailOf } from './log-tail.ts'

/** Where the built programs and the CRDs are. */
export type Built = {
  /** A program's path by its name, such as `kubectl`. */
  readonly program: (name: string) => string
  /** Files and folders of manifests. */
  readonly crds: readonly string[]
}

export type BuildOptions = {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Told each step in a line. */
  readonly report: (line: string) => void
  /** GiB of disk that must be free; what all parts take when absent. */
  readonly neededGib?: number
  readonly signal?: AbortSignal
}

const OLDEST_GO = 1.26
const GIB = 2 ** 30
const NEEDED_GIB = 8

/** Builds what the cache lacks, and says where everything is. Throws an Error that names what is
 * missing and what to do: Go, disk, or the compiler's last words. */
export async function ensureBuilt(options: BuildOptions): Promise<Built> {
  const cache = cacheFolder(options.env)
  const version = await goVersion(options)
  const folders = await Promise.all(PARTS.map((part) => partFolder(cache, part, version)))
  const missing = PARTS.flatMap((part, index) => {
    const folder = folders[index]
    return folder === undefined || existsSync(folder) ? [] : [{ part, folder }]
  })
  if (missing.length > 0) await buildAll(missing, { ...options, cache })
  const places = new Map(
    PARTS.flatMap((part, index) =>
      part.programs.map(
        (path) => [basename(path), join(folders[index] ?? '', basename(path))] as const,
      ),
    ),
  )
  return {
    program: (name) => {
      const path = places.get(name)
      if (path === undefined) throw new Error(`the stack builds no program ${name}`)
      return path
    },
    crds: PARTS.flatMap((part, index) =>
      part.copies.map(({ as }) => join(folders[index] ?? '', as)),
    ),
  }
}

type Missing = { readonly part: Part; readonly folder: string }

async function buildAll(
  missing: readonly Missing[],
  options: BuildOptions & { readonly cache: string },
): Promise<void> {
  await mkdir(options.cache, { recursive: true })
  await requireDisk(options.cache, options.neededGib ?? NEEDED_GIB)
  const seconds = missing.reduce((sum, { part }) => sum + part.expected, 0)
  options.report(
    `building ${missing.map(({ part }) => part.name).join(', ')}: about ${minutes(seconds)}, once`,
  )
  // One after the other: each compiles on all cores, and its downloads overlap with nothing worth it.
  for (const one of missing) await build(one, options)
}

async function build({ part, folder }: Missing, options: BuildOptions): Promise<void> {
  const started = Date.now()
  options.report(`${part.name}: building, about ${minutes(part.expected)}`)
  const unfinished = `${folder}.${process.pid}`
  await mkdir(unfinished, { recursive: true })
  const log = join(dirname(folder), `${basename(folder)}.log`)
  const ldflags = `-s -w ${part.linkerFlags}`.trim()
  const args = ['build', '-trimpath', '-ldflags', ldflags, '-o', `${unfinished}/`, ...part.programs]
  await go(part, args, { ...options, log })
  for (const copy of part.copies) {
    const source = await go(part, ['list', '-m', '-f', '{{.Dir}}', copy.module], {
      ...options,
      log,
    })
    await mkdir(dirname(join(unfinished, copy.as)), { recursive: true })
    await cp(join(source.trim(), copy.path), join(unfinished, copy.as), { recursive: true })
  }
  await finish(unfinished, folder)
  options.report(`${part.name}: built in ${minutes((Date.now() - started) / 1000)}`)
}

/** Of two builds at once the first to end wins; both are the same. */
async function finish(unfinished: string, folder: string): Promise<void> {
  try {
    await rename(unfinished, folder)
  } catch (error) {
    if (!existsSync(folder)) throw error
    await rm(unfinished, { recursive: true })
  }
}

async function go(
  part: Part,
  args: readonly string[],
  { env, log, signal }: BuildOptions & { readonly log: string },
): Promise<string> {
  const file = await open(log, 'w')
  try {
    const child = spawn('go', args, {
      cwd: moduleFolder(part),
      env: { ...env, CGO_ENABLED: '0', GOWORK: 'off' },
      stdio: ['ignore', 'pipe', file.fd],
      ...(signal === undefined ? {} : { signal }),
    })
    let output = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject).on('close', resolve)
    })
    if (code === 0) return output
  } finally {
    await file.close()
  }
  throw new Error(
    `${part.name} did not build (go ${args[0] ?? ''}); all of it is in ${log}:\n${await tailOf(log)}`,
  )
}

async function goVersion({ env }: BuildOptions): Promise<string> {
  const install = `install Go ${OLDEST_GO} or newer (https://go.dev/doc/install) and put it in PATH`
  const text = await new Promise<string>((resolve, reject) => {
    const child = spawn('go', ['env', 'GOVERSION'], {
      env: { ...env },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk
    })
    child.on('error', () => reject(new Error(`Go is missing: ${install}`)))
    child.on('close', () => resolve(output.trim()))
  })
  const version = Number(/^go(\d+\.\d+)/.exec(text)?.[1] ?? 0)
  if (version < OLDEST_GO) throw new Error(`${text} is too old: ${install}`)
  return text
}

async function requireDisk(folder: string, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  const free = (bavail * bsize) / GIB
  if (free >= needed) return
  throw new Error(
    `the build needs about ${needed} GiB of disk and ${folder} has ${free.toFixed(1)}: ` +
      'free some, or set TLSAUTO_CACHE, GOCACHE and GOMODCACHE to a larger disk',
  )
}

function minutes(seconds: number): string {
  const whole = Math.round(seconds)
  return whole < 90 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`
}

if (import.meta.main) {
  try {
    await ensureBuilt({ env: process.env, report: (line) => process.stdout.write(`${line}\n`) })
    process.stdout.write('the stack is built\n')
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}
