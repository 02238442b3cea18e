import { isDeepStrictEqual } from 'node:util'
import { hostViolations, type HostRights, type Violation } from '../../shared/route/host-check.ts'
import type { JsonObject } from '../../shared/json/json.ts'
import { isRouteKind, parseRoute, type Route } from '../../shared/traefik/route.ts'
import type { Answer, Review } from './review.ts'
import { sayFindings } from './say-findings.ts'

/** Why a route is denied that would cost too much to read. No honest one comes near. */
export const TOO_MUCH = 'the route has too many values for its hosts to be checked: make it smaller'

/** Why a route is denied of which the review would be late: such a one may be let in, and so may what comes
 * meanwhile. */
export const TOO_LONG =
  'the rules of this route are too long for its hosts to be checked: make several routes of it'

/** Half of what is read of a review at once, so that an update of what was let in can always be read. */
const MOST_VALUES = 125_000

/** Whether a request's hosts are its namespace's, in whatever shape of a route they come: a denial, or warnings,
 * for what this request brings in. What the stored object had already passes, or nobody could remove a
 * finalizer from it; but not a rule for such hosts whose text or priority is another now, nor on more entry points. Throws where a route can't be read. */
export function checkHosts(
  review: Review,
  rights: HostRights,
): Pick<Answer, 'warnings' | 'denial'> {
  if (hasTooMuch(review.object)) return { warnings: [], denial: TOO_MUCH }
  const nothing = { warnings: [], denial: undefined }
  if (isDeepStrictEqual(review.object?.['spec'], review.oldObject?.['spec'])) return nothing
  if (isTooLong(parseRoute(review.object))) return { warnings: [], denial: TOO_LONG }
  const now = violationsOf(review.object, rights)
  if (now.length === 0) return nothing
  const before = isOnMore(review)
    ? new Set<string>()
    : new Set(violationsOf(review.oldObject, rights).flatMap(({ keys }) => keys))
  const news = now.filter(({ keys }) => keys.some((key) => !before.has(key)))
  return sayFindings(
    news.map(({ finding }) => finding),
    rights,
  )
}

/** Whether a route gets entry points that the stored one has not: none means the default ones. */
function isOnMore({ object, oldObject }: Review): boolean {
  const [now, before] = [object, oldObject].map((one) => parseRoute(one)?.spec.entryPoints ?? [])
  const known = new Set(before)
  return (now?.length === 0 && known.size > 0) || now?.some((name) => !known.has(name)) === true
}

function violationsOf(object: JsonObject | undefined, rights: HostRights): readonly Violation[] {
  if (object === undefined || !isRouteKind(object['kind'])) return []
  const route = parseRoute(object)
  if (route === undefined) throw new Error('the route has a shape that Traefik refuses')
  if (isTooLong(route)) return []
  return hostViolations(route, rights)
}

/** More than is read of a stored route (`LONGEST_ROUTE`), and 0.2 s of reading: half a second is late. */
const LONGEST_TEXTS = 196_608
const EACH_TEXT = 32

function isTooLong(route: Route | undefined): boolean {
  const matches = route?.spec.routes.map(({ match }) => match) ?? []
  const names = route?.spec.tls?.domains.map(({ name }) => name) ?? []
  const texts = [...matches, ...names]
  return texts.reduce((sum, { length }) => sum + length + EACH_TEXT, 0) > LONGEST_TEXTS
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
