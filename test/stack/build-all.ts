import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ensureBuilt, type BuildOptions } from './build.ts'

/** The work tree's root. */
export const ROOT = join(import.meta.dirname, '..', '..')

/** The plugin's executable. */
export const PLUGIN = join(ROOT, 'dist', 'kubectl-tlsauto')
const SOURCES = ['deploy/build', 'plugin', 'shared', 'package.json', 'package-lock.json']

/** Builds what is missing of the stack, and `dist/kubectl-tlsauto` when a source is newer. */
export async function buildAll(options: BuildOptions): Promise<void> {
  await ensureBuilt(options)
  if (!(await isOutOfDate())) return
  options.report('kubectl-tlsauto: building, about 10 s')
  await buildPlugin(options)
}

async function isOutOfDate(): Promise<boolean> {
  const built = await stat(PLUGIN).catch(() => undefined)
  if (built === undefined) return true
  for (const source of SOURCES) {
    if ((await lastChange(join(ROOT, source))) > built.mtimeMs) return true
  }
  return false
}

async function lastChange(path: string): Promise<number> {
  const entry = await stat(path)
  if (!entry.isDirectory()) return entry.mtimeMs
  const names = await readdir(path)
  const times = await Promise.all(names.map(async (name) => lastChange(join(path, name))))
  return Math.max(entry.mtimeMs, ...times)
}

async function buildPlugin({ env, signal }: BuildOptions): Promise<void> {
  const child = spawn(process.execPath, [join(ROOT, 'deploy', 'build', 'build.ts')], {
    cwd: ROOT,
    env: { ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal === undefined ? {} : { signal }),
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  await once(child, 'close')
  if (child.exitCode !== 0) throw new Error(`kubectl-tlsauto did not build:\n${output.trim()}`)
}
