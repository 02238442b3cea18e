import type { Certificate } from '../../shared/certmanager/certificate.ts'
import type { Verdict } from '../../shared/route/decide.ts'
import { warns } from '../../shared/findings/reasons.ts'
import type { DomainClaim } from '../../shared/claims/domain-claim.ts'
import { isOfHostCheck } from '../../shared/route/host-check.ts'
import { kindKeyOf, ownerReference, type KubeObject } from '../../shared/kube/object.ts'
import { isOurs } from '../../shared/kube/ours.ts'
import type { Ingress } from '../../shared/route/seen-hosts.ts'
import type { Route } from '../../shared/traefik/route.ts'
import {
  workAfterCertificate,
  workAfterClaim,
  workAfterMiddleware,
  workAfterNamespace,
  workAfterNames,
  workOfClaim,
  workOfEntry,
  workOfRoute,
  type Work,
  type WorkIndex,
  type WorkTakers,
} from './affected-work.ts'
import { certificateNotes } from './certificate-notes.ts'
import type { IndexWriter } from './index/index-writer.ts'
import type { IndexReader } from './index/index-reader.ts'
import type { OwnerCheck } from './owner-check.ts'
import type { Middleware } from './plan/redirect-middleware.ts'
import type { Recorder } from '../runtime/event-recorder.ts'
import type { Change } from '../runtime/reflector.ts'
import { DONE, type Steps } from '../runtime/slices.ts'

/** Where the work goes that a route asks for. */
export type Adding = Pick<WorkTakers, 'add' | 'addEntrySoon'> & { readonly index: WorkIndex }

export type HandlersInput = WorkTakers & {
  readonly index: WorkIndex & IndexWriter & Pick<IndexReader, 'isOld' | 'verdict'>
  readonly recorder: Recorder
  /** Is told what is gone and may have been ours, and what may have lost owners. */
  readonly owners: Pick<OwnerCheck, 'gone' | 'changed'>
  /** Whether this process is the one that acts and speaks now. */
  readonly active: () => boolean
}

/** What to do when something in the cluster changes: put it into the index, name the work that may
 * follow (`affected-work.ts`), and tell the owner what is news. */
export type Handlers = {
  readonly onRoute: (change: Change<Route>) => Steps
  readonly onIngress: (change: Change<Ingress>) => typeof DONE
  readonly onClaim: (change: Change<DomainClaim>) => typeof DONE
  readonly onCertificate: (change: Change<Certificate>) => typeof DONE
  readonly onMiddleware: (change: Change<Middleware>) => typeof DONE
  readonly onNamespace: (change: Change<KubeObject>) => typeof DONE
  /** Our own webhook configuration: its age decides which routes are older than tlsauto. */
  readonly onConfiguration: (change: Change<KubeObject>) => typeof DONE
}

/** The handlers over an index and a queue. */
export function createHandlers(input: HandlersInput): Handlers {
  return {
    onRoute: (change) => onRoute(input, change),
    onIngress: (change) => onIngress(input, change),
    onClaim: (change) => onClaim(input, change),
    onCertificate: (change) => onCertificate(input, change),
    onMiddleware: (change) => onMiddleware(input, change),
    onNamespace: (change) => onNamespace(input, change),
    onConfiguration: (change) => {
      const gone = change.kind === 'deleted'
      input.index.setInstalledAt(gone ? undefined : change.object.metadata.creationTimestamp)
      input.addAll()
      return DONE
    },
  }
}

