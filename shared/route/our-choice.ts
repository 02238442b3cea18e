import { objectAt } from '../json/json.ts'
import { FIELD_MANAGER } from '../kube/ours.ts'
import { SECRET } from '../settings/settings.ts'
import type { Route } from '../traefik/route.ts'

const HOLDS = 'tlsauto.dev/holds'

/** Whether the route's secretName is the one that tlsauto wrote beside it. */
export function namesOurSecret(route: Route): boolean {
  const own = route.spec.tls?.secretName
  return own !== undefined && own === route.metadata.annotations[SECRET]
}

/** Whether `spec.tls` as a whole came from us, so that the route answered plain HTTP without it: the
 * Secret's name did, and nobody else set anything of `tls`. */
export function isOurTls(route: Route): boolean {
  return namesOurSecret(route) && !hasOwner(route, (tls) => tls !== undefined)
}

/** Whether the Secret's name came from us: our annotation says the same, and no other manager owns
 * the field (what a webhook adds has no owner; a copied manifest's fields have the user). */
export function isOurChoice(route: Route): boolean {
  return namesOurSecret(route) && !isSecretOfUser(route)
}

/** Whether a manager other than tlsauto owns the secretName: a user, or his tool, set it. */
export function isSecretOfUser(route: Route): boolean {
  return hasOwner(route, (tls) => objectAt({ tls }, 'tls')['f:secretName'] !== undefined)
}

/** The contested hosts that tlsauto noted on a route before there were DomainClaims. Anybody can call himself
 * tlsauto: they are read once, where no host was ever claimed. */
export function notedHosts({ metadata }: Route): readonly string[] {
  const text = metadata.annotations[HOLDS] ?? ''
  const isUsers = metadata.managedFields.some(
    ({ manager, fieldsV1 }) =>
      manager !== FIELD_MANAGER &&
      objectAt(objectAt(fieldsV1, 'f:metadata'), 'f:annotations')[`f:${HOLDS}`] !== undefined,
  )
  return text === '' || isUsers ? [] : text.split(',')
}

/** Whether a manager other than tlsauto owns such fields of `spec.tls`. */
function hasOwner(route: Route, owns: (tls: unknown) => boolean): boolean {
  return route.metadata.managedFields.some(
    ({ manager, fieldsV1 }) =>
      manager !== FIELD_MANAGER && owns(objectAt(fieldsV1, 'f:spec')['f:tls']),
  )
}
