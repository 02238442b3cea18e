import type { Certificate } from '../../shared/certmanager/certificate.ts'
import { wildcardOver } from '../../shared/certificates/cover.ts'
import type { Verdict } from '../../shared/route/decide.ts'
import { warns } from '../../shared/findings/reasons.ts'
import type { DomainClaim } from '../../shared/claims/domain-claim.ts'
import { isOfHostCheck } from '../../shared/route/host-check.ts'
import { keyOf, kindKeyOf, ownerReference, type KubeObject } from '../../shared/kube/object.ts'
import { isOurs } from '../../shared/kube/ours.ts'
import type { Ingress } from '../../shared/route/seen-hosts.ts'
import type { Route } from '../../shared/traefik/route.ts'
import { allowedDomainsOf } from '../../shared/settings/settings.ts'
import { certificatesOfSecret } from '../../shared/names/names.ts'
import { certificateNotes } from './certificate-notes.ts'
import type { ClusterIndex } from './index/cluster-index.ts'
import type { IndexedRoute } from './index/route-store.ts'
import { isRouteOwner } from './plan/action.ts'
import { isClaimDue, type ClaimState } from './plan/plan-claim.ts'
import type { OwnerCheck } from './owner-check.ts'
import type { Middleware } from './plan/redirect-middleware.ts'
import type { Recorder } from '../runtime/event-recorder.ts'
import type { Change } from '../runtime/reflector.ts'
import type { Steps } from '../runtime/slices.ts'

/** Where the work goes that a change may ask for. */
export type Adding = {
  readonly index: ClusterIndex
  /** Takes a key of work: `Kind namespace/name`. */
  readonly add: (key: string) => void
  /** Takes the key of a route whose own work is to be added soon (`addEntry`). */
  readonly addEntrySoon: (key: string) => void
}

export type HandlersInput = Adding & {
  /** Takes a host whose claim's work is to be added soon (`addClaim`): a route may have thousands. */
  readonly addClaimSoon: (host: string) => void
  /** Takes the key of a route whose work is to be added soon, as it is decided about then. */
  readonly addRouteSoon: (key: string) => void
  /** Decides again about all routes of a namespace, and adds their work. */
  readonly settle: (namespace: string) => void
  /** Has the claims of a namespace looked at soon. */
  readonly lookAtClaims: (namespace: string) => void
  /** Is told that a namespace has one claim less. */
  readonly claimGone: (namespace: string) => void
  /** Adds the keys of all there is. */
  readonly addAll: () => void
  readonly recorder: Recorder
  /** Is told what is gone and may have been ours, and what may have lost owners. */
  readonly owners: Pick<OwnerCheck, 'gone' | 'changed'>
  /** Whether this process is the one that acts and speaks now. */
  readonly active: () => boolean
}

/** What to do when something in the cluster changes: put it into the index, name the work that may
 * follow, and tell the owner what is news. */
export type Handlers = {
  readonly onRoute: (change: Change<Route>) => Steps
  readonly onIngress: (change: Change<Ingress>) => void
  readonly onClaim: (change: Change<DomainClaim>) => void
  readonly onCertificate: (change: Change<Certificate>) => void
  readonly onMiddleware: (change: Change<Middleware>) => void
  readonly onNamespace: (change: Change<KubeObject>) => void
  /** Our own webhook configuration: its age decides which routes are older than tlsauto. */
  readonly onConfiguration: (change: Change<KubeObject>) => void
}

