import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { helpText } from '../../../plugin/command-line/command-line.ts'
import { COMMANDS } from '../../../plugin/commands/commands.ts'
import {
  commandOf,
  completionLines,
  isNameOf,
  valueAmong,
  wanted,
  type NameKind,
  type Wanted,
} from '../../../plugin/completion/completion-words.ts'

/** What completes the words of a line; a blank at its end begins a new one. */
const LINES: readonly (readonly [
  line: string,
  want: readonly string[] | readonly [NameKind] | 'files',
])[] = [
  [
    'rec',
    ['recreate\ttry failed certificates again now, without waiting for their next try', ':4'],
  ],
  ['status --pro', ['--problems\tonly what needs a look, the worst first', ':4']],
  ['status --nam', ["--namespace\tnamespace; else the context's own", ':4']],
  ['status -o ', ['wide', 'json', 'yaml', 'name', ':4']],
  ['status shop --output j', ['json', ':4']],
  ['status --output=y', ['--output=yaml', ':4']],
  ['wait shop --for ', ['issued', 'failed', ':4']],
  ['completion ', ['install', 'script', ':4']],
  ['completion install ', [':4']],
  ['prune ', [':4']],
  ['status --selector ', [':4']],
  ['frobnicate ', [':4']],
  ['plan -f ', 'files'],
  ['status --kubeconfig ', 'files'],
]

const NAMES: readonly (readonly [line: string, of: readonly NameKind[]])[] = [
  ['status ', ['routes', 'domains']],
  ['status -A shop other.exa', ['routes', 'domains']],
  ['status --watch ', ['routes', 'domains']],
  ['recreate cert-', ['certificates', 'routes', 'domains']],
  ['renew ', ['certificates', 'routes', 'domains']],
  ['wait ', ['certificates', 'routes', 'domains']],
  ['issuer ', ['issuers']],
  ['status -n ', ['namespaces']],
  ['status --namespace te', ['namespaces']],
  ['prune --context ', ['contexts']],
]

suite('completion', () => {
  for (const [line, want] of LINES) {
    test(`of ${line}`, async () => {
      const found = await complete(line)
      if (want === 'files') return assert.deepEqual(found, { kind: 'files' })
      assert.equal(found.kind, 'words')
      const suggestions = found.kind === 'words' ? found.suggestions : []
      assert.deepEqual(completionLines(suggestions, wordsOf(line).at(-1) ?? '', false), want)
    })
  }

  for (const [line, of] of NAMES) {
    test(`of ${line} with names`, async () => {
      assert.deepEqual(await complete(line), { kind: 'names', of })
    })
  }

  test('of nothing gives every command', async () => {
    const found = await complete('')
    const words = found.kind === 'words' ? found.suggestions.map(({ word }) => word) : []
    const known = ['status', 'recreate', 'renew', 'wait', 'issuer', 'prune', 'plan', 'version']
    assert.deepEqual(
      known.filter((word) => !words.includes(word)),
      [],
    )
  })
})

/** What somebody may have written into a Certificate, or a kubeconfig that he gave away. */
const HOSTILE = [
  '$(reboot)',
  '`reboot`',
  'a;reboot',
  'a|reboot',
  'a&&reboot',
  'a\nreboot',
  'a b',
  "a'b",
  'a"b',
  'a\\b',
  '~root',
  '-A',
  '--kubeconfig=/tmp/x',
  '{a,b}',
  'a?b',
  'a[b]',
  '>file',
  '\u001b[31m',
  'a\u202eb',
  'ä.example.com',
  '',
]

suite('a name from the cluster', () => {
  const kinds: readonly NameKind[] = [
    'routes',
    'domains',
    'certificates',
    'issuers',
    'namespaces',
    'contexts',
  ]
  for (const kind of kinds) {
    test(`that is none of ${kind} is not offered`, () => {
      assert.deepEqual(
        HOSTILE.filter((name) => isNameOf(kind, name)),
        [],
      )
    })
  }

  const known: readonly (readonly [NameKind, string])[] = [
    ['routes', 'shop.v2'],
    ['domains', '*.example.com'],
    ['domains', 'shop.example.com'],
    ['certificates', 'cert-shop-shop-example-com'],
    ['contexts', 'arn:aws:eks:eu-west-1:123456789012:cluster/prod'],
    ['contexts', 'kubernetes-admin@kubernetes'],
    ['contexts', 'default/api-example-com:6443/kube:admin'],
  ]
  for (const [kind, name] of known) {
    test(`${name} is one of ${kind}`, () => assert.ok(isNameOf(kind, name)))
  }

  test('reaches the shell only if no shell finds anything in it', () => {
    const suggestions = HOSTILE.map((word) => ({ word, meaning: '' }))
    assert.deepEqual(completionLines(suggestions, '', false), ['-A', '--kubeconfig=/tmp/x', ':4'])
  })
})

test('the value of an option among words', () => {
  const flags = { long: '--namespace', short: '-n' }
  const rows: readonly (readonly [line: string, want: string | undefined])[] = [
    ['status -n team', 'team'],
    ['status -nteam', 'team'],
    ['status --namespace team', 'team'],
    ['status --namespace=team', 'team'],
    ['status -n a -n b', 'b'],
    ['status --no-headers', undefined],
    ['status', undefined],
  ]
  assert.deepEqual(
    rows.map(([line]) => [line, valueAmong(line.split(' '), flags)]),
    rows,
  )
})

function wordsOf(line: string): readonly string[] {
  return line.split(' ')
}

async function complete(line: string): Promise<Wanted> {
  const words = wordsOf(line)
  const name = commandOf(words)
  return wanted(words, {
    main: await helpText(undefined, COMMANDS),
    command: name === undefined ? undefined : await helpText(name, COMMANDS),
    names: COMMANDS.find((one) => one.name === name)?.names ?? [],
  })
}
