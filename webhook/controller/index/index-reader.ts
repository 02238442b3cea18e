import type { Certificate } from '../../../shared/certmanager/certificate.ts'
import type { HostClaim, HostStanding, ManagedRoute } from '../../../shared/certificates/desired.ts'
import type { HostHolders } from '../../../shared/claims/host-holders.ts'
import type { Verdict } from '../../../shared/route/decide.ts'
import type { TakenNames } from '../../../shared/route/taken-names.ts'
import type { TcpServices } from '../../../shared/route/tcp-services.ts'
import type { NamespaceSettings } from '../../../shared/settings/settings.ts'
import type { ClaimState } from '../plan/plan-claim.ts'
import type { Middleware } from '../plan/redirect-middleware.ts'
import { claimState, isClaimLimited, isHeldElsewhere } from './claimants.ts'
import { claimsAround, isTaken } from './claims.ts'
import type { IndexState } from './index-state.ts'
import { isOldRoute, managedRoute, namedRoutes, takenNames, verdictOf } from './managed-routes.ts'
import type { IndexedRoute } from './route-store.ts'
import { hasGuests, isCarried, standingsOf } from './standings.ts'

/** For who decides: reconcile, admission. A Certificate's key is `namespace/name`, a route's has its kind before it. */
export type IndexReader = {
  namespace(name: string): NamespaceSettings | undefined
  route(key: string): IndexedRoute | undefined
  /** What was decided about a route among the others of its namespace. */
  verdict(key: string): Verdict | undefined
  /** Whether a route is older than tlsauto here, and so left alone. */
  isOld(key: string): boolean
  /** Whether tlsauto takes care of it: decided so, and not older than tlsauto itself. */
  managed(key: string): ManagedRoute | undefined
  /** The managed routes that name this Secret by their users' choice, oldest first. */
  namedRoutes(key: string): readonly ManagedRoute[]
  /** A Middleware, ours or not. */
  middleware(key: string): Middleware | undefined
  certificate(key: string): Certificate | undefined
  certificates(): Iterable<Certificate>
  /** Whether a Certificate's carrier is there. */
  isCarried(certificate: Certificate): boolean
  /** Whether routes live off a wildcard's Certificate. */
  hasGuests(certificate: Certificate): boolean
  /** How a route's own hosts stand. */
  standingsOf(route: IndexedRoute): Iterable<HostStanding>
  /** The claims that a decision about a Certificate depends on. */
  claimsAround(key: string): readonly HostClaim[]
  /** Whether a Certificate's name can't be this host's: one of ours has it that is another's, or routes want it for
   * the Secret that they name themselves. */
  isTaken(key: string, claim: HostClaim): boolean
  readonly takenNames: TakenNames
  /** The first of a route's hosts that an IngressRouteTCP serves, which HTTPS would take away. */
  readonly servedByTcp: TcpServices['servedBy']
  readonly holderOf: HostHolders['holderOf']
  readonly rivalOf: HostHolders['rivalOf']
  /** Whether a host belongs to another namespace, or will as soon as it is claimed. */
  isHeldElsewhere(host: string, namespace: string): boolean
  /** What there is to know about the claim of a host. */
  claimState(host: string): ClaimState
  /** Whether a host would be this namespace's if that could have one more claim. */
  isClaimLimited(host: string, namespace: string): boolean
  /** Whether routes or Ingresses of a namespace are not read, too long as they are or more than it has memory for: the hosts that
   * it claimed count as named. */
  hasUnread(namespace: string): boolean
}

/** A reader of an index. */
export function createReader(state: IndexState): IndexReader {
  const { namespaces, routes, middlewares, certificates, holders, tcpServices, unread } = state
  return {
    namespace: (name) => namespaces.get(name),
    route: routes.get,
    verdict: (key) => verdictOf(state, key),
    isOld: (key) => {
      const entry = routes.get(key)
      return entry !== undefined && isOldRoute(state, entry)
    },
    managed: (key) => managedRoute(state, key),
    namedRoutes: (key) => namedRoutes(state, key),
    middleware: (key) => middlewares.get(key),
    certificate: certificates.get,
    certificates: certificates.all,
    isCarried: (certificate) => isCarried(state, certificate),
    hasGuests: (certificate) => hasGuests(state, certificate),
    standingsOf: (entry) => standingsOf(state, entry),
    claimsAround: (key) => claimsAround(state, key),
    isTaken: (key, claim) => isTaken(state, key, claim),
    takenNames: takenNames(state),
    servedByTcp: tcpServices.servedBy,
    holderOf: holders.holderOf,
    rivalOf: holders.rivalOf,
    isHeldElsewhere: (host, namespace) => isHeldElsewhere(state, host, namespace),
    claimState: (host) => claimState(state, host),
    isClaimLimited: (host, namespace) => isClaimLimited(state, host, namespace),
    hasUnread: unread.has,
  }
}
