import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Part } from './parts.ts'

/** Where built parts are kept, outside the work tree: TLSAUTO_CACHE moves it. */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>): string {
  return env['TLSAUTO_CACHE'] ?? join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'tlsauto')
}

/** The folder of a part's Go module. */
export function moduleFolder(part: Part): string {
  return join(import.meta.dirname, 'go', part.module)
}

/** A part's folder in the cache: named by a hash of all that goes into it, so that what is there is
 * never out of date. */
export async function partFolder(cache: string, part: Part, goVersion: string): Promise<string> {
  const { programs, linkerFlags, copies } = part
  const hash = createHash('sha256').update(
    JSON.stringify([programs, linkerFlags, copies, goVersion]),
  )
  const folder = moduleFolder(part)
  const files = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = files
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
    .sort()
  for (const path of paths) hash.update(path.slice(folder.length)).update(await readFile(path))
  return join(cache, `${part.module}-${hash.digest('hex').slice(0, 16)}`)
}
