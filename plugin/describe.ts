import type { Challenge } from '../shared/certmanager/acme.ts'
import { isReady, type Certificate } from '../shared/certmanager/certificate.ts'
import { adviceOn } from '../shared/findings/cause-of.ts'
import type { KubeEvent } from '../shared/kube/event.ts'
import { compare, findCondition, type ObjectMeta } from '../shared/kube/object.ts'
import { isOwned, type Around, type Chain, type SolverObject } from './chain.ts'
import { culpritOf, type Culprit } from './culprit.ts'
import type { StatusItem } from './report.ts'

/** One object of the chain, as `-o json` prints it: an API. */
export type TreeNode = {
  readonly kind: string
  readonly name: string
  /** RFC 3339, or null where there is no such object or it may not be read. */
  readonly createdAt: string | null
  readonly state: string
  /** Whether it stands in the way: true of one object at most. */
  readonly isCause: boolean
  readonly children: readonly TreeNode[]
}

export type EventLine = {
  /** RFC 3339: when it happened last. */
  readonly time: string
  readonly type: string
  readonly reason: string
  /** `Kind/name`. */
  readonly object: string
  readonly message: string
  readonly count: number
}

/** All about one domain of one route, as `-o json` prints it: what `status` says, and more. */
export type Description = StatusItem & {
  /** One sentence about what happens by itself, or null. */
  readonly whatNext: string | null
  readonly chain: TreeNode
  /** In the order of their times. */
  readonly events: readonly EventLine[]
}

/** Describes one chain: its tree, its one cause and what to do about it, and what happened. */
export function describe(chain: Chain, around: Around): Description {
  const { item } = chain
  const culprit = culpritOf(chain, around)
  return {
    ...item,
    ...wordsOf(chain, culprit),
    chain: routeNode(chain, around, culprit?.id),
    events: eventLines(around.events),
  }
}

type Words = Pick<Description, 'message' | 'cause' | 'whatToDo' | 'whatNext'>

function wordsOf(chain: Chain, culprit: Culprit | undefined): Words {
  const { domain, route, message } = chain.item
  const next = whatNext(chain) ?? null
  if (culprit?.cause === undefined) return { message, cause: null, whatToDo: null, whatNext: next }
  const advice = adviceOn(culprit.cause, domain ?? route)
  const { cause, whatToDo } = advice
  return { message: culprit.message, cause, whatToDo, whatNext: next ?? advice.next }
}

function whatNext({ item, certificate }: Chain): string | undefined {
  if (item.state === 'rate-limited') return `no try before ${item.nextRetry} can succeed`
  if (item.nextRetry !== null) return `cert-manager tries again by itself at ${item.nextRetry}`
  const renewal = certificate?.status.renewalTime
  const isDue = item.state === 'issued' && renewal !== undefined
  return isDue ? `cert-manager renews it by itself at ${renewal}` : undefined
}

function routeNode(chain: Chain, around: Around, cause: string | undefined): TreeNode {
  const { item, route, certificate } = chain
  return {
    ...nodeOf({ kind: item.kind, name: item.route, metadata: route?.metadata }, cause),
    state: item.state === 'unmanaged' ? 'left alone' : '',
    children: certificate === undefined ? [] : [certificateNode(certificate, chain, around, cause)],
  }
}

function certificateNode(
  certificate: Certificate,
  chain: Chain,
  around: Around,
  cause: string | undefined,
): TreeNode {
  const { metadata } = certificate
  return {
    ...nodeOf({ kind: 'Certificate', name: metadata.name, metadata }, cause),
    state: certificateState(certificate),
    children: [...requestNodes(chain, around, cause), issuerNode(certificate, around, cause)],
  }
}

