import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCommandLine } from '../../../plugin/command-line/command-line.ts'
import { COMMANDS } from '../../../plugin/commands/commands.ts'
import type { StatusFlags } from '../../../plugin/commands/status/usage.ts'
import type { ReissueFlags } from '../../../plugin/command-line/reissue-options.ts'
import type { RecreateFlags } from '../../../plugin/commands/recreate/usage.ts'
import type { WaitFlags } from '../../../plugin/commands/wait/usage.ts'
import type { IssuerFlags } from '../../../plugin/commands/issuer/usage.ts'
import type { PruneFlags } from '../../../plugin/commands/prune/usage.ts'
import type { VersionFlags } from '../../../plugin/commands/version/usage.ts'
import type { DescribeFlags } from '../../../plugin/commands/describe/usage.ts'
import type { PlanFlags } from '../../../plugin/commands/plan/usage.ts'
import type { VerifyFlags } from '../../../plugin/commands/verify/usage.ts'
import { UsageError } from '../../../plugin/command-line/usage-error.ts'
import { defaultTexts } from '../../../shared/settings/flags.ts'

/** A command, and what its flags say. */
type Of<Flags> = { readonly kind: string } & Flags

const cluster = {
  kubeconfig: undefined,
  context: undefined,
  namespace: undefined,
  allNamespaces: false,
  requestTimeout: 10_000,
}

const everywhere = { ...cluster, allNamespaces: true }

const status = {
  kind: 'status',
  cluster,
  names: [],
  selector: undefined,
  problems: false,
  all: false,
  output: 'table',
  watch: false,
  headers: true,
  dns: undefined,
} as const satisfies Of<StatusFlags>

const renew = {
  kind: 'renew',
  cluster,
  names: ['shop'],
  selector: undefined,
  dryRun: false,
  yes: false,
  force: false,
  wait: false,
  timeout: 300_000,
} as const satisfies Of<ReissueFlags>

const recreate = {
  ...renew,
  kind: 'recreate',
  failed: false,
  hard: false,
  deleteSecret: false,
  probe: { address: undefined, httpPort: 80, resolver: undefined, timeout: 5000 },
} as const satisfies Of<RecreateFlags>

const wait = {
  kind: 'wait',
  cluster,
  names: ['shop'],
  selector: undefined,
  goal: 'issued',
  timeout: 300_000,
} as const satisfies Of<WaitFlags>

const issuer = {
  kind: 'issuer',
  cluster,
  names: [],
  output: 'table',
  headers: true,
} as const satisfies Of<IssuerFlags>

const prune = {
  kind: 'prune',
  cluster,
  selector: undefined,
  yes: false,
  output: 'table',
  headers: true,
} as const satisfies Of<PruneFlags>

const version = {
  kind: 'version',
  cluster,
  version: '1.2.3',
  client: false,
  output: 'text',
} as const satisfies Of<VersionFlags>

const describe = {
  kind: 'describe',
  cluster,
  name: 'shop.example.com',
  output: 'text',
} as const satisfies Of<DescribeFlags>

const plan = {
  kind: 'plan',
  cluster,
  files: ['a.yaml'],
  output: 'text',
  settings: defaultTexts(),
} as const satisfies Of<PlanFlags>

const verify = {
  kind: 'verify',
  cluster,
  domain: 'shop.example.com',
  probe: { address: undefined, httpPort: 80, resolver: undefined, timeout: 5000 },
  ca: undefined,
  output: 'text',
} as const satisfies Of<VerifyFlags>

type Row = readonly [line: string, want: Readonly<Record<string, unknown>>]

