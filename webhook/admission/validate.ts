import { isElsewhere } from '../../shared/names/is-elsewhere.ts'
import { decide, type Verdict } from '../../shared/route/decide.ts'
import { warns, type Finding, type HostClaims } from '../../shared/findings/reasons.ts'
import { isOfHostCheck } from '../../shared/route/host-check.ts'
import type { JsonObject } from '../../shared/json/json.ts'
import { ALT_NAMES } from '../../shared/certmanager/annotations/spec-annotations.ts'
import { primaryNames } from '../../shared/route/certifiable-hosts.ts'
import {
  annotationPath,
  resolveSettings,
  type Settings,
  type ClusterSettings,
  type NamespaceSettings,
} from '../../shared/settings/settings.ts'
import { besideStrangers, carriersTaken, type TakenNames } from '../../shared/route/taken-names.ts'
import { besideTcp, type TcpServices } from '../../shared/route/tcp-services.ts'
import { parseRoute } from '../../shared/traefik/route.ts'
import type { Review } from './review.ts'
import { sayFindings } from './say-findings.ts'

/** What a request is checked against: the flags, and what the index knows. */
export type ValidateContext = {
  readonly cluster: ClusterSettings
  readonly hostClaims: HostClaims
  readonly namespace: NamespaceSettings | undefined
  /** The namespace that a host belongs to, or undefined. */
  readonly holderOf: (host: string) => string | undefined
  readonly servedByTcp: TcpServices['servedBy']
  readonly takenNames: TakenNames
}

/** What validation answers. */
export type Validation = {
  /** What `kubectl apply` prints, at most 120 characters each. */
  readonly warnings: readonly string[]
  /** Why the request is denied; undefined: it is allowed. */
  readonly denial: string | undefined
  /** What was decided about the object; undefined: it is no route. */
  readonly verdict: Verdict | undefined
}

/** The warnings for a request, and perhaps a denial: for what this request brings in, not for what the
 * stored object had already, wherever it stood in it. Whose hosts they are is for `checkHosts` to say. */
export function validate(review: Review, context: ValidateContext): Validation {
  const { verdict, findings } = judge(review.object, review, context)
  const before = new Set(judge(review.oldObject, review, context).findings.map(identity))
  const news = findings.filter((finding) => !before.has(identity(finding)))
  const { hostClaims, cluster } = context
  return { ...sayFindings(news, { hostClaims, unboundedRules: cluster.unboundedRules }), verdict }
}

function identity({ reason, about }: Finding): string {
  return `${reason} ${about}`
}

type Judgement = { readonly verdict: Verdict | undefined; readonly findings: readonly Finding[] }

function judge(
  object: JsonObject | undefined,
  review: Review,
  context: ValidateContext,
): Judgement {
  const route = parseRoute(object)
  if (route === undefined) return { verdict: undefined, findings: [] }
  const settings = resolveSettings({ ...context, route: route.metadata.annotations })
  const alone = besideTcp(decide(route, settings), route, context.servedByTcp)
  const verdict = besideStrangers(alone, { route, settings }, context.takenNames)
  const findings = [
    ...verdict.findings.filter((finding) => warns(finding) && !isOfHostCheck(finding)),
    ...carriersTaken(verdict, { route, settings }, context.takenNames),
    ...addedElsewhere(settings, verdict, {
      namespace: review.namespace,
      holderOf: context.holderOf,
    }),
  ]
  return { verdict, findings }
}

/** Names that an annotation adds to a certificate, and that belong to another namespace. */
function addedElsewhere(
  settings: Settings,
  verdict: Verdict,
  { namespace, holderOf }: Pick<ValidateContext, 'holderOf'> & { readonly namespace: string },
): readonly Finding[] {
  if (verdict.kind === 'unmanaged') return []
  return primaryNames(settings, verdict.hosts)
    .altNames.filter((name) => isElsewhere(holderOf(name), namespace))
    .map((name) => ({
      reason: 'HostHeldElsewhere',
      path: annotationPath(ALT_NAMES),
      about: name,
    }))
}
