import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { load } from 'js-yaml'
import { completionLines } from '../../../plugin/completion/completion-words.ts'
import { checkLines } from '../../../plugin/printers/check-lines.ts'
import { structured } from '../../../plugin/printers/structured.ts'
import { brokenCluster } from '../../fixtures/broken-cluster.ts'
import { clusterClient } from '../../fixtures/cluster-client.ts'
import { hostileCluster, hostileResults } from '../../fixtures/hostile-json.ts'
import { hostileText, MARK } from '../../fixtures/hostile-text.ts'
import { printedBy, strangeIn, type Printed } from '../../fixtures/printed.ts'
import { KubeError } from '../../../shared/kube/kube-error.ts'
import { Random } from '../../differential/random.ts'

/** How many texts of answers are made hostile; 5000 in `make test`, a million by TLSAUTO_HOSTILE_TEXTS=1000000. */
const TEXTS = Number(process.env['TLSAUTO_HOSTILE_TEXTS'] ?? 1500)
const MOST_ROUNDS = 100
const SEED = Number(process.env['TLSAUTO_SEED'] ?? 1)

/** Every printer of every command that prints what the cluster says. */
const COMMANDS = [
  'status -A',
  'status -A --all -o wide',
  'status -A --problems --no-headers',
  'status -A --watch',
  'status -A -o name',
  'status -A -o json',
  'status -A -o yaml',
  'describe failed',
  'describe stuck',
  'describe several -o json',
  'describe several -o yaml',
  'recreate --failed -A --dry-run',
  'recreate --failed -A --wait --timeout 0s',
  'recreate stuck issued --debug',
  'recreate failed --hard --yes --force --timeout 0s',
  'renew issued limited expired --force',
  'wait failed --timeout 0s',
  'issuer -A',
  'issuer -A -o wide',
  'issuer -A -o name',
  'issuer -A -o json',
  'issuer -A -o yaml',
  'prune -A',
  'prune -A --yes',
  'prune -A -o name',
  'prune -A -o json',
  'prune -A -o yaml',
  'plan -A',
  'plan -A -o json',
  'plan -A -o yaml',
  'version',
  'version -o json',
  'version -o yaml',
  'doctor',
  'doctor -o json',
  'doctor -o yaml',
].map((line) => line.split(' '))

/** These ask DNS and Traefik: where nobody listens, so that it ends at once. */
const PROBES = [
  'verify issued.example.com',
  'verify issued.example.com -o json',
  'doctor failed.example.com',
  'doctor failed.example.com -o yaml',
].map((line) => `${line} --address 127.0.0.1:1 --http-port 1 --resolver 127.0.0.1:1`.split(' '))

/** These print names and counts, in which a hostile text is seldom or never seen: clean they must be all the same. */
const NAMES_ALONE: ReadonlySet<string> = new Set([
  'prune -A --yes',
  'prune -A -o name',
  'recreate failed --hard --yes --force --timeout 0s',
  'renew issued limited expired --force',
])

const PROBED_EVERY = 10

suite(`${TEXTS} hostile texts in the cluster’s answers reach no terminal (seed ${SEED})`, () => {
  test('through any command', async () => {
    const random = new Random(SEED)
    const shown = new Set<string>()
    const silent = (): readonly (readonly string[])[] =>
      [...COMMANDS, ...PROBES].filter((argv) => {
        const name = argv.join(' ')
        return !shown.has(name) && !NAMES_ALONE.has(name)
      })
    // In some clusters a command finds nothing to show.
    const isEnough = (count: number, round: number): boolean =>
      count >= TEXTS && (silent().length === 0 || round >= MOST_ROUNDS)
    for (let count = 0, round = 0; !isEnough(count, round); round += 1) {
      const cluster = hostileCluster(brokenCluster(), random)
      count += cluster.count
      const client = clusterClient(cluster.objects, refusals(random))
      const all = [...COMMANDS, ...(round % PROBED_EVERY === 0 ? PROBES : [])]
      // Once there were texts enough, only those that have shown none yet go on.
      for (const argv of count < TEXTS ? all : silent()) {
        const options = { colours: random.once(2) }
        const printed = await printedBy(argv, client, options)
        const name = argv.join(' ')
        isClean(printed, { ...options, of: `${name} (seed ${SEED}, round ${round})` })
        isReadable(printed.out, argv)
        if (said(printed).includes(MARK)) shown.add(name)
      }
    }
    assert.deepEqual(silent(), [], 'what shows nothing of the texts proves nothing')
  })

  test('through the lines of checks', () => {
    const random = new Random(SEED)
    for (let count = 0; count < TEXTS;) {
      const options = { colours: random.once(2) }
      const { results, count: more } = hostileResults(random)
      count += more
      const out = checkLines(results, { interactive: options.colours }).join('\n')
      isClean({ out, error: '' }, { ...options, of: 'checks' })
    }
  })

  test('through JSON and YAML, in which each is read as what it was', () => {
    const random = new Random(SEED)
    for (let count = 0; count < TEXTS; count += 3) {
      const value = { [hostileText(random)]: [hostileText(random), { text: hostileText(random) }] }
      for (const format of ['json', 'yaml'] as const) {
        const out = structured(value, format)
        isClean({ out, error: '' }, { colours: false, of: format })
        assert.deepEqual(format === 'json' ? JSON.parse(out) : load(out), value)
      }
    }
  })

  test('through completion', () => {
    const random = new Random(SEED)
    for (let count = 0; count < TEXTS; count += 10) {
      const words = random.several(10, () => ({ word: hostileText(random), meaning: '' }))
      const out = completionLines(words, '', false).join('\n')
      isClean({ out, error: '' }, { colours: false, of: 'completion' })
    }
  })
})

/** Now and then somebody may not list a kind, or the API server fails, in hostile words. */
function refusals(random: Random): Readonly<Record<string, KubeError>> {
  const of = (kind: string): Readonly<Record<string, KubeError>> => ({
    [kind]: new KubeError(hostileText(random, 'no'), { status: random.pick([403, 404, 500]) }),
  })
  if (!random.once(4)) return {}
  return of(random.pick(['writes', ...Object.keys(brokenCluster())]))
}

/** What is printed but for an error that ends the command. */
function said({ out, error }: Printed): string {
  return out + error.replaceAll(/^error: .*$/gm, '')
}

function isClean(
  { out, error }: Printed,
  { colours, of }: { readonly colours: boolean; readonly of: string },
): void {
  assert.equal(strangeIn(out, { colours }), undefined, `standard output of ${of}`)
  assert.equal(strangeIn(error, { colours }), undefined, `standard error of ${of}`)
}

/** What programs read, they can. */
function isReadable(out: string, argv: readonly string[]): void {
  if (out === '') return
  if (argv.includes('json')) JSON.parse(out)
  if (argv.includes('yaml')) load(out)
}
