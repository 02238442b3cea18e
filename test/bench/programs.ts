import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { quantile } from '../load/quantile.ts'
import { PLUGIN } from '../stack/build-all.ts'
import type { Measure } from './measure.ts'
import { timeOf } from './time-of.ts'

const ROUNDS = 20
const ROUTES = 500

/** The plugin's executable: its start, and a plan of 500 routes. Beside it the start of `true`, which
 * is what a process costs here. */
export async function benchPrograms(): Promise<readonly Measure[]> {
  const nothing = await median(async () => run('/bin/true', [], ''))
  const help = await median(async () => run(PLUGIN, ['--help'], ''))
  const version = await median(async () => run(PLUGIN, ['version', '--client'], ''))
  const plan = await median(async () =>
    run(PLUGIN, ['plan', '-f', '-', '-o', 'json', '--attach=inject'], manifests()),
  )
  return [
    measure('kubectl tlsauto --help', { value: help, baseline: nothing, goal: 60 }),
    measure('kubectl tlsauto version --client', { value: version, baseline: nothing, goal: 60 }),
    measure(`kubectl tlsauto plan, ${ROUTES} routes`, { value: plan, baseline: help, goal: 1000 }),
  ]
}

function measure(
  name: string,
  {
    value,
    baseline,
    goal,
  }: { readonly value: number; readonly baseline: number; readonly goal: number },
): Measure {
  return { name, value, unit: 'ms', baseline, goal, holds: value <= goal }
}

async function median(work: () => Promise<void>): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    times.push(await timeOf(work))
  }
  return quantile(
    times.sort((a, b) => a - b),
    0.5,
  )
}

async function run(program: string, args: readonly string[], input: string): Promise<void> {
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: undefined }
  const child = spawn(program, args, { env, stdio: ['pipe', 'ignore', 'inherit'] })
  child.stdin.on('error', () => undefined).end(input)
  await once(child, 'close')
  if (child.exitCode !== 0) throw new Error(`${program} ${args.join(' ')} failed`)
}

function manifests(): string {
  const documents = Array.from({ length: ROUTES }, (_, index) =>
    [
      'apiVersion: traefik.io/v1alpha1',
      'kind: IngressRoute',
      `metadata: {name: route-${index}, namespace: team-${index % 20}}`,
      'spec:',
      '  routes:',
      '    - kind: Rule',
      `      match: Host(\`shop-${index}.example.com\`) && PathPrefix(\`/\`)`,
      '      services: [{name: shop, port: 80}]',
    ].join('\n'),
  )
  return documents.join('\n---\n')
}
