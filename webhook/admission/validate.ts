import { decide } from '../../shared/decide.ts'
import { warns, wording, type Finding } from '../../shared/findings/reasons.ts'
import type { JsonObject } from '../../shared/json.ts'
import {
  resolveSettings,
  type ClusterSettings,
  type NamespaceSettings,
} from '../../shared/settings.ts'
import { parseIngressRoute } from '../../shared/traefik/ingressroute.ts'
import type { Answer, Review } from './review.ts'

/** What happens to a host whose certificate another namespace has. */
export const HOST_CLAIMS = ['warn', 'deny'] as const
export type HostClaims = (typeof HOST_CLAIMS)[number]

/** What a request is checked against: the flags, and what the index knows. */
export type ValidateContext = {
  readonly cluster: ClusterSettings
  readonly hostClaims: HostClaims
  readonly namespace: NamespaceSettings | undefined
  /** The namespace that has a host's certificate, or undefined. */
  readonly holderOf: (host: string) => string | undefined
}

/** The warnings that `kubectl apply` prints for a request, and perhaps a denial: for what this request
 * brings in, not for what the stored object had already. */
export function validate(review: Review, context: ValidateContext): Omit<Answer, 'patch'> {
  const before = new Set(findingsOf(review.oldObject, review, context).map(wording))
  const news = findingsOf(review.object, review, context).filter((one) => !before.has(wording(one)))
  const denied = news.find((one) => isDenied(one, context))
  return {
    warnings: news.filter((one) => one !== denied).map(wording),
    denial: denied === undefined ? undefined : wording(denied),
  }
}

function findingsOf(
  object: JsonObject | undefined,
  { namespace }: Review,
  context: ValidateContext,
): readonly Finding[] {
  const route = parseIngressRoute(object)
  if (route === undefined) return []
  const settings = resolveSettings({ ...context, route: route.metadata.annotations })
  const verdict = decide(route, settings)
  const hosts = verdict.kind === 'managed' ? verdict.hosts : []
  const held = hosts.filter((host) => (context.holderOf(host) ?? namespace) !== namespace)
  return [
    ...verdict.findings.filter(warns),
    ...held.map((host): Finding => ({ reason: 'HostHeldElsewhere', path: '', about: host })),
  ]
}

/** A host that its namespace does not allow, and on demand one that another namespace holds. */
function isDenied({ reason }: Finding, { hostClaims }: ValidateContext): boolean {
  return reason === 'HostNotAllowed' || (reason === 'HostHeldElsewhere' && hostClaims === 'deny')
}
