import { objectAt } from './json.ts'
import { FIELD_MANAGER } from './ours.ts'
import { SECRET } from './settings.ts'
import type { Route } from './traefik/route.ts'

/** Whether the route's secretName is the one that tlsauto wrote beside it. */
export function namesOurSecret(route: Route): boolean {
  const own = route.spec.tls?.secretName
  return own !== undefined && own === route.metadata.annotations[SECRET]
}

/** Whether the Secret's name came from us: our annotation says the same, and no other manager owns
 * the field (what a webhook adds has no owner; a copied manifest's fields have the user). */
export function isOurChoice(route: Route): boolean {
  if (!namesOurSecret(route)) return false
  return !route.metadata.managedFields.some(
    ({ manager, fieldsV1 }) =>
      manager !== FIELD_MANAGER &&
      objectAt(objectAt(fieldsV1, 'f:spec'), 'f:tls')['f:secretName'] !== undefined,
  )
}
