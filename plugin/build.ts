import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build, type BuildOptions, type Plugin } from 'esbuild'

const ROOT = join(import.meta.dirname, '..')
const DIST = join(ROOT, 'dist')

/** What both programs are bundled with. The functions' names are kept as they are: given back to short ones,
 * they would cost a call for every function that is made, a seventh of what a review takes. */
const COMMON: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node22',
  absWorkingDir: ROOT,
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
  // CommonJS inside a module asks for these.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  },
}

/** What the server's libraries load and, as we use them, never call, by what is imported of it: client-node's
 * own way to send requests, which makes a WebAssembly module at the start, and Express' tables of
 * encodings for bodies that it reads itself. Together a third of the text, and 8 MB of memory. */
const NEVER_CALLED: Readonly<Record<string, readonly string[]>> = {
  undici: ['Agent', 'ProxyAgent', 'fetch'],
  'iconv-lite': ['decode', 'encodingExists', 'getDecoder'],
}

const withoutTheNeverCalled: Plugin = {
  name: 'never-called',
  setup: ({ onLoad, onResolve }) => {
    const filter = new RegExp(`^(${Object.keys(NEVER_CALLED).join('|')})$`)
    onResolve({ filter }, ({ path }) => ({ path, namespace: 'never-called' }))
    onLoad({ filter, namespace: 'never-called' }, ({ path }) => ({
      contents: (NEVER_CALLED[path] ?? [])
        .map((name) => `export function ${name}() { throw new Error('${path} is left out') }`)
        .join('\n'),
    }))
  },
}

/** Builds `dist/tlsauto.mjs`, the server in one file, and `dist/kubectl-tlsauto`, the plugin as one
 * executable that needs nothing else. */
async function buildAll(): Promise<void> {
  await mkdir(DIST, { recursive: true })
  await Promise.all([
    build({
      ...COMMON,
      format: 'esm',
      entryPoints: ['webhook/main.ts'],
      plugins: [withoutTheNeverCalled],
      outfile: join(DIST, 'tlsauto.mjs'),
    }),
    buildPlugin(),
  ])
}

/** esbuild first: it drops what client-node has and nobody calls; then the runtime is put around it.
 * In a folder of its own, so that two builds at once don't meet and nobody runs half a program. */
async function buildPlugin(): Promise<void> {
  const folder = await mkdtemp(join(DIST, 'build-'))
  try {
    const bundle = join(folder, 'kubectl-tlsauto.mjs')
    await build({ ...COMMON, format: 'esm', entryPoints: ['plugin/main.ts'], outfile: bundle })
    const bun = join(ROOT, 'node_modules', '.bin', 'bun')
    const outfile = join(folder, 'kubectl-tlsauto')
    const args = ['build', '--compile', '--bytecode', '--format=esm', '--outfile', outfile, bundle]
    await promisify(execFile)(bun, args, { cwd: folder })
    await rename(outfile, join(DIST, 'kubectl-tlsauto'))
  } finally {
    await rm(folder, { recursive: true })
  }
}

await buildAll()