/** The handlers over an index and a queue. */
export function createHandlers(input: HandlersInput): Handlers {
  const { index, add, addClaimSoon, addRouteSoon, recorder, owners } = input
  return {
    *onRoute(change) {
      const key = kindKeyOf(change.object)
      if (change.kind === 'deleted' && isOurs(change.object))
        owners.gone('ingressRoutes', change.object)
      // The work of what it was, and of what it is: none before the change is in.
      const work: string[] = []
      const soon: string[] = []
      const collecting = {
        index,
        add: (one: string) => work.push(one),
        addEntrySoon: (one: string) => soon.push(one),
      }
      yield* addRoute(collecting, key)
      const before = index.neighbours(key)
      yield
      const hadUnread = index.hasUnread(change.object.metadata.namespace)
      const hosts =
        change.kind === 'deleted'
          ? yield* index.removingRoute(change.object)
          : yield* index.puttingRoute(change.object)
      yield
      work.forEach(add)
      soon.forEach(input.addEntrySoon)
      noteNames(input, change.object, { hadUnread, hosts })
      addRouteSoon(key)
      yield
      for (const other of [...before, ...index.neighbours(key)]) addRouteSoon(other)
      const verdict = index.verdict(key)
      if (!input.active() || verdict === undefined || index.isOld(key)) return
      if (isNews(change)) tellFindings(change.object, verdict, recorder)
    },
    onIngress: ({ kind, object }) => {
      const hadUnread = index.hasUnread(object.metadata.namespace)
      const hosts = kind === 'deleted' ? index.removeIngress(object) : index.putIngress(object)
      noteNames(input, object, { hadUnread, hosts })
    },
    onClaim: (change) => {
      const { host } = change.object.spec
      const before = index.claimState(host).claim?.spec
      if (change.kind === 'deleted') index.removeClaim(change.object)
      else index.putClaim(change.object)
      addClaimSoon(host)
      for (const namespace of namespacesWithLess(change)) input.claimGone(namespace)
      const now = index.claimState(host).claim?.spec
      if (isSameRight(before, now)) return
      if ([before, now].some((one) => one?.below === true)) input.addAll()
      else for (const key of index.routeKeysAt(host)) addRouteSoon(key)
    },
    onCertificate: (change) => {
      if (change.kind === 'deleted') owners.gone('certificates', change.object)
      if (change.kind === 'deleted') index.removeCertificate(change.object)
      else index.putCertificate(change.object)
      add(`Certificate ${keyOf(change.object)}`)
      const { namespace } = change.object.metadata
      addAround(input, { namespace, hosts: change.object.spec.dnsNames })
      if (change.kind === 'deleted') addNext(input, change.object)
      if (change.kind !== 'updated') return
      owners.changed(change.before, change.object)
      addOwners(add, change.object)
      if (input.active()) certificateNotes(change.before, change.object).forEach(recorder.record)
    },
    onMiddleware: (change) => {
      if (change.kind === 'deleted') owners.gone('middlewares', change.object)
      if (change.kind === 'deleted') index.removeMiddleware(change.object)
      else index.putMiddleware(change.object)
      const { namespace, name } = change.object.metadata
      for (const key of index.routeKeysOfCompanion(namespace, name)) addRouteSoon(key)
      addOwners(add, change.object)
    },
    onNamespace: (change) => {
      const { name, deletionTimestamp } = change.object.metadata
      // All in it goes anyway, and the API server refuses to make anything new.
      if (change.kind === 'deleted' || deletionTimestamp !== undefined) {
        index.removeNamespace(name)
        return
      }
      index.putNamespace(name, change.object.metadata)
      input.settle(name)
      const known = change.kind === 'updated' ? allowedDomainsOf(change.before.metadata) : []
      // Who begins to lead looks at all there is.
      if (!input.active()) return
      const patterns = [...known, ...allowedDomainsOf(change.object.metadata)]
      if (patterns.length === 0) return
      for (const key of index.routeKeysUnder(patterns)) addRouteSoon(key)
    },
    onConfiguration: (change) => {
      const gone = change.kind === 'deleted'
      index.setInstalledAt(gone ? undefined : change.object.metadata.creationTimestamp)
      input.addAll()
    },
  }
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

type Right = DomainClaim['spec'] | undefined

function isSameRight(one: Right, other: Right): boolean {
  return one?.namespace === other?.namespace && one?.below === other?.below
}

/** Adds the claims of hosts that are named now or not any more, and of the wildcards over them: who named a wildcard
 * later than another did a host below it may get it now. Where more or fewer of a namespace's names are known all of
 * its claims are looked at. */
function noteNames(
  { index, addClaimSoon, lookAtClaims }: HandlersInput,
  { metadata: { namespace } }: KubeObject,
  { hadUnread, hosts }: { readonly hadUnread: boolean; readonly hosts: readonly string[] },
): void {
  hosts.forEach(addClaimSoon)
  new Set(hosts.flatMap((host) => wildcardOver(host) ?? [])).forEach(addClaimSoon)
  if (index.hasUnread(namespace) !== hadUnread) lookAtClaims(namespace)
}

/** The claim of a host, where it is to be made, marked or deleted. */
export function addClaim(
  input: Pick<Adding, 'index' | 'add'> & {
    /** Takes a key of work for when things have settled: what goes may come again at once. */
    readonly addLater: (key: string) => void
  },
  host: string,
): void {
  const state = input.index.claimState(host)
  const key = claimKey(state)
  if (key === undefined) return
  if (state.claim === undefined || state.isSeen) input.add(key)
  else input.addLater(key)
}

/** The key of the work on a host's claim, in the queue of its namespace; undefined: there is none. */
function claimKey(state: ClaimState): string | undefined {
  if (!isClaimDue(state)) return undefined
  const namespace = state.claim?.spec.namespace ?? state.claimant?.namespace ?? ''
  return `DomainClaim ${namespace}/${state.host}`
}

/** The route, the Certificates that its hosts have or would have, and what lives off a wildcard of it. */
export function* addRoute(adding: Adding, key: string): Steps {
  const entry = adding.index.route(key)
  if (entry === undefined) return
  const { namespace } = entry.route.metadata
  yield* addEntry(adding, key)
  yield
  addAround(adding, { namespace, hosts: hostsAt(adding.index, entry) })
}

/** The route, and the Certificates that its hosts have or would have. */
export function* addEntry({ add, index }: Adding, key: string): Steps {
  const entry = index.route(key)
  if (entry === undefined) return
  const { kind, metadata, spec } = entry.route
  const { secretName } = spec.tls ?? {}
  // A carrier's own name is its Certificate's.
  if (kind === 'IngressRoute') add(`Certificate ${keyOf(entry.route)}`)
  for (const certificate of index.certificateKeysOf(entry)) {
    add(`Certificate ${certificate}`)
    yield
  }
  // The Certificate whose Secret it names may be free to go once it names another.
  for (const name of secretName ? certificatesOfSecret(secretName) : []) {
    add(`Certificate ${metadata.namespace}/${name}`)
  }
  // After its Certificates, which take longest to come.
  add(kindKeyOf(entry.route))
  // What is ours of a route is looked at with it.
  if (isOurs(entry.route)) addOwners(add, entry.route)
}

/** The hosts that a route serves or, as a carrier, brings a certificate for. */
function hostsAt(index: ClusterIndex, { route, verdict }: IndexedRoute): readonly string[] {
  if (verdict.kind === 'managed') return verdict.hosts
  return isOurs(route) ? (index.certificate(keyOf(route))?.spec.dnsNames ?? []) : []
}

/** The routes that live off a wildcard among these hosts, or may come to; and the wildcards' Certificates
 * that these hosts lived off, or may. */
function addAround(
  { add, addEntrySoon, index }: Adding,
  { namespace, hosts }: { readonly namespace: string; readonly hosts: readonly string[] },
): void {
  for (const key of index.routeKeysBelow(namespace, hosts)) addEntrySoon(key)
  for (const key of index.certificateKeysAround(namespace, hosts)) add(`Certificate ${key}`)
}

/** The Certificates that a deleted one's hosts get in its place, which may have other names. */
function addNext({ add, index }: Adding, gone: Certificate): void {
  for (const key of index.nextKeysOf(gone)) add(`Certificate ${key}`)
  for (const key of index.routeKeysOf(gone)) add(key)
}

function addOwners(add: HandlersInput['add'], { metadata }: KubeObject): void {
  // Whoever makes an object writes there what he likes: other kinds would become labels of metrics, for ever.
  for (const owner of metadata.ownerReferences.filter(isRouteOwner)) {
    add(`${owner.kind} ${metadata.namespace}/${owner.name}`)
  }
}

/** One Event for all of them: a route may have thousands of hosts. Whose hosts they are is for `host-audit.ts` to
 * tell. */
function tellFindings(route: Route, verdict: Verdict, recorder: Recorder): void {
  const on = { ...ownerReference(route), namespace: route.metadata.namespace }
  const [first, ...others] = verdict.findings.filter(
    (finding) => warns(finding) && !isOfHostCheck(finding),
  )
  if (first === undefined) return
  const { reason, path, about } = first
  recorder.record({ on, reason, about: path === '' ? about : `${about} (${path})`, others })
}

function isNews(change: Change<Route>): boolean {
  if (change.kind !== 'updated') return change.kind === 'added'
  return change.before.metadata.generation !== change.object.metadata.generation
}
