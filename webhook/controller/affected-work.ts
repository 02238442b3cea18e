import type { Certificate } from '../../shared/certmanager/certificate.ts'
import { wildcardOver } from '../../shared/certificates/cover.ts'
import type { DomainClaim } from '../../shared/claims/domain-claim.ts'
import { keyOf, kindKeyOf, type KubeObject } from '../../shared/kube/object.ts'
import { isOurs } from '../../shared/kube/ours.ts'
import { certificatesOfSecret } from '../../shared/names/names.ts'
import { allowedDomainsOf } from '../../shared/settings/settings.ts'
import type { Change } from '../runtime/reflector.ts'
import type { IndexKeys } from './index/index-keys.ts'
import type { IndexReader } from './index/index-reader.ts'
import type { IndexedRoute } from './index/route-store.ts'
import { isRouteOwner } from './plan/action.ts'
import { isClaimDue, type ClaimState } from './plan/plan-claim.ts'
import type { Middleware } from './plan/redirect-middleware.ts'

/** Where the work goes that a change asks for. */
export type WorkTakers = {
  /** Takes a key of work: `Kind namespace/name`. */
  readonly add: (key: string) => void
  /** Takes the key of a route whose own work is to be added soon (`workOfEntry`). */
  readonly addEntrySoon: (key: string) => void
  /** Takes the key of a route whose work is to be added soon (`workOfRoute`), as it is decided about then. */
  readonly addRouteSoon: (key: string) => void
  /** Takes a host whose claim's work is to be added soon (`workOfClaim`): a route may have thousands. */
  readonly addClaimSoon: (host: string) => void
  /** Decides again about all routes of a namespace, and adds their work. */
  readonly settle: (namespace: string) => void
  /** Has the claims of a namespace looked at soon. */
  readonly lookAtClaims: (namespace: string) => void
  /** Is told that a namespace has one claim less. */
  readonly claimGone: (namespace: string) => void
  /** Adds the keys of all there is. */
  readonly addAll: () => void
}

/** One piece of work: who takes it, and what it is about. */
export type Work<To extends keyof WorkTakers = keyof WorkTakers> = {
  readonly to: To
  readonly about: string
}

/** What is asked of the index. */
export type WorkIndex = IndexKeys &
  Pick<IndexReader, 'certificate' | 'claimState' | 'hasUnread' | 'route'>

/** The route, the Certificates that its hosts have or would have, and what lives off a wildcard of it. */
export function* workOfRoute(
  index: WorkIndex,
  key: string,
): Generator<Work<'add' | 'addEntrySoon'>> {
  const entry = index.route(key)
  if (entry === undefined) return
  const { namespace } = entry.route.metadata
  yield* workOfEntry(index, key)
  yield* workAround(index, { namespace, hosts: hostsAt(index, entry) })
}

/** The route, and the Certificates that its hosts have or would have. */
export function* workOfEntry(index: WorkIndex, key: string): Generator<Work<'add'>> {
  const entry = index.route(key)
  if (entry === undefined) return
  const { kind, metadata, spec } = entry.route
  const { secretName } = spec.tls ?? {}
  // A carrier's own name is its Certificate's.
  if (kind === 'IngressRoute') yield add(`Certificate ${keyOf(entry.route)}`)
  for (const certificate of index.certificateKeysOf(entry)) yield add(`Certificate ${certificate}`)
  // The Certificate whose Secret it names may be free to go once it names another.
  for (const name of secretName ? certificatesOfSecret(secretName) : []) {
    yield add(`Certificate ${metadata.namespace}/${name}`)
  }
  // After its Certificates, which take longest to come.
  yield add(kindKeyOf(entry.route))
  // What is ours of a route is looked at with it.
  if (isOurs(entry.route)) yield* workOfOwners(entry.route)
}

/** The claim of a host, where it is to be made, marked or deleted. What goes may come again at once: `later` is for
 * when things have settled. */
export function workOfClaim(
  index: Pick<WorkIndex, 'claimState'>,
  host: string,
): { readonly key: string; readonly later: boolean } | undefined {
  const state = index.claimState(host)
  const key = claimKey(state)
  if (key === undefined) return undefined
  return { key, later: state.claim !== undefined && !state.isSeen }
}

/** The key of the work on a host's claim, in the queue of its namespace; undefined: there is none. */
function claimKey(state: ClaimState): string | undefined {
  if (!isClaimDue(state)) return undefined
  const namespace = state.claim?.spec.namespace ?? state.claimant?.namespace ?? ''
  return `DomainClaim ${namespace}/${state.host}`
}

/** The claims of hosts that an object names now or not any more, and of the wildcards over them: who named a wildcard
 * later than another did a host below it may get it now. Where more or fewer of a namespace's names are known all of
 * its claims are looked at. */
