import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'

const GIB = 2 ** 30

/** Throws an Error that says what to do unless each of the folders has that much room. */
export async function requireDisk(folders: readonly string[], needed: number): Promise<void> {
  for (const folder of folders) {
    const free = await freeGib(folder)
    if (free >= needed) continue
    throw new Error(
      `the build needs about ${needed} GiB of disk and ${folder} has ${free.toFixed(1)}: ` +
        'free some, or set TLSAUTO_CACHE, GOCACHE and GOMODCACHE to a larger disk',
    )
  }
}

/** Of the folder's disk, also when the folder is still to be made. */
async function freeGib(folder: string): Promise<number> {
  const disk = await statfs(folder).catch(() => undefined)
  if (disk !== undefined) return (disk.bavail * disk.bsize) / GIB
  return freeGib(dirname(folder))
}
