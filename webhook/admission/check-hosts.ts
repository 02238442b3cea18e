import { hostViolations, type HostRights, type Violation } from '../../shared/host-check.ts'
import type { JsonObject } from '../../shared/json.ts'
import { isRouteKind, parseRoute } from '../../shared/traefik/route.ts'
import type { Answer, Review } from './review.ts'
import { sayFindings } from './say-findings.ts'

/** Why a route is denied that would cost too much to read. No honest one comes near. */
export const TOO_MUCH = 'the route has too many values for its hosts to be checked: make it smaller'

/** Half of what is read of a review at once, so that an update of what was let in can always be read. */
const MOST_VALUES = 125_000

/** Whether a request's hosts are its namespace's, in whatever shape of a route they come: a denial, or warnings,
 * for what this request brings in. What the stored object had already passes, or nobody could remove a
 * finalizer from it. Throws where a route can't be read. */
export function checkHosts(
  review: Review,
  rights: HostRights,
): Pick<Answer, 'warnings' | 'denial'> {
  if (hasTooMuch(review.object)) return { warnings: [], denial: TOO_MUCH }
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

/** Counts as `excessOf` does: an object or a list once more than another value. */
function hasTooMuch(object: unknown): boolean {
  const waiting: unknown[] = [object]
  for (let values = 0; waiting.length > 0; values += 1) {
    const value = waiting.pop()
    if (typeof value === 'object' && value !== null) {
      values += 1
      for (const inner of Object.values(value)) waiting.push(inner)
    }
    if (values > MOST_VALUES) return true
  }
  return false
}
