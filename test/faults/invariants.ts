import { parseCertificate, type Certificate } from '../../shared/certmanager/certificate.ts'
import { objectAt, textAt } from '../../shared/json/json.ts'
import { companionName } from '../../shared/names/names.ts'
import { isCompanion, isOurs, REDIRECTS } from '../../shared/kube/ours.ts'
import { namesOurSecret } from '../../shared/route/our-choice.ts'
import { parseRoute, type Route } from '../../shared/traefik/route.ts'
import { ruleHosts } from '../../shared/traefik/rule-hosts.ts'
import { stateAfter, type Entry } from './history.ts'

/** What must be so at every moment, and not only in the end: the safe order of writes. */
export type Invariant = keyof typeof INVARIANTS

/** A moment: what there is, and what there was before the last change. */
type Moment = { readonly now: State; readonly before: State; readonly served: ReadonlySet<string> }

type State = {
  readonly routes: ReadonlyMap<string, Route>
  readonly certificates: readonly Certificate[]
  readonly middlewares: ReadonlySet<string>
}

const INVARIANTS = {
  /** A route that once answered plain HTTP goes on answering it, itself or by its companion. */
  'http-answers': ({ now, served }: Moment) =>
    users(now).filter(
      (route) => served.has(route.metadata.uid) && speaksHttp(route) && !answersHttp(route, now),
    ),
  /** Who redirects to HTTPS has a Middleware for it, and a certificate to be served there. */
  'redirect-leads-somewhere': ({ now }: Moment) =>
    users(now).filter((route) => {
      const hosts = redirectsOf(route, now)
      if (hosts.length === 0) return false
      const middleware = now.middlewares.has(companionName(route.metadata.name))
      const issued = hosts.every((host) => now.certificates.some((one) => isFor(one, host)))
      return !middleware || !issued || route.spec.tls === undefined
    }),
  /** The Middleware is there as long as the companion that may need it: Traefik watches it separately. */
  'middleware-first': ({ now }: Moment) =>
    users(now).filter(
      (route) =>
        companionOf(route, now) !== undefined &&
        !now.middlewares.has(companionName(route.metadata.name)),
    ),
  /** The issued Certificate of a Secret that a route names by our choice is not deleted. */
  'named-certificate-stays': ({ now, before }: Moment) =>
    users(now).filter((route) => {
      if (!namesOurSecret(route)) return false
      const had = issuedFor(route.spec.tls?.secretName, before)
      return had !== undefined && issuedFor(route.spec.tls?.secretName, now) === undefined
    }),
  /** A route moves from an issued Secret only to one that is issued as well. */
  'moves-to-issued-secret': ({ now, before }: Moment) =>
    users(now).filter((route) => {
      const old = before.routes.get(route.metadata.name)
      const [from, to] = [old?.spec.tls?.secretName, route.spec.tls?.secretName]
      if (from === undefined || to === undefined || from === to) return false
      return issuedFor(from, now) !== undefined && issuedFor(to, now) === undefined
    }),
} as const satisfies Readonly<Record<string, (moment: Moment) => readonly Route[]>>

/** The invariants that were broken on the way, each with its first time. */
export function brokenInvariants(
  history: readonly Entry[],
  allowed: readonly Invariant[],
): readonly string[] {
  const broken = new Map<string, string>()
  const served = new Set<string>()
  let before = stateOf([])
  for (const [index, entry] of history.entries()) {
    const now = stateOf(history.slice(0, index + 1))
    for (const [invariant, breaks] of Object.entries(INVARIANTS)) {
      if (allowed.some((one) => one === invariant) || broken.has(invariant)) continue
      const [route] = breaks({ now, before, served })
      if (route === undefined) continue
      const change = `${entry.object === undefined ? 'the deletion' : 'a write'} of`
      broken.set(
        invariant,
        `${invariant}: ${route.metadata.name}, by ${change} ${entry.kind} ${entry.name}`,
      )
    }
    for (const route of users(now)) if (answersHttp(route, now)) served.add(route.metadata.uid)
    before = now
  }
  return [...broken.values()]
}

function stateOf(history: readonly Entry[]): State {
  const objects = [...stateAfter(history).values()]
  const ofKind = (kind: string) => objects.filter((object) => object['kind'] === kind)
  const routes = ofKind('IngressRoute').flatMap((object) => parseRoute(object) ?? [])
  return {
    routes: new Map(routes.map((route) => [route.metadata.name, route])),
    certificates: ofKind('Certificate').flatMap((object) => parseCertificate(object) ?? []),
    middlewares: new Set(
      ofKind('Middleware').map((object) => textAt(objectAt(object, 'metadata'), 'name') ?? ''),
    ),
  }
}

function users(state: State): readonly Route[] {
  return [...state.routes.values()].filter((route) => !isOurs(route))
}

function speaksHttp({ spec }: Route): boolean {
  return spec.entryPoints.length === 0 || spec.entryPoints.includes('web')
}

function answersHttp(route: Route, state: State): boolean {
  return route.spec.tls === undefined || companionOf(route, state) !== undefined
}

function companionOf(route: Route, state: State): Route | undefined {
  const companion = state.routes.get(companionName(route.metadata.name))
  return companion !== undefined && isCompanion(companion) ? companion : undefined
}

/** The hosts that a route both serves and has its companion redirect. */
function redirectsOf(route: Route, state: State): readonly string[] {
  const text = companionOf(route, state)?.metadata.annotations[REDIRECTS] ?? ''
  const hosts = new Set(ruleHosts(route).flatMap((rule): readonly string[] => rule.hosts))
  return text.split(',').filter((host) => hosts.has(host))
}

function isFor(certificate: Certificate, host: string): boolean {
  return certificate.status.notAfter !== undefined && certificate.spec.dnsNames.includes(host)
}

function issuedFor(secret: string | undefined, { certificates }: State): Certificate | undefined {
  return certificates.find(
    ({ spec, status }) => spec.secretName === secret && status.notAfter !== undefined,
  )
}
