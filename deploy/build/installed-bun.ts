import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from './bundle.ts'

const MODULES = join(ROOT, 'node_modules')

/** The executable of bun. `.npmrc` lets no package run a script when it is installed: then it stays in the package of
 * this machine's platform. Bun's own script would have moved it to where `bun` is. */
export async function installedBun(): Promise<string> {
  const platforms = await readdir(join(MODULES, '@oven')).catch(() => [])
  const places = [
    ...platforms.map((name) => join(MODULES, '@oven', name, 'bin', 'bun')),
    join(MODULES, 'bun', 'bin', 'bun.exe'),
  ]
  for (const place of places) if (await isThere(place)) return place
  throw new Error('bun is not installed: make install')
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
