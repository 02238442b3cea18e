import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Works in a new folder inside of `parent`, which is gone afterwards: so two builds at once don't meet, and
 * nobody runs half a program. What shall stay is moved out of it, on the same disk. */
export async function inNewFolder(
  parent: string,
  work: (folder: string) => Promise<void>,
): Promise<void> {
  await mkdir(parent, { recursive: true })
  const folder = await mkdtemp(join(parent, 'build-'))
  try {
    await work(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}
