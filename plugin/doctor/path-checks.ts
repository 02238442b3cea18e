import type { Attach } from '../../shared/settings/settings.ts'
import { numberOf } from '../../shared/json/number.ts'
import { isCompanion } from '../../shared/kube/ours.ts'
import type { Route, RouteEntry } from '../../shared/traefik/route.ts'
import { parseRule, ruleSyntax } from '../../shared/traefik/rule.ts'
import { ruleHosts } from '../../shared/traefik/rule-hosts.ts'
import { fine, unknown, wrong, type Check, type Outcome } from '../probe/check.ts'
import { endpointText, type Endpoint } from '../probe/endpoint.ts'
import type { HttpAnswer } from '../probe/http.ts'
import { solvedBy, type IssuerFacts } from './issuer-checks.ts'

/** What the way of an HTTP-01 challenge looks like. */
export type PathFacts = IssuerFacts & {
  readonly domain: string
  /** Those of Traefik's entry points that speak plain HTTP. */
  readonly httpEntryPoints: readonly string[]
  /** `carry`: the HTTPS entry points terminate TLS by themselves, for routes without `tls` too. */
  readonly attach: Attach
  /** All routes that are to be seen. */
  readonly routes: readonly Route[]
  /** What the challenge's path answers at each place. */
  readonly paths: readonly AcmePath[]
}

type Answered = Extract<HttpAnswer, { kind: 'answered' }>

export type AcmePath = {
  readonly endpoint: Endpoint
  readonly answer: HttpAnswer
  /** What the solver should answer; undefined: no challenge is open, the path was made up. */
  readonly key: string | undefined
}

/** Whether an HTTP-01 challenge reaches its solver. */
export const PATH_CHECKS: readonly Check<PathFacts>[] = [
  { name: 'port', look: answersOnHttp },
  { name: 'path', look: leavesPathFree },
  { name: 'rule', look: leavesPathToSolver },
]

function answersOnHttp(facts: PathFacts): Outcome | undefined {
  const { paths } = facts
  if (solvedBy(facts) === 'DNS-01' || paths.length === 0) return undefined
  for (const { endpoint, answer } of paths) {
    if (answer.kind === 'answered') continue
    return wrong(
      `plain HTTP at ${endpointText(endpoint)} does not answer`,
      answer.error,
      "open the port to Traefik's HTTP entry point, in firewall and load balancer: the challenge is asked for there",
    )
  }
  return fine(`${paths.map(({ endpoint }) => endpointText(endpoint)).join(', ')} answers`)
}

function leavesPathFree(facts: PathFacts): Outcome | undefined {
  if (solvedBy(facts) === 'DNS-01') return undefined
  const outcomes = facts.paths.flatMap((path) => pathOutcome(path, facts.attach) ?? [])
  return outcomes.find(({ kind }) => kind === 'wrong') ?? outcomes[0]
}

function pathOutcome({ endpoint, answer, key }: AcmePath, attach: Attach): Outcome | undefined {
  if (answer.kind === 'silent') return undefined
  const evidence = `${endpointText(endpoint)} answers ${answer.status}${answer.location === null ? '' : `, to ${answer.location}`}`
  if (attach === 'carry' && isFollowed(answer)) {
    return unknown(
      `the challenge's path is redirected (${evidence}): that works only where the solver is served there, too (http.tls on the HTTPS entry point)`,
    )
  }
  if (answer.status >= 300 && answer.status < 400) {
    return wrong(
      "the challenge's path is redirected",
      evidence,
      'leave /.well-known/acme-challenge/ out of the redirect: entryPoints.web.allowACMEByPass=true in Traefik, or !PathPrefix in the rule',
    )
  }
  if (key === undefined) return fine("the challenge's path is not redirected")
  if (answer.status === 200 && answer.body.trim() === key) return fine('the solver answers')
  return wrong(
    "the challenge's path is not answered by the solver",
    evidence,
    "is Traefik's kubernetesingress provider on, for the solver's class and on the HTTP entry point?",
  )
}

/** Whether Let's Encrypt, and cert-manager's own check before it, go after a redirect: these statuses, to port
 * 80 or 443, whatever certificate is there. */
function isFollowed({ status, location }: Answered): boolean {
  if (![301, 302, 307, 308].includes(status) || location === null) return false
  const port = URL.parse(location)?.port
  return port === '' || port === '80' || port === '443'
}

/** The solver's rule is as long as this, and Traefik prefers longer ones (facts: rules and priority). */
function solverPriority(domain: string): number {
  const token = 43
  return `Host(\`${domain}\`) && Path(\`/.well-known/acme-challenge/\`)`.length + token
}

/** A plain route for the same host that would answer the challenge in the solver's place. */
function leavesPathToSolver(facts: PathFacts): Outcome | undefined {
  const { routes } = facts
  if (solvedBy(facts) !== 'HTTP-01') return undefined
  const taker = routes.find((route) => takesPath(route, facts))
  if (taker === undefined) return undefined
  const { namespace, name } = taker.metadata
  return wrong(
    "a route would answer the challenge in the solver's place",
    `IngressRoute ${namespace}/${name} has a rule for ${facts.domain} that is longer than the solver's, or a higher priority`,
    'add && !PathPrefix(`/.well-known/acme-challenge/`) to its rule, lower its priority, or give it entryPoints: [websecure]',
  )
}

function takesPath(
  route: Route,
  { domain, httpEntryPoints }: Pick<PathFacts, 'domain' | 'httpEntryPoints'>,
): boolean {
  const { entryPoints, routes, tls } = route.spec
  const speaksHttp =
    entryPoints.length === 0 || entryPoints.some((name) => httpEntryPoints.includes(name))
  if (route.kind !== 'IngressRoute' || tls !== undefined || !speaksHttp) return false
  if (isCompanion(route)) return false
  const hosts = ruleHosts(route).map((rule) => rule.hosts)
  return routes.some(
    (entry, at) =>
      hosts[at]?.includes(domain) === true &&
      !isElsewhere(entry) &&
      priorityOf(entry) > solverPriority(domain),
  )
}

const ACME_PATH = '/.well-known/acme-challenge/'

/** Whether a rule asks for another path than the challenge's. */
function isElsewhere({ match, syntax }: RouteEntry): boolean {
  const parsed = parseRule(match, ruleSyntax(syntax))
  if (parsed.kind === 'refused') return false
  const { rule } = parsed
  const parts = rule.kind === 'and' ? rule.rules : [rule]
  return parts.some(
    (part) =>
      part.kind === 'matcher' &&
      (part.name === 'Path' || part.name === 'PathPrefix') &&
      !part.args.some((path) => meetsAcmePath(part.name, path)),
  )
}

function meetsAcmePath(matcher: string, path: string): boolean {
  return path.startsWith(ACME_PATH) || (matcher === 'PathPrefix' && ACME_PATH.startsWith(path))
}

function priorityOf({ match, source }: RouteEntry): number {
  if (match.includes('acme-challenge')) return 0
  const own = numberOf(source['priority']) ?? 0
  return own === 0 ? Buffer.byteLength(match) : own
}