function* onRoute(input: HandlersInput, change: Change<Route>): Steps {
  const { index, addRouteSoon } = input
  const { object } = change
  const key = kindKeyOf(object)
  if (change.kind === 'deleted' && isOurs(object)) input.owners.gone('ingressRoutes', object)
  // The work of what it was, and of what it is: none before the change is in.
  const work: Work[] = []
  for (const one of workOfRoute(index, key)) {
    work.push(one)
    yield
  }
  const before = index.neighbours(key)
  yield
  const hadUnread = index.hasUnread(object.metadata.namespace)
  const hosts =
    change.kind === 'deleted'
      ? yield* index.removingRoute(object)
      : yield* index.puttingRoute(object)
  yield
  take(input, work)
  take(input, workAfterNames(index, object, { hadUnread, hosts }))
  addRouteSoon(key)
  yield
  for (const other of [...before, ...index.neighbours(key)]) addRouteSoon(other)
  const verdict = index.verdict(key)
  if (!input.active() || verdict === undefined || index.isOld(key)) return
  if (isNews(change)) tellFindings(object, verdict, input.recorder)
}

function onIngress(input: HandlersInput, { kind, object }: Change<Ingress>): typeof DONE {
  const { index } = input
  const hadUnread = index.hasUnread(object.metadata.namespace)
  const hosts = kind === 'deleted' ? index.removeIngress(object) : index.putIngress(object)
  return take(input, workAfterNames(index, object, { hadUnread, hosts }))
}

function onClaim(input: HandlersInput, change: Change<DomainClaim>): typeof DONE {
  const { index } = input
  const before = index.claimState(change.object.spec.host).claim?.spec
  if (change.kind === 'deleted') index.removeClaim(change.object)
  else index.putClaim(change.object)
  return take(input, workAfterClaim(index, change, before))
}

function onCertificate(input: HandlersInput, change: Change<Certificate>): typeof DONE {
  const { index, owners } = input
  if (change.kind === 'deleted') owners.gone('certificates', change.object)
  if (change.kind === 'deleted') index.removeCertificate(change.object)
  else index.putCertificate(change.object)
  if (change.kind === 'updated') owners.changed(change.before, change.object)
  take(input, workAfterCertificate(index, change))
  if (change.kind === 'updated' && input.active()) {
    certificateNotes(change.before, change.object).forEach(input.recorder.record)
  }
  return DONE
}

function onMiddleware(input: HandlersInput, { kind, object }: Change<Middleware>): typeof DONE {
  const { index, owners } = input
  if (kind === 'deleted') owners.gone('middlewares', object)
  if (kind === 'deleted') index.removeMiddleware(object)
  else index.putMiddleware(object)
  return take(input, workAfterMiddleware(index, object))
}

function onNamespace(input: HandlersInput, change: Change<KubeObject>): typeof DONE {
  const { index } = input
  const { metadata } = change.object
  // All in it goes anyway, and the API server refuses to make anything new.
  if (change.kind === 'deleted' || metadata.deletionTimestamp !== undefined) {
    index.removeNamespace(metadata.name)
    return DONE
  }
  index.putNamespace(metadata.name, metadata)
  return take(input, workAfterNamespace(index, change, { leads: input.active() }))
}

/** Gives each piece of work to who takes it. */
function take(takers: WorkTakers, work: Iterable<Work>): typeof DONE {
  for (const { to, about } of work) takers[to](about)
  return DONE
}

/** Adds the work of a route: see `workOfRoute`. */
export function* addRoute(adding: Adding, key: string): Steps {
  for (const { to, about } of workOfRoute(adding.index, key)) {
    adding[to](about)
    yield
  }
}

/** Adds a route's own work: see `workOfEntry`. */
export function* addEntry(adding: Adding, key: string): Steps {
  for (const { to, about } of workOfEntry(adding.index, key)) {
    adding[to](about)
    yield
  }
}

/** Adds the work of a host's claim: see `workOfClaim`. */
export function addClaim(
  input: Pick<Adding, 'add'> & {
    readonly index: Pick<WorkIndex, 'claimState'>
    /** Takes a key of work for when things have settled. */
    readonly addLater: (key: string) => void
  },
  host: string,
): void {
  const work = workOfClaim(input.index, host)
  if (work === undefined) return
  if (work.later) input.addLater(work.key)
  else input.add(work.key)
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
