import { residentMiB } from '../load/resident.ts'
import { makeNamespace } from '../stack/objects.ts'
import type { ControllerBench, Goals } from './controller.ts'
import { createRoutes } from './create-routes.ts'
import { timeToCertificate } from './time-to-certificate.ts'
import type { Measure } from './measure.ts'

const CLIENTS = 8
const OTHER_WITHIN = 2

/** Routes created as fast as some clients can: until the last one has its Certificate; meanwhile one in a
 * namespace that has no others; and the memory of it. */
export async function benchBurst(
  { stack, tlsauto, watch, namespaces, routes }: ControllerBench,
  goals: Goals,
): Promise<readonly Measure[]> {
  const other = await makeNamespace(stack, 'other')
  const spec = { entryPoints: ['websecure'] }
  const half = Math.floor(routes / 2)
  const batch = { namespaces, clients: CLIENTS, spec }
  const started = performance.now()
  await createRoutes(stack, { ...batch, prefix: 'early', count: half })
  const [beside] = await Promise.all([
    timeToCertificate(stack, { watch, namespace: other, name: 'beside' }),
    createRoutes(stack, { ...batch, prefix: 'late', count: routes - half }),
  ])
  const created = (performance.now() - started) / 1000
  await watch.reaches(routes + 1)
  const all = (performance.now() - started) / 1000
  const memory = await residentMiB(tlsauto.pid())
  const { allWithin } = goals
  return [
    {
      name: `${routes} routes: all Certificates (baseline: all created)`,
      value: all,
      unit: 's',
      baseline: created,
      goal: allWithin,
      holds: allWithin === null || all <= allWithin,
    },
    {
      name: `${routes} routes: one in another namespace meanwhile`,
      value: beside,
      unit: 's',
      baseline: null,
      goal: OTHER_WITHIN,
      holds: beside <= OTHER_WITHIN,
    },
    {
      name: `${routes} routes: memory`,
      value: memory,
      unit: 'MiB',
      baseline: null,
      goal: goals.memory,
      holds: goals.memory === null || memory <= goals.memory,
    },
  ]
}
