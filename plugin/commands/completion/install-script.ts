import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, mkdir, open, realpath, rename, rm } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'

/** Puts an executable script into a folder, which is made where it is missing. It is there whole or not at
 * all, and no symbolic link is followed: somebody else may have made it. Throws where there is one. */
export async function installScript(
  at: { readonly folder: string; readonly name: string },
  script: string,
): Promise<void> {
  const folder = resolve(at.folder)
  await refuseLinkedFolder(folder)
  await mkdir(folder, { recursive: true })
  await refuseLinkedFolder(folder)
  const file = join(folder, at.name)
  await refuseAllButFile(file)
  const part = join(folder, `.${at.name}.${randomBytes(8).toString('hex')}`)
  try {
    await writeNew(part, script)
    await rename(part, file)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}

/** The folder itself, or as much of its path as is there. */
async function refuseLinkedFolder(folder: string): Promise<void> {
  const there = await nearestThere(folder)
  const real = await realpath(there)
  if (isSamePath(real, there)) return
  const meant = join(real, relative(there, folder))
  throw new Error(
    `${folder} goes through a symbolic link, and none is followed: say --directory ${meant} if you mean that`,
  )
}

async function nearestThere(path: string): Promise<string> {
  return (await found(path)) === undefined ? nearestThere(dirname(path)) : path
}

async function refuseAllButFile(file: string): Promise<void> {
  const stats = await found(file)
  if (stats === undefined || stats.isFile()) return
  const what = stats.isSymbolicLink() ? 'a symbolic link, and none is followed' : 'no file'
  throw new Error(`${file} is ${what}: delete it, then install again`)
}

async function found(path: string) {
  try {
    return await lstat(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

// Windows has no O_NOFOLLOW, which then counts as 0; O_EXCL alone follows no link either.
async function writeNew(file: string, text: string): Promise<void> {
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants
  const handle = await open(file, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o755)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Windows and macOS give a path back in other letters. */
function isSamePath(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}