const rows: readonly Row[] = [
  ['status', status],
  ['status shop example.com', { ...status, names: ['shop', 'example.com'] }],
  ['status 123', { ...status, names: ['123'] }],
  ['status -n team', { ...status, cluster: { ...cluster, namespace: 'team' } }],
  ['status -nteam', { ...status, cluster: { ...cluster, namespace: 'team' } }],
  ['status --namespace=team', { ...status, cluster: { ...cluster, namespace: 'team' } }],
  ['status -n first -n last', { ...status, cluster: { ...cluster, namespace: 'last' } }],
  ['status -n 007', { ...status, cluster: { ...cluster, namespace: '007' } }],
  ['status --namespace=', status],
  ['status -A', { ...status, cluster: { ...cluster, allNamespaces: true } }],
  ['status -Aw', { ...status, watch: true, cluster: { ...cluster, allNamespaces: true } }],
  [
    'status --kubeconfig=file --context other --request-timeout 500ms',
    {
      ...status,
      cluster: { ...cluster, kubeconfig: 'file', context: 'other', requestTimeout: 500 },
    },
  ],
  ['status --request-timeout 7', { ...status, cluster: { ...cluster, requestTimeout: 7000 } }],
  ['status --request-timeout 0', { ...status, cluster: { ...cluster, requestTimeout: 0 } }],
  [
    'status --request-timeout 1m30s',
    { ...status, cluster: { ...cluster, requestTimeout: 90_000 } },
  ],
  ['status --request-timeout 1.5s', { ...status, cluster: { ...cluster, requestTimeout: 1500 } }],
  ['status -o wide', { ...status, output: 'wide' }],
  ['status -o json', { ...status, output: 'json' }],
  ['status -oyaml', { ...status, output: 'yaml' }],
  ['status -o=name', { ...status, output: 'name' }],
  ['status -o json -o wide', { ...status, output: 'wide' }],
  ['status --watch', { ...status, watch: true }],
  ['status --dns', { ...status, dns: { address: undefined, resolver: undefined, timeout: 5000 } }],
  [
    'status --dns --address 192.0.2.1 --resolver 1.1.1.1',
    { ...status, dns: { address: '192.0.2.1', resolver: '1.1.1.1', timeout: 5000 } },
  ],
  ['status --no-headers', { ...status, headers: false }],
  ['status --no-headers=true', { ...status, headers: false }],
  ['status --no-headers=false', status],
  ['status --debug', status],
  [
    'status -l app=shop,tier!=b --problems',
    { ...status, selector: 'app=shop,tier!=b', problems: true },
  ],
  ['status -lapp=shop --all', { ...status, selector: 'app=shop', all: true }],
  ['recreate -l app=shop', { ...recreate, names: [], selector: 'app=shop' }],
  ['renew -l app=shop', { ...renew, names: [], selector: 'app=shop' }],
  ['wait --selector app=shop', { ...wait, names: [], selector: 'app=shop' }],
  ['describe shop.example.com', describe],
  ['describe shop -o json', { ...describe, name: 'shop', output: 'json' }],
  ['describe 123 -oyaml -A', { ...describe, name: '123', output: 'yaml', cluster: everywhere }],
  ['doctor', { kind: 'doctor', cluster, domain: undefined, probe: verify.probe, output: 'text' }],
  [
    'doctor shop.example.com -o json --resolver 1.1.1.1',
    {
      kind: 'doctor',
      cluster,
      domain: 'shop.example.com',
      probe: { ...verify.probe, resolver: '1.1.1.1' },
      output: 'json',
    },
  ],
  ['verify shop.example.com', verify],
  [
    'verify shop.example.com --address 192.0.2.1:8443 --http-port 8080 --resolver 1.1.1.1:53 --timeout 1s',
    {
      ...verify,
      probe: { address: '192.0.2.1:8443', httpPort: 8080, resolver: '1.1.1.1:53', timeout: 1000 },
    },
  ],
  ['verify shop.example.com --ca ca.pem -o yaml', { ...verify, ca: 'ca.pem', output: 'yaml' }],
  ['recreate shop', recreate],
  ['recreate shop other', { ...recreate, names: ['shop', 'other'] }],
  ['recreate shop --wait --timeout 1h', { ...recreate, wait: true, timeout: 3_600_000 }],
  // A timer can't wait longer than 2^31 ms, and would not wait at all.
  ['recreate shop --timeout 1000h', { ...recreate, timeout: 2_147_483_647 }],
  [
    'recreate --failed -A',
    { ...recreate, names: [], failed: true, cluster: { ...cluster, allNamespaces: true } },
  ],
  ['recreate shop --failed --dry-run -y', { ...recreate, failed: true, dryRun: true, yes: true }],
  ['recreate shop --hard', { ...recreate, hard: true }],
  [
    'recreate shop --hard --delete-secret --force',
    { ...recreate, hard: true, deleteSecret: true, force: true },
  ],
  ['renew shop', renew],
  ['renew shop --dry-run --yes --force', { ...renew, dryRun: true, yes: true, force: true }],
  ['renew shop --wait --timeout 10s', { ...renew, wait: true, timeout: 10_000 }],
  ['wait shop', wait],
  [
    'wait shop other --for=failed --timeout 10s',
    { ...wait, names: ['shop', 'other'], goal: 'failed', timeout: 10_000 },
  ],
  ['wait shop --timeout 0', { ...wait, timeout: 0 }],
  ['issuer', issuer],
  [
    'issuer letsencrypt-prod -o wide --no-headers',
    { ...issuer, names: ['letsencrypt-prod'], output: 'wide', headers: false },
  ],
  ['prune', prune],
  [
    'prune -l team=a --yes -o name --no-headers',
    { ...prune, selector: 'team=a', yes: true, output: 'name', headers: false },
  ],
  ['prune -lteam=a', { ...prune, selector: 'team=a' }],
  ['plan -f a.yaml', plan],
  ['plan', { ...plan, files: [] }],
  ['plan -A', { ...plan, files: [], cluster: { ...plan.cluster, allNamespaces: true } }],
  ['plan -f a.yaml -f b.yaml', { ...plan, files: ['a.yaml', 'b.yaml'] }],
  ['plan -f -', { ...plan, files: ['-'] }],
  ['plan -f-', { ...plan, files: ['-'] }],
  ['plan -f - -o json', { ...plan, files: ['-'], output: 'json' }],
  ['plan --filename=a.yaml --output=yaml', { ...plan, output: 'yaml' }],
  [
    'plan -f a.yaml --cluster-issuer a --cluster-issuer b --attach carry',
    { ...plan, settings: { ...plan.settings, 'cluster-issuer': 'b', attach: 'carry' } },
  ],
  ['version', version],
  ['version --client -o json', { ...version, client: true, output: 'json' }],
  ['completion install', { kind: 'completion', action: 'install', directory: undefined }],
  [
    'completion install --directory bin',
    { kind: 'completion', action: 'install', directory: 'bin' },
  ],
  ['completion script', { kind: 'completion', action: 'script', directory: undefined }],
  ['__complete status --nope', { kind: 'complete', words: ['status', '--nope'] }],
  ['--version', { kind: 'text', text: '1.2.3' }],
]

