import { decide } from '../../shared/decide.ts'
import { warns, wording } from '../../shared/findings/reasons.ts'
import type { JsonObject } from '../../shared/json.ts'
import {
  resolveSettings,
  type ClusterSettings,
  type NamespaceSettings,
} from '../../shared/settings.ts'
import { parseIngressRoute } from '../../shared/traefik/ingressroute.ts'
import type { Review } from './review.ts'

/** The warnings that `kubectl apply` prints for a request: what this request brings in, not what the
 * stored object had already. */
export function validate(
  review: Review,
  context: { readonly cluster: ClusterSettings; readonly namespace: NamespaceSettings | undefined },
): readonly string[] {
  const before = new Set(warningsOf(review.oldObject, context))
  return warningsOf(review.object, context).filter((warning) => !before.has(warning))
}

function warningsOf(
  object: JsonObject | undefined,
  context: { readonly cluster: ClusterSettings; readonly namespace: NamespaceSettings | undefined },
): readonly string[] {
  const route = parseIngressRoute(object)
  if (route === undefined) return []
  const settings = resolveSettings({ ...context, route: route.metadata.annotations })
  return decide(route, settings).findings.filter(warns).map(wording)
}
