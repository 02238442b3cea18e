import { decide, type Verdict } from '../../shared/decide.ts'
import {
  isDenied,
  warns,
  wording,
  type Finding,
  type HostClaims,
} from '../../shared/findings/reasons.ts'
import { hugeRules } from '../../shared/huge-rules.ts'
import type { JsonObject } from '../../shared/json.ts'
import { ALT_NAMES } from '../../shared/certmanager/annotations/spec-annotations.ts'
import { primaryNames } from '../../shared/certifiable-hosts.ts'
import {
  annotationPath,
  resolveSettings,
  type Settings,
  type ClusterSettings,
  type NamespaceSettings,
} from '../../shared/settings.ts'
import { besideTcp, type TcpServices } from '../../shared/tcp-services.ts'
import { parseRoute, type Route } from '../../shared/traefik/route.ts'
import { ruleHosts } from '../../shared/traefik/rule-hosts.ts'
import type { Review } from './review.ts'

/** What a request is checked against: the flags, and what the index knows. */
export type ValidateContext = {
  readonly cluster: ClusterSettings
  readonly hostClaims: HostClaims
  readonly namespace: NamespaceSettings | undefined
  /** The namespace that a host belongs to, or undefined. */
  readonly holderOf: (host: string) => string | undefined
  readonly servedByTcp: TcpServices['servedBy']
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
 * stored object had already, wherever it stood in it. */
export function validate(review: Review, context: ValidateContext): Validation {
  const { verdict, findings } = judge(review.object, review, context)
  const before = new Set(judge(review.oldObject, review, context).findings.map(identity))
  const news = findings.filter((finding) => !before.has(identity(finding)))
  const denies = (finding: Finding): boolean => isDenied(finding, context.hostClaims)
  const denied = news.filter(denies)
  const warned = news.filter((finding) => !denies(finding))
  return {
    warnings: worded(warned, MOST_WARNINGS),
    denial: denied.length === 0 ? undefined : worded(denied, MOST_DENIALS).join('; '),
    verdict,
  }
}

/** The API server cuts all warnings of a request at 4,096 characters. */
const MOST_WARNINGS = 30
const MOST_DENIALS = 5

function worded(findings: readonly Finding[], most: number): readonly string[] {
  if (findings.length <= most) return findings.map(wording)
  const more = `and ${findings.length - most + 1} more; kubectl tlsauto plan lists them all`
  return [...findings.slice(0, most - 1).map(wording), more]
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
  const verdict = besideTcp(decide(route, settings), route, context.servedByTcp)
  const findings = [
    ...verdict.findings.filter(warns),
    ...hugeRules(route, verdict),
    ...heldElsewhere(route, verdict, { namespace: review.namespace, holderOf: context.holderOf }),
    ...addedElsewhere(settings, verdict, {
      namespace: review.namespace,
      holderOf: context.holderOf,
    }),
  ]
  return { verdict, findings }
}

function heldElsewhere(
  route: Route,
  verdict: Verdict,
  { namespace, holderOf }: Pick<ValidateContext, 'holderOf'> & { readonly namespace: string },
): readonly Finding[] {
  if (verdict.kind === 'unmanaged') return []
  const held = verdict.hosts.filter((host) => (holderOf(host) ?? namespace) !== namespace)
  if (held.length === 0) return []
  const paths = pathsOf(route)
  return held.map((host) => ({
    reason: 'HostHeldElsewhere',
    path: paths.get(host) ?? '',
    about: host,
  }))
}

/** Names that an annotation adds to a certificate, and that belong to another namespace. */
function addedElsewhere(
  settings: Settings,
  verdict: Verdict,
  { namespace, holderOf }: Pick<ValidateContext, 'holderOf'> & { readonly namespace: string },
): readonly Finding[] {
  if (verdict.kind === 'unmanaged') return []
  return primaryNames(settings, verdict.hosts)
    .altNames.filter((name) => (holderOf(name) ?? namespace) !== namespace)
    .map((name) => ({
      reason: 'HostHeldElsewhere',
      path: annotationPath(ALT_NAMES),
      about: name,
    }))
}

/** Where a route names its hosts first, those of its own list before those of its rules. */
function pathsOf(route: Route): ReadonlyMap<string, string> {
  const rules = ruleHosts(route).flatMap(({ path, hosts }) => hosts.map((name) => ({ name, path })))
  const places = [...(route.spec.tls?.domains ?? []), ...rules]
  return new Map(places.toReversed().map(({ name, path }) => [name, path]))
}
