import { imageProgram } from '../stack/image-program.ts'
import { makeNamespace } from '../stack/objects.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { startTlsauto, type Tlsauto } from '../stack/tlsauto.ts'
import { watchCertificates, type CertificateWatch } from './certificate-watch.ts'
import { benchBurst } from './controller-burst.ts'
import { benchHosts } from './controller-hosts.ts'
import { benchReturn } from './controller-return.ts'
import { benchRest } from './controller-rest.ts'
import type { Measure } from './measure.ts'

/** What a part of the benchmark works on. */
export type ControllerBench = {
  readonly stack: Stack
  readonly tlsauto: Tlsauto
  readonly watch: CertificateWatch
  /** Where the routes are. */
  readonly namespaces: readonly string[]
  readonly routes: number
}

/** What is expected with so many routes: seconds and MiB; null is reported only. */
export type Goals = {
  readonly allWithin: number | null
  readonly memory: number | null
  readonly restart: number
}

/** The controller with many routes that come at once, that are there already when it starts, and that
 * need nothing: on stacks of their own, as the image has it. */
export async function benchController(): Promise<readonly Measure[]> {
  const few = await benchRoutes(5000, { allWithin: 20, memory: 150, restart: 1.5 })
  const many = await benchRoutes(10_000, { allWithin: 45, memory: 200, restart: 3 })
  return [...few, ...many, ...(await onStack(benchHosts))]
}

async function benchRoutes(routes: number, goals: Goals): Promise<readonly Measure[]> {
  return onStack(async (bench) => [
    ...(await benchBurst({ ...bench, routes }, goals)),
    ...(await benchReturn({ ...bench, routes }, goals)),
    ...(await benchRest({ ...bench, routes })),
  ])
}

async function onStack(
  measure: (bench: Omit<ControllerBench, 'routes'>) => Promise<readonly Measure[]>,
): Promise<readonly Measure[]> {
  const stack = await startStack()
  try {
    for (const other of [stack.certManager, stack.traefik]) await other.stop()
    const flags = [
      '--log-level=info',
      '--max-certificates-per-namespace=0',
      '--max-claims-per-namespace=0',
    ]
    const tlsauto = await startTlsauto(stack, { ...(await imageProgram()), flags })
    const watch = await watchCertificates(stack)
    const names = Array.from({ length: 20 }, (_, number) => `team-${number}`)
    const namespaces = await Promise.all(names.map(async (name) => makeNamespace(stack, name)))
    const measures = await measure({ stack, tlsauto, watch, namespaces })
    await watch.close()
    return measures
  } finally {
    await stack.stop()
  }
}