function certificateState(certificate: Certificate): string {
  const { conditions, failedIssuanceAttempts: failures } = certificate.status
  const isIssuing = findCondition(conditions, 'Issuing')?.status === 'True'
  const times = failures === 1 ? 'once' : `${failures} times`
  return [
    isReady(certificate) ? 'ready' : 'not ready',
    ...(isIssuing ? ['being issued'] : []),
    ...(failures > 0 ? [`failed ${times}`] : []),
  ].join(', ')
}

function requestNodes(
  chain: Chain,
  around: Around,
  cause: string | undefined,
): readonly TreeNode[] {
  const { request, order, challenges } = chain
  if (request === undefined) return []
  const kind = 'CertificateRequest'
  const challengeNodes = challenges.map((one) => challengeNode(one, around.solvers, cause))
  const orderNodes =
    order === undefined
      ? []
      : [
          {
            ...nodeOf(
              { kind: 'Order', name: order.metadata.name, metadata: order.metadata },
              cause,
            ),
            state: order.state || 'new',
            children: challengeNodes,
          },
        ]
  return [
    {
      ...nodeOf({ kind, name: request.metadata.name, metadata: request.metadata }, cause),
      state: requestState(request.conditions),
      children: orderNodes,
    },
  ]
}

function requestState(conditions: Parameters<typeof findCondition>[0]): string {
  const ready = findCondition(conditions, 'Ready')
  if (ready !== undefined) return ready.reason.toLowerCase()
  return findCondition(conditions, 'Approved') === undefined ? 'waits for approval' : 'approved'
}

function challengeNode(
  challenge: Challenge,
  solvers: readonly SolverObject[],
  cause: string | undefined,
): TreeNode {
  const { metadata, dnsName, type, state, presented } = challenge
  const shown = presented ? ', presented' : ''
  return {
    ...nodeOf({ kind: 'Challenge', name: metadata.name, metadata }, cause),
    state: `${state || 'new'}, ${type} for ${dnsName}${shown}`,
    children: solvers
      .filter((solver) => isOwned(solver, challenge))
      .map((solver) => ({
        ...nodeOf(
          { kind: solver.kind, name: solver.metadata.name, metadata: solver.metadata },
          cause,
        ),
        state: solver.state.toLowerCase(),
      })),
  }
}

function issuerNode(
  { spec }: Certificate,
  { issuer }: Around,
  cause: string | undefined,
): TreeNode {
  const { kind, name } = spec.issuerRef
  const metadata = issuer.kind === 'found' ? issuer.issuer.metadata : undefined
  return {
    ...nodeOf({ kind, name, metadata }, undefined),
    state: issuerState(issuer),
    isCause: cause === 'issuer',
  }
}

function issuerState(issuer: Around['issuer']): string {
  if (issuer.kind !== 'found') return issuer.kind
  const ready = findCondition(issuer.issuer.conditions, 'Ready')
  return ready?.status === 'True' ? 'ready' : 'not ready'
}

function nodeOf(
  object: {
    readonly kind: string
    readonly name: string
    readonly metadata: ObjectMeta | undefined
  },
  cause: string | undefined,
): TreeNode {
  const { kind, name, metadata } = object
  return {
    kind,
    name,
    createdAt: metadata?.creationTimestamp || null,
    state: '',
    isCause: cause !== undefined && metadata?.uid === cause,
    children: [],
  }
}

/** In the order of their times. Several cert-manager controllers tell the same: that is one line. */
function eventLines(events: readonly KubeEvent[]): readonly EventLine[] {
  const lines = new Map<string, EventLine>()
  for (const { time, type, reason, kind, name, message, count } of events.toSorted(byTime)) {
    const object = `${kind}/${name}`
    const key = JSON.stringify([object, type, reason, message])
    const told = lines.get(key)?.count ?? 0
    // Taken out and put in again: the last time counts.
    lines.delete(key)
    lines.set(key, { time, type, reason, object, message, count: told + count })
  }
  return [...lines.values()]
}

function byTime(a: KubeEvent, b: KubeEvent): number {
  return compare(a.time, b.time) || compare(a.name, b.name)
}