export function* workAfterNames(
  index: WorkIndex,
  { metadata: { namespace } }: KubeObject,
  { hadUnread, hosts }: { readonly hadUnread: boolean; readonly hosts: readonly string[] },
): Generator<Work> {
  const wildcards = new Set(hosts.flatMap((host) => wildcardOver(host) ?? []))
  for (const about of hosts) yield { to: 'addClaimSoon', about }
  for (const about of wildcards) yield { to: 'addClaimSoon', about }
  if (index.hasUnread(namespace) !== hadUnread) yield { to: 'lookAtClaims', about: namespace }
}

/** What a DomainClaim's change asks for, once it is in the index. `before`: the right that counted until then. */
export function* workAfterClaim(
  index: WorkIndex,
  change: Change<DomainClaim>,
  before: Right,
): Generator<Work> {
  const { host } = change.object.spec
  yield { to: 'addClaimSoon', about: host }
  for (const about of namespacesWithLess(change)) yield { to: 'claimGone', about }
  const now = index.claimState(host).claim?.spec
  if (isSameRight(before, now)) return
  if ([before, now].some((one) => one?.below === true)) yield { to: 'addAll', about: '' }
  else for (const about of index.routeKeysAt(host)) yield { to: 'addRouteSoon', about }
}

/** What a host's DomainClaim says. */
export type Right = DomainClaim['spec'] | undefined

function isSameRight(one: Right, other: Right): boolean {
  return one?.namespace === other?.namespace && one?.below === other?.below
}

/** The namespace that has one claim of tlsauto's less by this change. */
function namespacesWithLess(change: Change<DomainClaim>): readonly string[] {
  if (change.kind === 'added') return []
  const had = change.kind === 'updated' ? change.before : change.object
  const isKept =
    change.kind === 'updated' &&
    change.object.spec.namespace === had.spec.namespace &&
    change.object.isAdministrators === had.isAdministrators
  return isKept ? [] : [had.spec.namespace]
}

/** What a Certificate's change asks for, once it is in the index. */
export function* workAfterCertificate(
  index: WorkIndex,
  { kind, object }: Pick<Change<Certificate>, 'kind' | 'object'>,
): Generator<Work> {
  const { namespace } = object.metadata
  yield add(`Certificate ${keyOf(object)}`)
  yield* workAround(index, { namespace, hosts: object.spec.dnsNames })
  if (kind === 'deleted') {
    // The Certificates that its hosts get in its place, which may have other names.
    for (const key of index.nextKeysOf(object)) yield add(`Certificate ${key}`)
    for (const key of index.routeKeysOf(object)) yield add(key)
  }
  if (kind === 'updated') yield* workOfOwners(object)
}

/** What a Middleware's change asks for, once it is in the index. */
export function* workAfterMiddleware(index: WorkIndex, object: Middleware): Generator<Work> {
  const { namespace, name } = object.metadata
  for (const about of index.routeKeysOfCompanion(namespace, name)) {
    yield { to: 'addRouteSoon', about }
  }
  yield* workOfOwners(object)
}

/** What a Namespace's change asks for, once it is in the index. Who begins to lead looks at all there is: the routes
 * of other namespaces count for who leads already. */
export function* workAfterNamespace(
  index: WorkIndex,
  change: Change<KubeObject>,
  { leads }: { readonly leads: boolean },
): Generator<Work> {
  const { metadata } = change.object
  yield { to: 'settle', about: metadata.name }
  const known = change.kind === 'updated' ? allowedDomainsOf(change.before.metadata) : []
  const patterns = [...known, ...allowedDomainsOf(metadata)]
  if (!leads || patterns.length === 0) return
  for (const about of index.routeKeysUnder(patterns)) yield { to: 'addRouteSoon', about }
}

/** The routes that live off a wildcard among these hosts, or may come to; and the wildcards' Certificates
 * that these hosts lived off, or may. */
function* workAround(
  index: WorkIndex,
  { namespace, hosts }: { readonly namespace: string; readonly hosts: readonly string[] },
): Generator<Work<'add' | 'addEntrySoon'>> {
  for (const about of index.routeKeysBelow(namespace, hosts)) yield { to: 'addEntrySoon', about }
  for (const key of index.certificateKeysAround(namespace, hosts)) yield add(`Certificate ${key}`)
}

/** The hosts that a route serves or, as a carrier, brings a certificate for. */
function hostsAt(index: WorkIndex, { route, verdict }: IndexedRoute): readonly string[] {
  if (verdict.kind === 'managed') return verdict.hosts
  return isOurs(route) ? (index.certificate(keyOf(route))?.spec.dnsNames ?? []) : []
}

function* workOfOwners({ metadata }: KubeObject): Generator<Work<'add'>> {
  // Whoever makes an object writes there what he likes: other kinds would become labels of metrics, for ever.
  for (const owner of metadata.ownerReferences.filter(isRouteOwner)) {
    yield add(`${owner.kind} ${metadata.namespace}/${owner.name}`)
  }
}

function add(about: string): Work<'add'> {
  return { to: 'add', about }
}
