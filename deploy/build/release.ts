import { createHash } from 'node:crypto'
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import packageJson from '../../package.json' with { type: 'json' }
import { bundle, ROOT } from './bundle.ts'
import { compile } from './compile.ts'
import { inNewFolder } from './in-new-folder.ts'
import { krewManifest, type Archive } from './krew-manifest.ts'
import { writeNpmPackage } from './npm-package.ts'
import { pack } from './pack.ts'
import { PLATFORMS, type Platform } from './platforms.ts'
import { thirdPartyLicenses } from './third-party-licenses.ts'
import { unpackRuntime } from './unpack-runtime.ts'

type Release = {
  /** Where it is written to; what was there is gone. */
  readonly folder: string
  /** Under which krew will find the archives. */
  readonly url: string
  readonly platforms?: readonly Platform[]
  /** Where fetched runtimes are kept for the next time. */
  readonly cache?: string
  readonly report: (line: string) => void
}

const CACHE = join(ROOT, '.tlsauto', 'runtimes')

/** The runtime's package has no text of its own. */
const RUNTIME_LICENSE = `bun ${packageJson.devDependencies.bun}: MIT, and what it links, of which JavaScriptCore is under the LGPL 2:
https://bun.com/docs/project/license tells how to build it again with another one.
`

/** Builds all that a release consists of: an archive with the plugin for each platform, the npm package with
 * both programs, krew's manifest and `checksums.txt`, as sha256sum writes it. */
export async function buildRelease(release: Release): Promise<void> {
  const { folder, url, platforms = PLATFORMS, cache = CACHE, report } = release
  const { version } = packageJson
  await inNewFolder(dirname(folder), async (work) => {
    const made = join(work, 'release')
    await mkdir(made)
    const bundled = join(work, 'kubectl-tlsauto.mjs')
    const parts = await bundle('plugin', { outfile: bundled })
    const licenses = await thirdPartyLicenses(parts)
    const archives: Archive[] = []
    for (const platform of platforms) {
      archives.push(await writeArchive({ platform, bundled, licenses, made, cache, report }))
    }
    report('npm package')
    const npm = join(work, 'npm')
    await mkdir(npm)
    await writeNpmPackage({ work: npm, outfolder: made })
    await writeFile(join(made, 'tlsauto.yaml'), krewManifest({ version, url, archives }))
    await writeFile(join(made, 'checksums.txt'), await checksums(made))
    await rm(folder, { recursive: true, force: true })
    await rename(made, folder)
  })
}

/** The plugin for a platform, compiled and packed beside what it is compiled from. */
async function writeArchive({
  platform,
  bundled,
  licenses,
  made,
  cache,
  report,
}: {
  readonly platform: Platform
  readonly bundled: string
  /** Of what is bundled. */
  readonly licenses: string
  readonly made: string
  readonly cache: string
  readonly report: (line: string) => void
}): Promise<Archive> {
  const { os, arch, target, suffix } = platform
  const folder = join(dirname(bundled), `${os}-${arch}`)
  await mkdir(folder)
  const runtime = await unpackRuntime(platform, { folder, cache, report })
  report(`${os}/${arch}: compiling and packing`)
  const executable = `kubectl-tlsauto${suffix}`
  await compile({
    bundle: bundled,
    outfile: join(folder, executable),
    platform: { target, runtime },
  })
  await copyFile(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'))
  await writeFile(join(folder, 'THIRD-PARTY-LICENSES'), `${RUNTIME_LICENSE}\n${licenses}`)
  const name = `kubectl-tlsauto_v${packageJson.version}_${os}_${arch}.tar.gz`
  await pack({
    folder,
    files: [executable, 'LICENSE', 'THIRD-PARTY-LICENSES'],
    outfile: join(made, name),
  })
  return { platform, name, sha256: await sha256(join(made, name)) }
}

async function checksums(folder: string): Promise<string> {
  const names = (await readdir(folder)).toSorted()
  const lines = names.map(async (name) => `${await sha256(join(folder, name))}  ${name}\n`)
  return (await Promise.all(lines)).join('')
}

async function sha256(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
}
