import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdir, readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { isJsonObject, objectAt, textAt } from '../../shared/json/json.ts'
import { ROOT } from './bundle.ts'
import { installedBun } from './installed-bun.ts'
import { inNewFolder } from './in-new-folder.ts'
import type { Platform } from './platforms.ts'

const run = promisify(execFile)

/** What unpacking goes by. */
type Unpacking = {
  /** Where the executable goes. */
  readonly folder: string
  /** Where packages are kept for the next time. */
  readonly cache: string
  readonly report: (line: string) => void
}

/** A package as package-lock.json has it. */
type Locked = { readonly name: string; readonly version: string; readonly integrity: string }

/** Gives the path of bun for a platform: the one that is installed, or one that is unpacked into a folder. Its
 * package is fetched once. It has to be, to the byte, the one that package-lock.json names: an Error says
 * so otherwise, or that it can't be fetched. */
export async function unpackRuntime(
  { runtime, suffix }: Platform,
  { folder, cache, report }: Unpacking,
): Promise<string> {
  const locked = await readLocked(runtime)
  if (await isThere(join(ROOT, 'node_modules', runtime))) return installedBun()
  const kept = join(cache, `${runtime.replace('@', '').replace('/', '-')}-${locked.version}.tgz`)
  if (!(await isThere(kept))) {
    report(`${runtime}@${locked.version}: fetching about 50 MB, once`)
    await fetchPackage(locked, { cache, kept })
  }
  await verify(locked, kept)
  const executable = `package/bin/bun${suffix}`
  await run('tar', ['--extract', '--gzip', '--file', kept, '--directory', folder, executable])
  return join(folder, executable)
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

/** The version of the bun that is installed: another one's bytecode would be of no use. */
async function readLocked(name: string): Promise<Locked> {
  const lock = await readJson('package-lock.json')
  const entry = objectAt(objectAt(lock, 'packages'), `node_modules/${name}`)
  const [version, integrity] = [textAt(entry, 'version'), textAt(entry, 'integrity')]
  if (version === undefined || integrity === undefined) {
    throw new Error(`package-lock.json has no version and integrity of ${name}: npm install`)
  }
  const installed = textAt(await readJson('node_modules/bun/package.json'), 'version')
  if (version !== installed) {
    throw new Error(
      `package-lock.json has ${name} ${version}, installed is bun ${installed}: make install`,
    )
  }
  return { name, version, integrity }
}

async function readJson(path: string) {
  const value: unknown = JSON.parse(await readFile(join(ROOT, path), 'utf8'))
  if (!isJsonObject(value)) throw new Error(`${path} is no JSON object`)
  return value
}

async function fetchPackage(
  { name, version }: Locked,
  { cache, kept }: { readonly cache: string; readonly kept: string },
): Promise<void> {
  await inNewFolder(cache, async (folder) => {
    const args = ['pack', `${name}@${version}`, '--pack-destination', folder, '--loglevel=error']
    try {
      await run('npm', args, { cwd: ROOT })
    } catch (error) {
      throw new Error(
        `${name}@${version} can't be fetched: ${saidBy(error)}; try again with a network, or put what ` +
          `npm pack ${name}@${version} gives elsewhere to ${kept}`,
        { cause: error },
      )
    }
    const [file = ''] = await readdir(folder)
    await rename(join(folder, file), kept)
  })
}

/** npm's own words, in one line. */
function saidBy(error: unknown): string {
  const { stderr } = isJsonObject(error) ? { stderr: textAt(error, 'stderr') } : {}
  const lines = (stderr ?? String(error)).trim().split('\n')
  return lines.map((line) => line.replace(/^npm error /, '')).join('; ')
}

async function verify({ name, version, integrity }: Locked, kept: string): Promise<void> {
  const [algorithm = ''] = integrity.split('-', 1)
  const hash = createHash(algorithm).update(await readFile(kept))
  const found = `${algorithm}-${hash.digest('base64')}`
  if (found === integrity) return
  throw new Error(
    `${kept} is not the ${name}@${version} that package-lock.json names: it has the integrity ${found}, ` +
      `wanted is ${integrity}; remove it, and try again`,
  )
}
