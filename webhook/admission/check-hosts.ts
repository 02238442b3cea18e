import { hostViolations, type HostRights, type Violation } from '../../shared/host-check.ts'
import type { JsonObject } from '../../shared/json.ts'
import { isRouteKind, parseRoute } from '../../shared/traefik/route.ts'
import type { Answer, Review } from './review.ts'
import { sayFindings } from './say-findings.ts'

/** Whether a request's hosts are its namespace's, in whatever shape of a route they come: a denial, or warnings,
 * for what this request brings in. What the stored object had already passes, or nobody could remove a
 * finalizer from it. Throws where a route can't be read. */
export function checkHosts(
  review: Review,
  rights: HostRights,
): Pick<Answer, 'warnings' | 'denial'> {
  const now = violationsOf(review.object, rights)
  if (now.length === 0) return { warnings: [], denial: undefined }
  const before = new Set(violationsOf(review.oldObject, rights).map(({ key }) => key))
  const news = now.filter(({ key }) => !before.has(key)).map(({ finding }) => finding)
  return sayFindings(news, rights)
}

function violationsOf(object: JsonObject | undefined, rights: HostRights): readonly Violation[] {
  if (object === undefined || !isRouteKind(object['kind'])) return []
  const route = parseRoute(object)
  if (route === undefined) throw new Error('the route has a shape that Traefik refuses')
  return hostViolations(route, rights)
}
