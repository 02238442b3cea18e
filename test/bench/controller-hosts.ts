import { setTimeout as delay } from 'node:timers/promises'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { makeNamespace } from '../stack/objects.ts'
import { routeManifest } from '../stack/route-manifest.ts'
import type { Stack } from '../stack/stack.ts'
import { until } from '../stack/until.ts'
import { writesOf } from '../stack/writes.ts'
import type { ControllerBench } from './controller.ts'
import { countObjects } from './count-objects.ts'
import { createRoutes } from './create-routes.ts'
import type { Measure } from './measure.ts'

const ALL_ROUTES = '/apis/traefik.io/v1alpha1/ingressroutes'
const ROUTES = 5000
const LONGEST_MS = 300_000
const WIDE_ROUTES = 100
const HOSTS = 20
const REST_MS = 20_000

/** Routes that speak HTTP too, with their companions; and routes of many hosts, which must rest as well. */
export async function benchHosts(
  input: Omit<ControllerBench, 'routes'>,
): Promise<readonly Measure[]> {
  const { stack, watch, namespaces } = input
  const started = performance.now()
  await createRoutes(stack, { prefix: 'both', count: ROUTES, namespaces, clients: 8 })
  await watch.reaches(ROUTES)
  const certificates = (performance.now() - started) / 1000
  await until(
    'all companions',
    async () => (await countObjects(stack, ALL_ROUTES)) >= 2 * ROUTES || undefined,
    LONGEST_MS,
  )
  const companions = (performance.now() - started) / 1000
  await createWide(stack)
  await watch.reaches(ROUTES + WIDE_ROUTES * HOSTS)
  await delay(REST_MS)
  const before = (await writesOf(stack)).length
  await delay(REST_MS)
  const writes = (await writesOf(stack)).length - before
  return [
    report(`${ROUTES} routes that speak HTTP too: all Certificates`, certificates),
    report(`${ROUTES} routes that speak HTTP too: all companions`, companions),
    {
      name: `${WIDE_ROUTES} routes of ${HOSTS} hosts: writes in 20 s at rest`,
      value: writes,
      unit: 'writes',
      baseline: null,
      goal: 0,
      holds: writes === 0,
    },
  ]
}

function report(name: string, value: number): Measure {
  return { name, value, unit: 's', baseline: null, goal: null, holds: true }
}

async function createWide(stack: Stack): Promise<void> {
  const namespace = await makeNamespace(stack, 'wide')
  for (let number = 0; number < WIDE_ROUTES; number += 1) {
    const name = `wide-${number}`
    const hosts = Array.from({ length: HOSTS }, (_, host) => `h${host}.${name}.example.com`)
    const rules = [hosts.map((host) => `Host(\`${host}\`)`).join(' || ')]
    const spec = { entryPoints: ['websecure'] }
    const annotations = { 'cert-manager.io/issuer': 'missing' }
    const route = routeManifest({ namespace, name, rules, annotations, spec })
    await stack.client.create(RESOURCES.ingressRoutes, route)
  }
}