for (const [line, want] of rows) {
  test(`kubectl tlsauto ${line}`, async () => assert.deepEqual(await parse(line), want))
}

const ENV = {
  TLSAUTO_ADDRESS: '127.0.0.1:8443',
  TLSAUTO_HTTP_PORT: '8080',
  TLSAUTO_RESOLVER: '127.0.0.1:53',
  TLSAUTO_CA: 'ca.pem',
}

const FROM_ENV = {
  address: '127.0.0.1:8443',
  httpPort: 8080,
  resolver: '127.0.0.1:53',
  timeout: 5000,
}

const inEnvironment: readonly Row[] = [
  ['verify shop.example.com', { ...verify, probe: FROM_ENV, ca: 'ca.pem' }],
  [
    'verify shop.example.com --address 192.0.2.1 --http-port 80 --resolver 1.1.1.1 --ca own.pem',
    {
      ...verify,
      probe: { address: '192.0.2.1', httpPort: 80, resolver: '1.1.1.1', timeout: 5000 },
      ca: 'own.pem',
    },
  ],
  ['doctor', { kind: 'doctor', cluster, domain: undefined, probe: FROM_ENV, output: 'text' }],
  [
    'doctor --resolver 1.1.1.1 --timeout 1s',
    {
      kind: 'doctor',
      cluster,
      domain: undefined,
      probe: { ...FROM_ENV, resolver: '1.1.1.1', timeout: 1000 },
      output: 'text',
    },
  ],
  ['recreate shop', { ...recreate, probe: FROM_ENV }],
  [
    'status --dns',
    { ...status, dns: { address: '127.0.0.1:8443', resolver: '127.0.0.1:53', timeout: 5000 } },
  ],
  ['status', status],
]

for (const [line, want] of inEnvironment) {
  test(`kubectl tlsauto ${line} where the environment has probe flags`, async () => {
    assert.deepEqual(await parse(line, ENV), want)
  })
}

