import type { Certificate } from '../../../shared/certmanager/certificate.ts'
import type { DomainClaim } from '../../../shared/claims/domain-claim.ts'
import { byAge, keyOf, kindKeyOf, type KubeObject } from '../../../shared/kube/object.ts'
import { decide } from '../../../shared/route/decide.ts'
import { seenHosts, type Ingress } from '../../../shared/route/seen-hosts.ts'
import { resolveSettings, type NamespaceSettings } from '../../../shared/settings/settings.ts'
import type { Route } from '../../../shared/traefik/route.ts'
import { routeReach } from '../../../shared/traefik/rule-reach.ts'
import { takeAtOnce, type Steps } from '../../runtime/slices.ts'
import type { Middleware } from '../plan/redirect-middleware.ts'
import { isMoving, notedBefore } from './claimants.ts'
import type { IndexState } from './index-state.ts'
import { isOldRoute } from './managed-routes.ts'
import type { IndexedRoute } from './route-store.ts'

/** For who hears of changes. */
export type IndexWriter = {
  setInstalledAt(time: string | undefined): void
  /** Its routes are to be decided about again. */
  putNamespace(name: string, settings: NamespaceSettings): void
  removeNamespace(name: string): void
  /** What puts or removes a route or an Ingress gives the hosts that it names now and did not name before, or
   * the other way round. */
  putRoute(route: Route): readonly string[]
  /** The same, in steps: after each the route is there as a whole, or not yet. */
  puttingRoute(route: Route): Steps<readonly string[]>
  /** Decides again about a stored route, under the settings that its namespace has now. */
  decideAgain(key: string): void
  removeRoute(route: Route): readonly string[]
  removingRoute(route: Route): Steps<readonly string[]>
  putIngress(ingress: Ingress): readonly string[]
  removeIngress(ingress: Ingress): readonly string[]
  putClaim(claim: DomainClaim): void
  removeClaim(claim: DomainClaim): void
  /** Every first list is in: from now on hosts count as seen in the order of what is written. */
  beginOrder(): void
  putCertificate(certificate: Certificate): void
  removeCertificate(certificate: Certificate): void
  putMiddleware(middleware: Middleware): void
  removeMiddleware(middleware: Middleware): void
  /** Has the oldest route that is left alone for its age be taken care of, and gives its key. */
  takeOnOldest(): string | undefined
}

/** The one writer of an index: whatever it changes, what was answered before is forgotten. */
export function createWriter(state: IndexState): IndexWriter {
  const { certificates, holders, middlewares, namespaces, oldRoutes, sightings } = state
  const changing =
    <A extends readonly unknown[], R>(change: (...args: A) => R) =>
    (...args: A): R => {
      forgetAnswers(state)
      return change(...args)
    }
  return {
    setInstalledAt: changing(oldRoutes.setInstalledAt),
    putNamespace: changing((name, settings) => {
      holders.setNamespace(name, settings)
      namespaces.set(name, settings)
    }),
    removeNamespace: changing((name) => {
      holders.setNamespace(name, undefined)
      namespaces.delete(name)
    }),
    putRoute: (route) => takeAtOnce(puttingRoute(state, route)),
    puttingRoute: (route) => puttingRoute(state, route),
    decideAgain: changing((key) => {
      const entry = state.routes.get(key)
      if (entry !== undefined) store(state, decided(state, entry.route))
    }),
    removeRoute: (route) => takeAtOnce(removingRoute(state, route)),
    removingRoute: (route) => removingRoute(state, route),
    putIngress: changing((ingress) => {
      noteUnread(state, ingress, ingress.isCut)
      return sightings.put(ingress, ingress.hosts)
    }),
    removeIngress: changing((ingress) => {
      noteUnread(state, ingress, false)
      return sightings.put(ingress, [])
    }),
    putClaim: changing(holders.putClaim),
    removeClaim: changing(holders.removeClaim),
    beginOrder: changing(() => beginOrder(state)),
    putCertificate: changing(certificates.put),
    removeCertificate: changing(certificates.remove),
    putMiddleware: changing((one) => void middlewares.set(keyOf(one), one)),
    removeMiddleware: changing((one) => void middlewares.delete(keyOf(one))),
    takeOnOldest: changing(() => takeOnOldest(state)),
  }
}

function forgetAnswers({ answers: { managed, standings, served } }: IndexState): void {
  for (const answers of [managed, standings, served]) answers.forget()
}

/** Its hosts are seen before it is there, and out of sight after it has gone: they are claimed before they get
 * Certificates. */
function* puttingRoute(state: IndexState, route: Route): Steps<readonly string[]> {
  const { sightings, namespaces } = state
  routeReach(route) // the longest part of all that follows; it is remembered
  yield
  const hosts = seenHosts(route)
  const namespace = namespaces.get(route.metadata.namespace)
  const entry = decided(state, route)
  yield
  forgetAnswers(state)
  const all = new Set([...sightings.namedBy(route), ...hosts])
  const come = sightings.put(route, all.size === hosts.length ? hosts : [...all])
  yield
  forgetAnswers(state)
  const isSame = namespaces.get(route.metadata.namespace) === namespace
  store(state, isSame ? entry : decided(state, route))
  if (all.size === hosts.length) return come
  yield
  forgetAnswers(state)
  return [...sightings.put(route, hosts), ...come]
}

function* removingRoute(state: IndexState, route: Route): Steps<readonly string[]> {
  forgetAnswers(state)
  state.routes.remove(kindKeyOf(route))
  state.tcpServices.remove(route)
  noteUnread(state, route, false)
  yield
  forgetAnswers(state)
  return state.sightings.put(route, [])
}

/** What is decided about a route alone, under the settings that its namespace has now. */
function decided({ cluster, namespaces }: IndexState, route: Route): IndexedRoute {
  const { namespace, annotations } = route.metadata
  const settings = resolveSettings({
    cluster,
    namespace: namespaces.get(namespace),
    route: annotations,
  })
  return { route, settings, verdict: decide(route, settings) }
}

function store(state: IndexState, entry: IndexedRoute): void {
  const { route } = entry
  state.routes.put(entry)
  state.tcpServices.put(route)
  noteUnread(state, route, route.isCut || routeReach(route).isTooLong)
}

function noteUnread({ unread }: IndexState, object: KubeObject, isUnread: boolean): void {
  unread[isUnread ? 'add' : 'remove'](object.metadata.namespace, kindKeyOf(object))
}

function beginOrder(state: IndexState): void {
  const { holders, sightings, noted } = state
  const moving = isMoving(holders.claims())
  sightings.settle(moving)
  noted.clear()
  for (const [host, namespace] of moving ? notedBefore(state) : []) noted.set(host, namespace)
}

function takeOnOldest(state: IndexState): string | undefined {
  let oldest: Route | undefined
  for (const entry of state.routes.all()) {
    if (entry.verdict.kind !== 'managed' || !isOldRoute(state, entry)) continue
    if (oldest === undefined || byAge(entry.route, oldest) < 0) oldest = entry.route
  }
  if (oldest === undefined) return undefined
  state.oldRoutes.takeOn(oldest.metadata.uid)
  return kindKeyOf(oldest)
}
