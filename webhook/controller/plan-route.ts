import { attachmentFor } from '../../shared/attach.ts'
import type { HostClaim, ManagedRoute } from '../../shared/certmanager/desired.ts'
import { nameOf } from '../../shared/certmanager/desired.ts'
import { namesOurSecret } from '../../shared/decide.ts'
import type { JsonObject } from '../../shared/json.ts'
import { FIELD_MANAGER } from '../../shared/ours.ts'
import { SECRET } from '../../shared/settings.ts'
import { objectAt } from '../../shared/json.ts'
import type { IngressRoute } from '../../shared/traefik/ingressroute.ts'

/** A change to a stored route, as a merge patch (RFC 7386): it makes missing parents, touches nothing
 * else, and fails with 409 when the route has changed meanwhile. */
export type RoutePatch = { readonly secretName: string; readonly patch: JsonObject }

/** What a stored route lacks: the Secret's name, where the webhook was not there to add it, or the
 * name of the Secret that its primary host has moved to, once that one is issued. */
export function planRoute(
  managed: ManagedRoute,
  claims: readonly HostClaim[],
): RoutePatch | undefined {
  const { route, verdict } = managed
  const attachment = attachmentFor(managed)
  if (attachment !== undefined) return routePatch(route, attachment.secretName, attachment.options)
  if (!isOurChoice(route)) return undefined
  const own = claims.filter((claim) => verdict.hosts.includes(claim.host))
  if (own.some((claim) => nameOf(claim).secret === route.spec.tls?.secretName)) return undefined
  const primary = own.find((claim) => claim.host === verdict.hosts[0])
  if (primary?.existing?.status.notAfter === undefined) return undefined
  return routePatch(route, nameOf(primary).secret, undefined)
}

/** Whether the Secret's name came from us: our annotation says the same, and no other manager owns
 * the field (what a webhook adds has no owner; a copied manifest's fields have the user). */
export function isOurChoice(route: IngressRoute): boolean {
  if (!namesOurSecret(route)) return false
  return !route.metadata.managedFields.some(
    ({ manager, fieldsV1 }) =>
      manager !== FIELD_MANAGER &&
      objectAt(objectAt(fieldsV1, 'f:spec'), 'f:tls')['f:secretName'] !== undefined,
  )
}

function routePatch(
  route: IngressRoute,
  secretName: string,
  options: string | undefined,
): RoutePatch {
  const tls = { secretName, ...(options === undefined ? {} : { options: { name: options } }) }
  const { resourceVersion } = route.metadata
  return {
    secretName,
    patch: {
      metadata: { resourceVersion, annotations: { [SECRET]: secretName } },
      spec: { tls },
    },
  }
}