test('a variable that is empty says nothing', async () => {
  const empty = Object.fromEntries(Object.keys(ENV).map((name) => [name, '']))
  assert.deepEqual(await parse('verify shop.example.com', empty), verify)
})

test('a port in the environment that is none is refused by the name of its variable', async () => {
  await assert.rejects(parse('doctor', { TLSAUTO_HTTP_PORT: 'web' }), {
    message: 'TLSAUTO_HTTP_PORT web is no port',
  })
})

for (const command of ['doctor', 'verify', 'recreate', 'status']) {
  test(`help of ${command} names the variables, and nothing of what they say`, async () => {
    const text = String((await parse(`${command} --help`, ENV))['text'])
    assert.match(text, /TLSAUTO_ADDRESS/)
    assert.match(text, /TLSAUTO_RESOLVER/)
    assert.doesNotMatch(text, /127\.0\.0\.1/)
  })
}

const mistakes: readonly (readonly [line: string, message: string])[] = [
  ['verify', 'what? a name is missing'],
  ['verify shop.example.com --http-port 99999', '--http-port 99999 is no port'],
  ['doctor --timeout soon', '--timeout soon is not a duration such as 30s'],
  ['', 'which command?'],
  ['statu', 'there is no such command; did you mean status?'],
  ['recreat shop', 'there is no such command; did you mean recreate?'],
  ['frobnicate', 'unknown: frobnicate'],
  ['status --nope', 'unknown: nope'],
  ['status -n', '-n needs a value'],
  ['status --context', '--context needs a value'],
  ['status -o xml', '--output "xml" is none of "wide", "json", "yaml", "name"'],
  ['status --request-timeout soon', '--request-timeout soon is not a duration such as 30s'],
  ['status --request-timeout 5d', '--request-timeout 5d is not a duration such as 30s'],
  ['recreate', 'recreate what? name a Certificate, route or domain, or say --failed'],
  ['recreate shop --delete-secret', '--delete-secret goes with --hard'],
  ['renew', 'renew what? name a Certificate, route or domain, or say -l LABELS'],
  ['describe', 'what? a name is missing'],
  ['describe shop blog', 'unknown: blog'],
  ['describe shop -o wide', '--output "wide" is none of "json", "yaml"'],
  ['recreate shop --timeout=-1s', '--timeout -1s is not a duration such as 30s'],
  ['wait', 'wait for what? name a route or domain, or say -l LABELS'],
  ['wait shop --for ready', '--for "ready" is none of "issued", "failed"'],
  ['completion', 'what? a name is missing'],
  ['completion bash', '--action "bash" is none of "install", "script"'],
  ['plan -f', '-f needs a value'],
  ['plan a.yaml', 'unknown: a.yaml'],
  ['plan -f a.yaml b.yaml', 'unknown: b.yaml'],
  ['plan -f a.yaml -o wide', '--output "wide" is none of "json", "yaml"'],
  ['plan -f a.yaml --attach both', '--attach "both" is none of "inject", "carry"'],
]

for (const [line, message] of mistakes) {
  test(`kubectl tlsauto ${line} is refused: ${message}`, async () => {
    await assert.rejects(parse(line), (error) => {
      assert.ok(error instanceof UsageError)
      assert.equal(error.message, message)
      return true
    })
  })
}

for (const line of [
  '--help',
  'help',
  'status --help',
  'describe --help',
  'recreate --help',
  'wait --help',
  'plan --help',
  'verify --help',
  'doctor --help',
]) {
  test(`kubectl tlsauto ${line} fits a terminal, and describes every option`, async () => {
    const command = await parse(line)
    assert.equal(command['kind'], 'text')
    const text = String(command['text'])
    assert.match(text, /kubectl tlsauto/)
    const lines = text.split('\n')
    assert.deepEqual(
      lines.filter((one) => one.length > 80),
      [],
    )
    assert.deepEqual(
      lines.filter((one) => /^ +(-\w, )?--[\w-]+ +\[/.test(one)),
      [],
    )
  })
}

async function parse(
  line: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Readonly<Record<string, unknown>>> {
  const argv = line.split(' ').filter((word) => word !== '')
  const context = { commands: COMMANDS, version: '1.2.3', env, columns: 80 }
  const { name, flags } = await parseCommandLine(argv, context)
  return { kind: name, ...flags }
}
