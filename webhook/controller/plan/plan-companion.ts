import type { HostStanding } from '../../../shared/certificates/desired.ts'
import type { KubeObject } from '../../../shared/kube/object.ts'
import { companionName } from '../../../shared/names/names.ts'
import { isCompanion, isOurs } from '../../../shared/kube/ours.ts'
import { namesOurSecret } from '../../../shared/route/our-choice.ts'
import { wantsCompanion } from '../../../shared/route/plain-http.ts'
import type { Settings } from '../../../shared/settings/settings.ts'
import { hostPatterns } from '../../../shared/traefik/host-patterns.ts'
import type { Route } from '../../../shared/traefik/route.ts'
import { ruleHosts } from '../../../shared/traefik/rule-hosts.ts'
import { hasOwners, noteOn, remove, type Action } from './action.ts'
import {
  companionObject,
  isCompanionAsDesired,
  redirectsOf,
  type CompanionWish,
} from './companion-object.ts'
import {
  isMiddlewareAsDesired,
  redirectMiddleware,
  type Middleware,
} from './redirect-middleware.ts'
import type { Steps } from '../../runtime/slices.ts'

/** What is stored under the name of a route's companion, ours or not. */
export type StoredCompanion = {
  readonly route: Route | undefined
  readonly middleware: Middleware | undefined
}

type Input = {
  readonly route: Route
  readonly settings: Settings
  readonly companion: StoredCompanion
}

/** What brings the companion of a managed route about. */
export function* planCompanion(
  input: Input & {
    readonly claims: readonly HostStanding[]
    /** Whether a host's certificate can be served. */
    readonly isServed: (claim: HostStanding) => boolean
  },
): Steps<{
  readonly isWanted: boolean
  readonly isBlocked: boolean
  readonly actions: readonly Action[]
}> {
  const { route, settings, companion } = input
  if (!wantsCompanion(route, settings)) return { isWanted: false, isBlocked: false, actions: [] }
  if (isStrangers(companion.route, isCompanion) || isStrangers(companion.middleware, isOurs)) {
    const taken = noteOn(route, 'CompanionTaken', companionName(route.metadata.name))
    return { isWanted: true, isBlocked: true, actions: [taken] }
  }
  const known = new Set(redirectsOf(companion.route))
  const ready = new Set<string>(input.claims.filter(input.isServed).map((claim) => claim.host))
  const redirects = new Set(
    settings.http === 'serve' || !namesOurSecret(route)
      ? []
      : ruleHosts(route)
          .flatMap(({ hosts }) => hosts)
          .filter((host) => known.has(host) || hostPatterns(host).some((one) => ready.has(one))),
  )
  yield
  return {
    isWanted: true,
    isBlocked: false,
    actions: applyCompanion(companion, { route, cluster: settings.cluster, redirects }),
  }
}

/** Has a companion that is there serve everything, so that its route may lose its TLS. It needs no Middleware
 * for that, which may be gone already. */
export function planCompanionServing({ route, settings, companion }: Input): readonly Action[] {
  const { route: stored } = companion
  if (stored === undefined || !isCompanion(stored)) return []
  const wish = { route, cluster: settings.cluster, redirects: new Set<string>() }
  if (isCompanionAsDesired(stored, wish)) return []
  return [apply('ingressRoutes', companionObject(wish, stored), stored)]
}

/** Takes away the companion of a route that answers HTTP by itself, or shall not. */
export function planCompanionEnd({ route, companion }: Input): readonly Action[] {
  const { route: stored, middleware } = companion
  return [
    ...(stored !== undefined && isCompanion(stored) && hasOwners(stored.metadata, [route])
      ? [remove('ingressRoutes', stored.metadata)]
      : []),
    ...(middleware !== undefined && isOurs(middleware) && hasOwners(middleware.metadata, [route])
      ? [remove('middlewares', middleware.metadata)]
      : []),
  ]
}

/** The Middleware first, and long before the first redirect: Traefik watches it separately. */
function applyCompanion(
  { route: stored, middleware }: StoredCompanion,
  wish: CompanionWish,
): readonly Action[] {
  const { route } = wish
  const before = new Set(redirectsOf(stored))
  const news = [...wish.redirects].filter((host) => !before.has(host))
  const name = companionName(route.metadata.name)
  return [
    ...(middleware === undefined || !isMiddlewareAsDesired(middleware, route)
      ? [apply('middlewares', redirectMiddleware(route), middleware)]
      : []),
    ...(stored === undefined || !isCompanionAsDesired(stored, wish)
      ? [apply('ingressRoutes', companionObject(wish, stored), stored)]
      : []),
    ...(stored === undefined ? [noteOn(route, 'HttpKept', name)] : []),
    ...(news.length > 0 ? [noteOn(route, 'HttpRedirected', news.join(', '))] : []),
  ]
}

function apply(
  resource: 'ingressRoutes' | 'middlewares',
  object: ReturnType<typeof companionObject>,
  existing: KubeObject | undefined,
): Action {
  return { kind: 'apply', resource, object, force: existing !== undefined }
}

function isStrangers<T extends KubeObject>(
  object: T | undefined,
  isOwn: (object: T) => boolean,
): boolean {
  return object !== undefined && !isOwn(object)
}
