import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { isJsonObject, listAt } from '../../../shared/json/json.ts'
import type { KubeClient } from '../../../shared/kube/kube-client.ts'
import { Random } from '../../differential/random.ts'
import { brokenCluster } from '../../fixtures/broken-cluster.ts'
import { strangeClaims } from '../../fixtures/domain-claims.ts'
import {
  countObjects,
  hostileEverything,
  hostileTenant,
  together,
} from '../../fixtures/hostile-objects.ts'
import { invocationOf, type Printed } from '../../fixtures/printed.ts'
import { selectingClient } from '../../fixtures/selecting-client.ts'

/** How many objects are made hostile; a hundred thousand by TLSAUTO_FUZZ=100000. */
const OBJECTS = Number(process.env['TLSAUTO_FUZZ'] ?? 600)
const SEED = Number(process.env['TLSAUTO_SEED'] ?? 1)

/** What looks at everybody's objects. */
const OF_ALL = [
  'status -A',
  'status -A --all -o wide',
  'status -A --problems',
  'status -A -o name',
  'status -A -o json',
  'status -A -o yaml',
  'recreate --failed -A --dry-run --force',
  'recreate --failed -A --yes --force',
  'issuer -A -o wide',
  'issuer -A -o json',
  'prune -A',
  'prune -A -o json',
  'plan -A',
  'plan -A --diff',
  'plan -A -o json',
  'version',
  'doctor',
].map((line) => line.split(' '))

/** What looks at one tenant's objects by their names, where they still have these. */
const OF_ONE = [
  ...['issued', 'failed', 'limited', 'stuck', 'expired', 'denied'].flatMap((name) => [
    `describe ${name} -n evil`,
    `describe ${name} -n evil -o yaml`,
    `renew ${name} -n evil --force --yes`,
    `recreate ${name} -n evil --hard --force --yes --timeout 0s`,
    `wait ${name} -n evil --timeout 0s`,
  ]),
  'recreate --failed -n evil --dry-run',
  'prune -n evil --yes',
].map((line) => line.split(' '))

/** These ask DNS and Traefik: where nobody listens, so that it ends at once. */
const PROBES = ['verify', 'doctor'].flatMap((command) =>
  ['issued', 'failed', 'stuck'].map((name) =>
    `${command} ${name}.evil.example -n evil --address 127.0.0.1:1 --http-port 1 --resolver 127.0.0.1:1`.split(
      ' ',
    ),
  ),
)
const PROBED_EVERY = 5

/** As many as make a round worth its commands. */
const TENANTS = ['evil', 'evil-2', 'evil-3', 'evil-4', 'evil-5']

suite(`${OBJECTS} hostile objects (seed ${SEED})`, () => {
  test('of a tenant end no command, and others’ objects are told as without them', async (t) => {
    const random = new Random(SEED)
    const honest = await seenOf(selectingClient(brokenCluster()))
    const started = performance.now()
    let count = 0
    for (let round = 0; count < OBJECTS / 2; round += 1) {
      const tenants = TENANTS.map((name) => hostileTenant(brokenCluster(), random, name))
      const evil = together(...tenants)
      count += countObjects(evil)
      const client = selectingClient(together(evil, brokenCluster()))
      const probes = round % PROBED_EVERY === 0 ? PROBES : []
      for (const argv of [...OF_ALL, ...OF_ONE, ...probes]) await sound(argv, client, round)
      const seen = await seenOf(client)
      const of = `seed ${SEED}, round ${round}`
      assert.deepEqual(seen.items, honest.items, of)
      // Of namesakes in other namespaces there may be more.
      const lines = new Set(seen.recreated)
      assert.deepEqual(
        honest.recreated.filter((line) => !lines.has(line)),
        [],
        of,
      )
    }
    t.diagnostic(`${count} objects in ${Math.round(performance.now() - started)} ms`)
  })

  test('of administrators, too, end no command', async (t) => {
    const random = new Random(SEED)
    const started = performance.now()
    let count = 0
    for (let round = 0; count < OBJECTS / 2; round += 1) {
      const all = hostileEverything({ ...brokenCluster(), domainclaims: strangeClaims() }, random)
      count += countObjects(all)
      const client = selectingClient(all)
      for (const argv of OF_ALL) await sound(argv, client, round)
    }
    t.diagnostic(`${count} objects in ${Math.round(performance.now() - started)} ms`)
  })
})

/** What a command may say of names that mean nothing any more. */
const HONEST_ERROR = /^no (?:route|Certificate|domain)|has no Certificate|is in several namespaces/

/** What no program should print; hostile texts do not have it. */
const BROKEN = /Invalid Date|\bNaN\b|\bundefined\b|\[object |Infinity/

async function sound(argv: readonly string[], client: KubeClient, round: number): Promise<void> {
  const of = `${argv.join(' ')} (seed ${SEED}, round ${round})`
  const { fault, ...texts } = await printed(argv, client)
  const out = texts.out + texts.error
  const isFine =
    fault === undefined || (fault.constructor === Error && HONEST_ERROR.test(fault.message))
  assert.ok(isFine, `${of}: ${fault?.stack}`)
  const broken = BROKEN.exec(out)
  assert.equal(broken && out.slice(Math.max(0, broken.index - 200), broken.index + 40), null, of)
  assert.doesNotMatch(out, /could not be judged|"state": "unknown"/, `no bug was met: ${of}`)
}

async function printed(
  argv: readonly string[],
  client: KubeClient,
): Promise<Printed & { readonly fault: Error | undefined }> {
  let out = ''
  let error = ''
  const terminal = {
    out: (text: string) => void (out += text),
    error: (text: string) => void (error += text),
    interactive: false,
    columns: Infinity,
  }
  try {
    const { run } = await invocationOf(argv)
    await run({
      terminal,
      now: () => new Date('2026-03-01T12:00:00Z'),
      readFile: async () => '',
      signal: AbortSignal.abort(),
      connect: async () => client,
    })
    return { out, error, fault: undefined }
  } catch (fault) {
    return { out, error, fault: fault instanceof Error ? fault : new Error(String(fault)) }
  }
}

/** How the objects of namespace `team` are told. */
async function seenOf(
  client: KubeClient,
): Promise<{ readonly items: object; readonly recreated: readonly string[] }> {
  const inTeam = async (argv: string): Promise<readonly unknown[]> => {
    const answer: unknown = JSON.parse((await printed(argv.split(' '), client)).out)
    const items = isJsonObject(answer) ? listAt(answer, 'items') : []
    return items.filter((item) => isJsonObject(item) && item['namespace'] === 'team')
  }
  const { out } = await printed('recreate --failed -A --dry-run --force'.split(' '), client)
  return {
    items: {
      status: await inTeam('status -A --all -o json'),
      plan: await inTeam('plan -A -o json'),
      orphans: await inTeam('prune -A -o json'),
    },
    recreated: out.split('\n').filter((line) => /\/cert-(?:failed|limited|expired) /.test(line)),
  }
}
