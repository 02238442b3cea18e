import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build, type BuildOptions } from 'esbuild'

const ROOT = join(import.meta.dirname, '..')
const DIST = join(ROOT, 'dist')

/** What both programs are bundled with. */
const COMMON: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node22',
  absWorkingDir: ROOT,
  minify: true,
  keepNames: true,
  legalComments: 'none',
  logLevel: 'warning',
  // CommonJS inside a module asks for these.
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
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
