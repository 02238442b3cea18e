import { readFile } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'

const ROOT = join(import.meta.dirname, '..', '..')

/** A change of the program's text. */
export type Edit = { readonly file: string; readonly find: string; readonly replace: string }

/** Bundles the server into one file, which starts three times as fast as its sources; with that edit,
 * if any. Gives a digest of what came out. Throws when the edit's text is not there exactly once. */
export async function bundleServer(outfile: string, edit?: Edit): Promise<string> {
  await build({
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    absWorkingDir: ROOT,
    entryPoints: ['webhook/main.ts'],
    outfile,
    logLevel: 'warning',
    banner: {
      js: "import { createRequire as requireAt } from 'node:module'; const require = requireAt(import.meta.url);",
    },
    plugins: edit === undefined ? [] : [editing(edit)],
  })
  return createHash('sha256')
    .update(await readFile(outfile))
    .digest('hex')
    .slice(0, 12)
}

function editing({ file, find, replace }: Edit): Plugin {
  const path = join(ROOT, file)
  return {
    name: 'edit',
    setup: (build) => {
      build.onLoad({ filter: /\.ts$/ }, async (loaded) => {
        if (loaded.path !== path) return undefined
        const parts = (await readFile(path, 'utf8')).split(find)
        if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times: ${find}`)
        return { contents: parts.join(replace), loader: 'ts' }
      })
    },
  }
}
