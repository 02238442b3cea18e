import { decide } from '../../shared/decide.ts'
import { createHostHolders } from '../../shared/host-holders.ts'
import { byAge } from '../../shared/kube/object.ts'
import { isOurs } from '../../shared/ours.ts'
import { resolveSettings, type ClusterSettings } from '../../shared/settings.ts'
import type { Gathered } from './gather.ts'

/** What decides which namespace a host belongs to, as far as it is to be seen. */
export type Claims = Pick<Gathered, 'routes' | 'certificates' | 'namespaces'>

/** Which namespace a host belongs to, found as the controller finds it; undefined: none serves it. Nothing is
 * looked through before the first question. */
export function createHolderOf(
  claims: Claims,
  cluster: ClusterSettings,
): (host: string) => string | undefined {
  let holders: ReturnType<typeof holdersOf> | undefined
  return (host) => (holders ??= holdersOf(claims, cluster)).holderOf(host)
}

function holdersOf({ routes, certificates, namespaces }: Claims, cluster: ClusterSettings) {
  const oldest = new Map<string, string>()
  for (const { metadata, spec } of certificates.filter(isOurs).sort(byAge)) {
    for (const host of spec.dnsNames) {
      if (!oldest.has(host)) oldest.set(host, metadata.namespace)
    }
  }
  const holders = createHostHolders((host) => oldest.get(host))
  namespaces.forEach((settings, name) => holders.setNamespace(name, settings))
  for (const route of routes) {
    const namespace = namespaces.get(route.metadata.namespace)
    const settings = resolveSettings({ cluster, namespace, route: route.metadata.annotations })
    holders.putRoute(route, decide(route, settings))
  }
  return holders
}
