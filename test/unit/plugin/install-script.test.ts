import assert from 'node:assert/strict'
import {
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { runCompletion } from '../../../plugin/commands/completion/run.ts'

const NAME = 'kubectl_complete-tlsauto'

suite('completion install', () => {
  let base = ''

  before(async () => {
    base = await realpath(await mkdtemp(join(tmpdir(), 'tlsauto-install-')))
  })
  after(async () => rm(base, { recursive: true, force: true }))

  test('writes an executable, also in a folder that is not there yet, and again', async () => {
    const folder = join(base, 'new', 'bin')
    await install(folder)
    await writeFile(join(folder, NAME), 'an old one')
    await install(folder)
    assert.match(await readFile(join(folder, NAME), 'utf8'), /^#!\/bin\/sh\n/)
    assert.equal((await stat(join(folder, NAME))).mode & 0o700, 0o700)
    assert.deepEqual(await readdir(folder), [NAME])
  })

  test('follows no link in the place of the script', async () => {
    const folder = join(base, 'trap')
    const victim = join(base, 'profile')
    await mkdir(folder)
    await writeFile(victim, 'mine')
    await symlink(victim, join(folder, NAME))
    await assert.rejects(install(folder), {
      message: `${join(folder, NAME)} is a symbolic link, and none is followed: delete it, then install again`,
    })
    assert.equal(await readFile(victim, 'utf8'), 'mine')
    assert.ok((await lstat(join(folder, NAME))).isSymbolicLink())
  })

  test('nor one that leads nowhere yet', async () => {
    const folder = join(base, 'dangling')
    await mkdir(folder)
    await symlink(join(base, 'made-by-root'), join(folder, NAME))
    await assert.rejects(install(folder), /is a symbolic link, and none is followed/)
    assert.deepEqual((await readdir(base)).includes('made-by-root'), false)
  })

  test('nor one on the way to its folder, and says where that leads', async () => {
    const elsewhere = join(base, 'elsewhere')
    await mkdir(elsewhere)
    await symlink(elsewhere, join(base, 'link'))
    const folder = join(base, 'link', 'bin')
    await assert.rejects(install(folder), {
      message: `${folder} goes through a symbolic link, and none is followed: say --directory ${join(elsewhere, 'bin')} if you mean that`,
    })
    await assert.rejects(install(join(base, 'link')), /goes through a symbolic link/)
    assert.deepEqual(await readdir(elsewhere), [])
  })

  test('puts nothing in the place of a folder', async () => {
    const folder = join(base, 'taken')
    await mkdir(join(folder, NAME), { recursive: true })
    await assert.rejects(install(folder), /is no file: delete it, then install again/)
  })

  test('says what to do where it may not write', async () => {
    await writeFile(join(base, 'file'), '')
    await assert.rejects(
      install(join(base, 'file')),
      /cannot be written \(.*\): run it with sudo, or say --directory FOLDER, one of PATH$/,
    )
  })
})

async function install(directory: string): Promise<void> {
  const terminal = { out: silent, error: silent, interactive: false, columns: Infinity }
  await runCompletion({ action: 'install', directory }, { terminal })
}

function silent(): void {}
