import { RESOURCES } from '../../shared/kube/resources.ts'
import { find } from '../stack/objects.ts'
import { until } from '../stack/until.ts'
import type { ControllerBench, Goals } from './controller.ts'
import { certificateName, comes, createOne } from './time-to-certificate.ts'
import type { Measure } from './measure.ts'

const OUTAGE_MS = 10_000
const OUTAGE_GOAL = 5

/** How soon a new route has its Certificate: after a restart, and after the API server was away. Ends the
 * watch, which would not outlive that. */
export async function benchReturn(
  { stack, tlsauto, watch, namespaces: [namespace = ''], routes }: ControllerBench,
  goals: Goals,
): Promise<readonly Measure[]> {
  await tlsauto.stop()
  // Past the webhook, which is away: the controller has it all to do.
  await createOne(stack, { namespace, name: 'restart' })
  const first = comes(watch, 'restart')
  const started = performance.now()
  const starting = tlsauto.start()
  await first
  const restart = (performance.now() - started) / 1000
  await starting
  await watch.close()
  await stack.apiServerOutage(OUTAGE_MS)
  const back = performance.now()
  await until('a create', async () =>
    createOne(stack, { namespace, name: 'outage' }).then(() => true),
  )
  const name = certificateName('outage')
  const target = { resource: RESOURCES.certificates, namespace, name }
  await until('its Certificate', async () => find(stack.client, target))
  const outage = (performance.now() - back) / 1000
  return [
    {
      name: `${routes} routes: the first new one after a restart`,
      value: restart,
      unit: 's',
      baseline: null,
      goal: goals.restart,
      holds: restart <= goals.restart,
    },
    {
      name: `${routes} routes: a new one after 10 s without an API server`,
      value: outage,
      unit: 's',
      baseline: null,
      goal: OUTAGE_GOAL,
      holds: outage <= OUTAGE_GOAL,
    },
  ]
}
