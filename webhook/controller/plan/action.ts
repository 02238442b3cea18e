import type { Certificate } from '../../../shared/certmanager/certificate.ts'
import type { DesiredCertificate } from '../../../shared/certificates/desired.ts'
import type { Verdict } from '../../../shared/route/decide.ts'
import type { JsonObject } from '../../../shared/json/json.ts'
import type { Preconditions } from '../../../shared/kube/kube-client.ts'
import {
  ownerReference,
  parseMeta,
  type KubeObject,
  type ObjectMeta,
  type OwnerReference,
} from '../../../shared/kube/object.ts'
import { OUR_LABELS } from '../../../shared/kube/ours.ts'
import { isRouteKind, TRAEFIK_API, type Route } from '../../../shared/traefik/route.ts'
import type { EventNote } from '../../runtime/event-notes.ts'

/** What we make and take away. */
export type Kept = 'certificates' | 'ingressRoutes' | 'middlewares'

/** One thing to do to the cluster. */
export type Action =
  | {
      readonly kind: 'apply'
      readonly resource: Kept
      readonly object: JsonObject
      /** Over other managers' fields: only where the object is known to be ours. */
      readonly force: boolean
    }
  | {
      readonly kind: 'delete'
      readonly resource: Kept
      readonly namespace: string
      readonly name: string
      readonly preconditions: Preconditions
    }
  | {
      readonly kind: 'patch'
      readonly route: Route
      /** RFC 7386; the version in it makes it fail with 409 when the route has changed meanwhile. */
      readonly patch: JsonObject
    }
  | {
      /** Takes a Certificate's owners off it: what others own no apply can remove. */
      readonly kind: 'disown'
      readonly certificate: ObjectMeta
    }
  | { readonly kind: 'event'; readonly note: EventNote }

/** A route as an owner reference names it, in the namespace at hand. */
export type RouteName = { readonly kind: string; readonly name: string }

/** What there is. `route` gives any route, ours or not. */
export type Observed = {
  readonly certificate: (name: string) => Certificate | undefined
  readonly route: (at: RouteName) => Route | undefined
  /** What was decided about a route. */
  readonly verdict: (at: RouteName) => Verdict | undefined
  /** Whether routes live off a wildcard's Certificate, for hosts that have no other yet. */
  readonly hasGuests: (certificate: Certificate) => boolean
}

/** The route that a Certificate's carrier is. */
export function carrierOf(name: string, observed: Observed): Route | undefined {
  return observed.route({ kind: 'IngressRoute', name })
}

/** The removal of one of ours, as it was seen. */
export function remove(resource: Kept, metadata: ObjectMeta): Action {
  const { namespace, name, uid, resourceVersion } = metadata
  return { kind: 'delete', resource, namespace, name, preconditions: { uid, resourceVersion } }
}

/** A note for a route's owner. */
export function noteOn(route: Route, reason: EventNote['reason'], about: string): Action {
  const on = { ...ownerReference(route), namespace: route.metadata.namespace }
  return { kind: 'event', note: { on, reason, about } }
}

/** The routes that an action is about: those that own what it applies, or the one that it patches. */
export function ownersIn(action: Action): readonly EventNote['on'][] {
  switch (action.kind) {
    case 'apply': {
      const metadata = parseMeta(action.object['metadata'])
      const { namespace = '', ownerReferences = [] } = metadata ?? {}
      return ownerReferences.filter(isRouteOwner).map((owner) => ({ ...owner, namespace }))
    }
    case 'patch': {
      const { namespace } = action.route.metadata
      return [{ ...ownerReference(action.route), namespace }]
    }
    case 'delete':
    case 'disown':
    case 'event':
      return []
    default:
      return action satisfies never
  }
}

/** The same note for each route that needs a Certificate. */
export function notes(
  desired: DesiredCertificate,
  reason: EventNote['reason'],
  about: string,
): readonly Action[] {
  return desired.owners.map((route) => noteOn(route, reason, about))
}

/** The metadata of what is applied for a Certificate. With the uid and version that were seen, a write to another object of that name fails. */
export function metadataOf(
  desired: DesiredCertificate,
  existing: KubeObject | undefined,
): JsonObject {
  const { namespace, name, owners } = desired
  const seen =
    existing === undefined
      ? {}
      : { uid: existing.metadata.uid, resourceVersion: existing.metadata.resourceVersion }
  return {
    namespace,
    name,
    ...seen,
    labels: OUR_LABELS,
    ownerReferences: owners.map(ownerReference),
  }
}

/** Whether of all routes exactly these own an object. Other kinds don't count: no apply can remove them. */
export function hasOwners(metadata: ObjectMeta, owners: readonly Route[]): boolean {
  const uids = new Set(metadata.ownerReferences.filter(isRouteOwner).map((owner) => owner.uid))
  return uids.size === owners.length && owners.every((owner) => uids.has(owner.metadata.uid))
}

/** Whether an owner is a route. */
export function isRouteOwner(owner: Pick<OwnerReference, 'apiVersion' | 'kind'>): boolean {
  return owner.apiVersion === TRAEFIK_API && isRouteKind(owner.kind)
}
