import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import packageJson from '../../package.json' with { type: 'json' }
import { bundle, ROOT } from './bundle.ts'
import { pack } from './pack.ts'
import { thirdPartyLicenses } from './third-party-licenses.ts'

/** What the package has, by whom it runs: both by Node. */
const BINS = [
  { name: 'tlsauto', program: 'server' },
  { name: 'kubectl-tlsauto', program: 'plugin' },
] as const

/** Writes the npm package with both programs, each in one file, and gives its file name. */
export async function writeNpmPackage({
  work,
  outfolder,
}: {
  /** An empty folder. */
  readonly work: string
  readonly outfolder: string
}): Promise<string> {
  const { name, version, description, license, engines } = packageJson
  const folder = join(work, 'package')
  await mkdir(folder)
  const parts = new Set<string>()
  for (const { name, program } of BINS) {
    const outfile = join(folder, `${name}.mjs`)
    const files = await bundle(program, { outfile, firstLine: '#!/usr/bin/env node' })
    for (const file of files) parts.add(file)
    await chmod(outfile, 0o755)
  }
  for (const file of ['LICENSE', 'README.md']) await copyFile(join(ROOT, file), join(folder, file))
  await writeFile(join(folder, 'THIRD-PARTY-LICENSES'), await thirdPartyLicenses([...parts]))
  const bin = Object.fromEntries(BINS.map(({ name }) => [name, `${name}.mjs`]))
  const manifest = { name, version, description, license, bin, engines }
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`)
  const file = `${name}-${version}.tgz`
  await pack({ folder: work, files: ['package'], outfile: join(outfolder, file) })
  return file
}
