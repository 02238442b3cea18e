import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { arch, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { promisify } from 'node:util'
import { load } from 'js-yaml'
import packageJson from '../../package.json' with { type: 'json' }
import { PLATFORMS } from '../../deploy/build/platforms.ts'
import { buildRelease } from '../../deploy/build/release.ts'

const run = promisify(execFile)

const { version } = packageJson
const NPM = `tlsauto-${version}.tgz`
const OTHERS = [NPM, 'checksums.txt', 'tlsauto.yaml']

/** The one platform whose executables can be run here. */
const here = PLATFORMS.filter(
  ({ os, arch: one }) => os === 'linux' && one === (arch() === 'x64' ? 'amd64' : 'arm64'),
)
const archive = `kubectl-tlsauto_v${version}_linux_${here[0]?.arch}.tar.gz`

suite('a release', () => {
  let work: string
  let folder: string

  before(async () => {
    work = await mkdtemp(join(tmpdir(), 'tlsauto-release-'))
    folder = join(work, 'release')
    await buildRelease({
      folder,
      url: 'https://example.com/v1/',
      platforms: here,
      report: () => undefined,
    })
  })

  after(async () => rm(work, { recursive: true, force: true }))

  test('consists of archives, the npm package, krew’s manifest and the checksums of them', async () => {
    assert.deepEqual((await readdir(folder)).toSorted(), [archive, ...OTHERS].toSorted())
    const { stdout } = await run('sha256sum', ['--check', 'checksums.txt'], { cwd: folder })
    assert.equal(stdout, `${archive}: OK\n${NPM}: OK\ntlsauto.yaml: OK\n`)
  })

  test('names in krew’s manifest where the archive is, and its checksum', async () => {
    const manifest = load(await readFile(join(folder, 'tlsauto.yaml'), 'utf8'))
    const { stdout } = await run('sha256sum', [join(folder, archive)])
    assert.partialDeepStrictEqual(manifest, {
      apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
      kind: 'Plugin',
      metadata: { name: 'tlsauto' },
      spec: {
        version: `v${version}`,
        platforms: [
          {
            selector: { matchLabels: { os: 'linux', arch: here[0]?.arch } },
            uri: `https://example.com/v1/${archive}`,
            sha256: stdout.slice(0, 64),
            bin: 'kubectl-tlsauto',
          },
        ],
      },
    })
  })

  test('has an executable that runs where nothing is installed, and the licences beside it', async () => {
    const place = join(work, 'unpacked')
    await mkdir(place)
    await run('tar', ['--extract', '--file', join(folder, archive), '--directory', place])
    assert.deepEqual((await readdir(place)).toSorted(), [
      'LICENSE',
      'THIRD-PARTY-LICENSES',
      'kubectl-tlsauto',
    ])
    const licenses = await readFile(join(place, 'THIRD-PARTY-LICENSES'), 'utf8')
    for (const name of ['bun', '@kubernetes/client-node', 'js-yaml', 'yargs']) {
      assert.match(licenses, new RegExp(`^${name} \\d`, 'm'))
    }
    assert.doesNotMatch(licenses, /^(express|esbuild) \d/m) // is in no executable
    const args = ['version', '--client', '--output=json']
    const { stdout } = await run(join(place, 'kubectl-tlsauto'), args, { env: {}, cwd: place })
    assert.partialDeepStrictEqual(JSON.parse(stdout), { client: { version } })
  })

  test('has an npm package that brings both programs and needs no other', async () => {
    const prefix = join(work, 'prefix')
    const args = ['install', '--global', '--offline', '--ignore-scripts', '--prefix', prefix]
    await run('npm', [...args, join(folder, NPM)])
    assert.deepEqual(await readdir(join(prefix, 'lib', 'node_modules')), ['tlsauto'])
    const bin = (name: string): string => join(prefix, 'bin', name)
    const plugin = await run(bin('kubectl-tlsauto'), ['version', '--client', '--output=json'])
    assert.partialDeepStrictEqual(JSON.parse(plugin.stdout), { client: { version } })
    const server = await run(bin('tlsauto'), ['--help'])
    assert.match(server.stdout, /--cluster-issuer/)
  })

  test('is refused when a runtime is not the one that package-lock.json names, and the last one stays', async () => {
    const cache = join(work, 'cache')
    await mkdir(cache)
    const bun = packageJson.devDependencies.bun
    const elsewhere = PLATFORMS.filter((platform) => !here.includes(platform)).slice(0, 1)
    for (const { runtime } of elsewhere) {
      const name = `${runtime.replace('@', '').replace('/', '-')}-${bun}.tgz`
      await writeFile(join(cache, name), 'something else')
    }
    const built = await readdir(folder)
    await assert.rejects(
      buildRelease({ folder, url: '', platforms: elsewhere, cache, report: () => undefined }),
      /is not the @oven\/bun-linux-\w+@[\d.]+ that package-lock\.json names: .*; remove it, and try again/,
    )
    assert.deepEqual(await readdir(folder), built)
  })
})
