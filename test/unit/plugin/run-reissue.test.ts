import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { ReissueFlags } from '../../../plugin/command-line/reissue-options.ts'
import { runReissue, type ReissueInput } from '../../../plugin/reissue/run-reissue.ts'
import type { KubeClient, Page } from '../../../shared/kube/kube-client.ts'
import { certificate } from '../../fixtures/certificates.ts'
import { REISSUE_FLAGS } from '../../fixtures/reissue-flags.ts'
import { NOTHING_GATHERED } from '../../fixtures/gathered.ts'
import { scriptedClient } from '../../fixtures/scripted-client.ts'

const FLAGS: ReissueFlags = { ...REISSUE_FLAGS, force: true }

const ASKED: readonly {
  readonly name: string
  readonly certificates: number
  readonly flags?: Partial<ReissueFlags>
  readonly deletes?: ReissueInput['deletes']
  readonly questions: readonly string[]
}[] = [
  { name: 'one is not asked about', certificates: 1, questions: [] },
  { name: 'several are', certificates: 3, questions: ['Go on with all 3?'] },
  { name: 'with --yes they are not', certificates: 3, flags: { yes: true }, questions: [] },
  { name: 'in a dry run they are not', certificates: 3, flags: { dryRun: true }, questions: [] },
  { name: 'a Secret that goes is', certificates: 1, deletes: 'both', questions: ['Go on?'] },
]

suite('what is asked before a new issuance', () => {
  for (const { name, certificates, flags, deletes = 'nothing', questions } of ASKED) {
    test(name, async () => {
      const asked: string[] = []
      const { code, said, calls } = await issue(
        { certificates, flags: { ...flags }, deletes },
        (question) => {
          asked.push(question)
          return false
        },
      )
      assert.deepEqual(asked, questions)
      const declined = questions.length > 0
      assert.equal(said.includes('nothing was done\n'), declined)
      if (declined || flags?.dryRun === true) assert.deepEqual(calls, [])
      if (declined) assert.equal(code, 1)
    })
  }

  test('a yes goes on, and one that can not be done keeps nobody back', async () => {
    const { code, said } = await issue(
      { certificates: 2, flags: {}, deletes: 'nothing' },
      () => true,
    )
    assert.equal(code, 2)
    assert.deepEqual(said.slice(-2), [
      'error: cert-0: Certificate cert-0 is gone; kubectl tlsauto status shows how it stands\n',
      'error: cert-1: Certificate cert-1 is gone; kubectl tlsauto status shows how it stands\n',
    ])
  })
})

suite('a Secret that nobody can be asked about', () => {
  const wanted = { certificates: 1, flags: {}, deletes: 'both' } as const

  test('stays', async () => {
    await assert.rejects(issue(wanted, 'nobody'), {
      message: 'nobody is here to ask whether a Secret may go; say --yes if it may',
    })
  })

  test('goes where --yes says so', async () => {
    const { calls } = await issue({ ...wanted, flags: { yes: true } }, 'nobody')
    assert.equal(calls[0], 'delete cert-0')
  })

  test('is told of in a dry run', async () => {
    const { code } = await issue({ ...wanted, flags: { dryRun: true } }, 'nobody')
    assert.equal(code, 0)
  })
})

async function issue(
  wanted: {
    readonly certificates: number
    readonly flags: Partial<ReissueFlags>
    readonly deletes: ReissueInput['deletes']
  },
  answer: ((question: string) => boolean) | 'nobody',
) {
  const said: string[] = []
  const scripted = scriptedClient({ lists: Array.from({ length: 10 }, () => EMPTY) })
  const client: KubeClient = scripted.client
  const names = Array.from({ length: wanted.certificates }, (_, index) => `cert-${index}`)
  const certificates = names.map((name) => certificate({}, { name, uid: name }))
  const targets = names.map((name) => ({ namespace: 'team', name, refusal: undefined }))
  const flags = { ...FLAGS, ...wanted.flags }
  const say = (text: string): void => void said.push(text)
  const code = await runReissue(
    {
      targets,
      gathered: { ...NOTHING_GATHERED, certificates },
      items: [],
      flags,
      deletes: wanted.deletes,
    },
    {
      client,
      terminal: { out: say, error: say, interactive: false, columns: Infinity },
      now: () => new Date('2026-03-01T12:00:00Z'),
      signal: new AbortController().signal,
      confirm: answer === 'nobody' ? undefined : async (question) => answer(question),
    },
  )
  return { code, said, calls: scripted.calls }
}

const EMPTY: Page = { items: [], resourceVersion: '1', next: undefined }
