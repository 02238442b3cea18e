import { attachmentFor } from '../../shared/attach.ts'
import type { HostClaim, ManagedRoute } from '../../shared/certmanager/desired.ts'
import { nameOf } from '../../shared/certmanager/desired.ts'
import { isOurChoice } from '../../shared/our-choice.ts'
import type { JsonObject } from '../../shared/json.ts'
import { SECRET } from '../../shared/settings.ts'
import type { Route } from '../../shared/traefik/route.ts'

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

function routePatch(route: Route, secretName: string, options: string | undefined): RoutePatch {
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
