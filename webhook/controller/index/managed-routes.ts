import type { Certificate } from '../../../shared/certmanager/certificate.ts'
import type { ManagedRoute } from '../../../shared/certificates/desired.ts'
import { isCompanion, isOurs } from '../../../shared/kube/ours.ts'
import { companionName } from '../../../shared/names/names.ts'
import type { Verdict } from '../../../shared/route/decide.ts'
import { besideStrangers, type TakenNames } from '../../../shared/route/taken-names.ts'
import { besideTcp } from '../../../shared/route/tcp-services.ts'
import type { Route } from '../../../shared/traefik/route.ts'
import type { IndexState } from './index-state.ts'
import { oldestFirst, type IndexedRoute } from './route-store.ts'

/** What was decided about a route among the others of its namespace. */
export function verdictOf(state: IndexState, key: string): Verdict | undefined {
  const entry = state.routes.get(key)
  if (entry === undefined) return undefined
  const verdict = besideTcp(entry.verdict, entry.route, state.tcpServices.servedBy)
  return besideStrangers(verdict, entry, {
    isCompanionTaken: (route) => isCompanionTaken(state, route),
  })
}

/** The route as tlsauto takes care of it: decided so, and not older than tlsauto itself. */
export function managedRoute(state: IndexState, key: string): ManagedRoute | undefined {
  return state.answers.managed.of(key, () => {
    const entry = state.routes.get(key)
    const verdict = verdictOf(state, key)
    if (entry === undefined || verdict?.kind !== 'managed') return undefined
    if (isOldRoute(state, entry)) return undefined
    const { route, settings } = entry
    return { route, settings, verdict }
  })
}

/** Whether routes want a Certificate's key (`namespace/name`) for the Secret that they name themselves. */
export function isNamed(state: IndexState, certificate: string): boolean {
  return Array.from(state.routes.keysOfSecret(certificate)).some(
    (key) => managedRoute(state, key) !== undefined,
  )
}

/** The Certificate that stands for a host of a namespace. */
export function certificateOfHost(
  state: IndexState,
  namespace: string,
  host: string,
): Certificate | undefined {
  return certificatesOfHost(state, namespace, host)[0]
}

/** All of ours that do, its own first: see `CertificateStore.ofHost`. */
export function certificatesOfHost(
  state: IndexState,
  namespace: string,
  host: string,
): readonly Certificate[] {
  return state.certificates.ofHost(namespace, host, (key) => isNamed(state, key))
}

/** Which names that tlsauto needs are names of objects that are not its own. */
export function takenNames(state: IndexState): TakenNames {
  return {
    isCompanionTaken: (route) => isCompanionTaken(state, route),
    isCarrierTaken: (namespace, certificate) => {
      const carrier = state.routes.get(`IngressRoute ${namespace}/${certificate}`)?.route
      return carrier !== undefined && !isOurs(carrier)
    },
    certificateOf: (namespace, host) => certificateOfHost(state, namespace, host)?.metadata.name,
  }
}

function isCompanionTaken({ routes, middlewares }: IndexState, { metadata }: Route): boolean {
  const key = `${metadata.namespace}/${companionName(metadata.name)}`
  const companion = routes.get(`IngressRoute ${key}`)?.route
  const middleware = middlewares.get(key)
  return (
    (companion !== undefined && !isCompanion(companion)) ||
    (middleware !== undefined && !isOurs(middleware))
  )
}

/** Whether a route is older than tlsauto here, and so left alone. */
export function isOldRoute({ oldRoutes, certificates }: IndexState, entry: IndexedRoute): boolean {
  return oldRoutes.has(entry, certificates.isOwner)
}

/** The managed routes that serve a host, the oldest first. */
export function routesOfHost(
  state: IndexState,
  namespace: string,
  host: string,
): readonly ManagedRoute[] {
  return managedRoutes(state, state.routes.keysByAge(namespace, host))
}

/** The oldest of them. */
export function oldestOfHost(
  state: IndexState,
  namespace: string,
  host: string,
): ManagedRoute | undefined {
  for (const key of state.routes.keysByAge(namespace, host)) {
    const one = managedRoute(state, key)
    if (one !== undefined) return one
  }
  return undefined
}

/** The managed routes that name this Secret by their users' choice, the oldest first. */
export function namedRoutes(state: IndexState, secret: string): readonly ManagedRoute[] {
  return managedRoutes(state, oldestFirst(state.routes, state.routes.keysOfSecret(secret)))
}

function managedRoutes(state: IndexState, keys: Iterable<string>): readonly ManagedRoute[] {
  return Array.from(keys).flatMap((key) => managedRoute(state, key) ?? [])
}
