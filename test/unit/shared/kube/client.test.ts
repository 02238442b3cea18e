import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { kubeClient } from '../../../../shared/kube/client.ts'

suite('which API server the files of KUBECONFIG mean', () => {
  let folder = ''
  const file = (name: string): string => join(folder, name)

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tlsauto-kubeconfig-'))
    await writeFile(file('one'), kubeconfig('one', { context: 'one', namespace: 'shop' }))
    await writeFile(file('other-one'), kubeconfig('one', { context: 'one', namespace: 'wrong' }))
    await writeFile(file('two'), kubeconfig('two', { context: 'two', namespace: 'blog' }))
    await writeFile(file('empty'), 'apiVersion: v1\nkind: Config\n')
  })
  after(async () => rm(folder, { recursive: true }))

  const rows = [
    { name: 'one file', files: ['one'], want: ['https://one', 'shop'] },
    {
      name: "the first file's current context counts",
      files: ['two', 'one'],
      want: ['https://two', 'blog'],
    },
    {
      name: 'a file without one leaves it to the next',
      files: ['empty', 'two'],
      want: ['https://two', 'blog'],
    },
    {
      name: 'a file that is missing is passed over',
      files: ['none', 'one'],
      want: ['https://one', 'shop'],
    },
    {
      name: 'who is first to give a name has it',
      files: ['one', 'other-one'],
      want: ['https://one', 'shop'],
    },
    {
      name: 'the same file twice is no mistake',
      files: ['one', 'one'],
      want: ['https://one', 'shop'],
    },
    {
      name: 'a context may be in any of them',
      files: ['one', 'two'],
      context: 'two',
      want: ['https://two', 'blog'],
    },
  ]
  for (const { name, files, context, want } of rows) {
    test(name, () => {
      const client = kubeClient({ kubeconfigs: files.map(file), context })
      assert.deepEqual([client.server, client.namespace], want)
    })
  }

  test('--kubeconfig goes before KUBECONFIG', () => {
    const client = kubeClient({ kubeconfig: file('two'), kubeconfigs: [file('one')] })
    assert.equal(client.server, 'https://two')
  })

  test('none of them is there', () => {
    const message = `none of the files in KUBECONFIG exists: ${file('none')}`
    assert.throws(() => kubeClient({ kubeconfigs: [file('none')] }), { message })
  })

  test('a context that none of them has', () => {
    const message = 'the kubeconfig has no context three; it has one, two'
    const kubeconfigs = [file('one'), file('two')]
    assert.throws(() => kubeClient({ kubeconfigs, context: 'three' }), { message })
  })
})

function kubeconfig(name: string, has: { readonly context: string; readonly namespace: string }) {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: `https://${name}` } }],
    users: [{ name, user: { token: 'secret' } }],
    contexts: [
      { name: has.context, context: { cluster: name, user: name, namespace: has.namespace } },
    ],
    'current-context': has.context,
  })
}
