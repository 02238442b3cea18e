import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bundle, ROOT } from './bundle.ts'
import { compile } from './compile.ts'
import { inNewFolder } from './in-new-folder.ts'
import { thirdPartyLicenses } from './third-party-licenses.ts'

const DIST = join(ROOT, 'dist')

/** Builds `dist/tlsauto.mjs`, the server in one file, with `dist/THIRD-PARTY-LICENSES` of what it bundles, and `dist/kubectl-tlsauto`, the plugin as one
 * executable that needs nothing else. */
async function build(): Promise<void> {
  await mkdir(DIST, { recursive: true })
  await Promise.all([buildServer(), buildPlugin()])
}

/** The licences go into its image. */
async function buildServer(): Promise<void> {
  const files = await bundle('server', { outfile: join(DIST, 'tlsauto.mjs') })
  await writeFile(join(DIST, 'THIRD-PARTY-LICENSES'), await thirdPartyLicenses(files))
}

/** esbuild first: it drops what client-node has and nobody calls; then the runtime is put around it. */
async function buildPlugin(): Promise<void> {
  await inNewFolder(DIST, async (folder) => {
    const bundled = join(folder, 'kubectl-tlsauto.mjs')
    await bundle('plugin', { outfile: bundled })
    const outfile = join(folder, 'kubectl-tlsauto')
    await compile({ bundle: bundled, outfile })
    await rename(outfile, join(DIST, 'kubectl-tlsauto'))
  })
}

await build()
