import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { dirname } from 'node:path'
import { quantile } from '../load/quantile.ts'
import { peakMiB } from '../load/resident.ts'
import { PLUGIN } from '../stack/build-all.ts'
import { ensureBuilt } from '../stack/build.ts'
import { imageProgram } from '../stack/image-program.ts'
import { makeNamespace } from '../stack/objects.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { startTlsauto } from '../stack/tlsauto.ts'
import { watchCertificates } from './certificate-watch.ts'
import { createRoutes } from './create-routes.ts'
import { fillDomains } from './fill-domains.ts'
import type { Measure } from './measure.ts'
import { timeOf } from './time-of.ts'
import { certificateName } from './time-to-certificate.ts'

const SMALL = 10
const FEW = 1000
const MANY = 10_000
const ROUNDS = 9
const MEMORY_MIB = 150
/** Times what kubectl takes to list the same objects. */
const TIMES_KUBECTL = 1.5
const LIST = ['get', 'certificates,certificaterequests,orders,challenges', '-A']

/** `status` beside cmctl's of one Certificate; over many domains, of which one in twenty has failed, its time
 * through kubectl, beside kubectl's own list of the same objects; and the memory it takes over more. */
export async function benchPlugin(): Promise<readonly Measure[]> {
  return [
    ...(await onDomains(SMALL, timeBesideCmctl)),
    ...(await onDomains(FEW, timeBesideKubectl)),
    ...(await onDomains(MANY, memoryOfStatus)),
  ]
}

async function onDomains(
  count: number,
  bench: (stack: Stack) => Promise<readonly Measure[]>,
): Promise<readonly Measure[]> {
  const stack = await startStack()
  try {
    for (const other of [stack.certManager, stack.traefik]) await other.stop()
    const tlsauto = await startTlsauto(stack, {
      ...(await imageProgram()),
      flags: [
        '--log-level=info',
        '--max-certificates-per-namespace=0',
        '--max-claims-per-namespace=0',
      ],
    })
    const names = Array.from({ length: 20 }, (_, number) => `team-${number}`)
    const namespaces = await Promise.all(names.map(async (name) => makeNamespace(stack, name)))
    const watch = await watchCertificates(stack)
    const spec = { entryPoints: ['websecure'] }
    await createRoutes(stack, { prefix: 'shop', count, namespaces, clients: 8, spec })
    await watch.reaches(count)
    await watch.close()
    await tlsauto.stop()
    await fillDomains(stack)
    return await bench(stack)
  } finally {
    await stack.stop()
  }
}

/** Of a small cluster all domains, against cmctl's view of one. */
async function timeBesideCmctl(stack: Stack): Promise<readonly Measure[]> {
  const { program } = await ensureBuilt({
    env: process.env,
    report: () => undefined,
    only: ['cmctl'],
  })
  const one = ['status', 'certificate', certificateName('shop'), '-n', 'team-0']
  const { ours, theirs } = await inTurns(
    async () => ended(run(stack, PLUGIN, ['status', '-A'])),
    async () => ended(run(stack, program('cmctl'), one)),
  )
  const name = `kubectl-tlsauto status -A, ${SMALL} domains (baseline: cmctl status certificate)`
  return [measure(name, { value: ours, baseline: theirs, goal: theirs })]
}

async function timeBesideKubectl(stack: Stack): Promise<readonly Measure[]> {
  const kubectl = stack.built.program('kubectl')
  const { ours, theirs } = await inTurns(
    async () => ended(run(stack, kubectl, ['tlsauto', 'status', '-A'])),
    async () => ended(run(stack, kubectl, LIST)),
  )
  const name = `kubectl tlsauto status -A, ${FEW} domains (baseline: kubectl get)`
  return [measure(name, { value: ours, baseline: theirs, goal: TIMES_KUBECTL * theirs })]
}

function measure(
  name: string,
  figures: { readonly value: number; readonly baseline: number; readonly goal: number },
): Measure {
  return { name, ...figures, unit: 's', holds: figures.value < figures.goal }
}

/** Medians of seconds; one after the other, so that what else the machine does meets both. */
async function inTurns(
  our: () => Promise<void>,
  their: () => Promise<void>,
): Promise<{ readonly ours: number; readonly theirs: number }> {
  const [ours, theirs]: [number[], number[]] = [[], []]
  for (let round = 0; round < ROUNDS; round += 1) {
    theirs.push(await timeOf(their))
    ours.push(await timeOf(our))
  }
  return { ours: medianSeconds(ours), theirs: medianSeconds(theirs) }
}

async function memoryOfStatus(stack: Stack): Promise<readonly Measure[]> {
  const child = run(stack, PLUGIN, ['status', '-A'])
  const ending = ended(child)
  const value = await peakMiB(child.pid ?? 0)
  await ending
  const name = `kubectl tlsauto status -A, ${MANY} domains: memory at most`
  return [{ name, value, unit: 'MiB', baseline: null, goal: MEMORY_MIB, holds: value < MEMORY_MIB }]
}

function run({ kubeconfig }: Stack, program: string, args: readonly string[]): ChildProcess {
  const path = `${dirname(PLUGIN)}:${process.env['PATH'] ?? ''}`
  const env = { PATH: path, HOME: '/nonexistent', KUBECONFIG: kubeconfig }
  return spawn(program, args, { env, stdio: ['ignore', 'ignore', 'inherit'] })
}

/** With 1: some domains have failed. */
async function ended(child: ChildProcess): Promise<void> {
  await once(child, 'close')
  const { exitCode, spawnfile, spawnargs } = child
  if (exitCode !== 0 && exitCode !== 1)
    throw new Error(`${[spawnfile, ...spawnargs].join(' ')}: ${exitCode}`)
}

function medianSeconds(milliseconds: readonly number[]): number {
  const sorted = milliseconds.toSorted((a, b) => a - b)
  return quantile(sorted, 0.5) / 1000
}
