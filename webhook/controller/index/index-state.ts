import type { Certificate } from '../../../shared/certmanager/certificate.ts'
import type { HostStanding, ManagedRoute } from '../../../shared/certificates/desired.ts'
import { createHostHolders, type HostHolders } from '../../../shared/claims/host-holders.ts'
import { createSightings, type Sightings } from '../../../shared/claims/sightings.ts'
import { createMultimap, type Multimap } from '../../../shared/json/multimap.ts'
import { createTcpServices, type TcpServices } from '../../../shared/route/tcp-services.ts'
import type { ClusterSettings, NamespaceSettings } from '../../../shared/settings/settings.ts'
import type { Middleware } from '../plan/redirect-middleware.ts'
import { createAnswers, type Answers } from './answers.ts'
import { createCertificateStore, type CertificateStore } from './certificate-store.ts'
import { createOldRoutes, type OldRoutes } from './old-routes.ts'
import { createRouteStore, type RouteStore } from './route-store.ts'

/** All that the index keeps: `index-writer.ts` alone changes it, the questions about it are functions over it. */
export type IndexState = {
  readonly cluster: ClusterSettings
  /** How many DomainClaims of tlsauto's a namespace may have; 0: no limit. */
  readonly maxClaims: number
  readonly namespaces: Map<string, NamespaceSettings>
  readonly routes: RouteStore
  readonly oldRoutes: OldRoutes
  readonly certificates: CertificateStore
  readonly middlewares: Map<string, Middleware>
  readonly tcpServices: TcpServices
  readonly holders: HostHolders
  readonly sightings: Sightings
  /** By namespace the keys of what is not read, too long as it is or more than there is memory for. */
  readonly unread: Multimap<string, string>
  /** The namespaces of the hosts that were noted on routes, before there were DomainClaims. */
  readonly noted: Map<string, string>
  /** What was answered since the last change. */
  readonly answers: {
    readonly managed: Answers<ManagedRoute | undefined>
    readonly standings: Answers<HostStanding | undefined>
    readonly served: Answers<ServedWildcard | undefined>
  }
}

/** A wildcard whose certificate is served, and the oldest route that asks for it. */
export type ServedWildcard = { readonly certificate: Certificate; readonly oldest: ManagedRoute }

/** Nothing is kept yet. */
export function createIndexState(cluster: ClusterSettings, maxClaims: number): IndexState {
  return {
    cluster,
    maxClaims,
    namespaces: new Map(),
    routes: createRouteStore(),
    oldRoutes: createOldRoutes(),
    certificates: createCertificateStore(),
    middlewares: new Map(),
    tcpServices: createTcpServices(cluster),
    holders: createHostHolders(),
    sightings: createSightings(),
    unread: createMultimap(),
    noted: new Map(),
    answers: { managed: createAnswers(), standings: createAnswers(), served: createAnswers() },
  }
}
