import type { JsonObject } from '../../../shared/json/json.ts'
import { isOurTls } from '../../../shared/route/our-choice.ts'
import { SECRET } from '../../../shared/settings/settings.ts'
import type { Route } from '../../../shared/traefik/route.ts'

/** A merge patch (RFC 7386) that names a Secret in a stored route: it makes missing parents, touches
 * nothing else, and fails with 409 when the route has changed meanwhile. */
export function attachPatch(
  route: Route,
  secretName: string,
  options: string | undefined,
): JsonObject {
  const tls = { secretName, ...(options === undefined ? {} : { options: { name: options } }) }
  const { resourceVersion } = route.metadata
  return {
    metadata: { resourceVersion, annotations: { [SECRET]: secretName } },
    spec: { tls },
  }
}

/** A merge patch that takes back what we gave: all of `tls`, or the Secret's name alone where its user
 * has set something in it. */
export function detachPatch(route: Route): JsonObject {
  const { resourceVersion } = route.metadata
  return {
    metadata: { resourceVersion, annotations: { [SECRET]: null } },
    spec: { tls: isOurTls(route) ? null : { secretName: null } },
  }
}
