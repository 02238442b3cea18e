import type { Challenge } from '../../shared/certmanager/acme.ts'
import { isIssuing, isReady, type Certificate } from '../../shared/certmanager/certificate.ts'
import { findCondition, type ObjectMeta } from '../../shared/kube/object.ts'
import { isOwned, type Around, type Chain, type SolverObject } from './chain.ts'

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

/** The chain as a tree below its route; `cause` is the id of the causeObject, if there is one. */
export function chainTree(chain: Chain, around: Around, cause: string | undefined): TreeNode {
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
  const { failedIssuanceAttempts: failures } = certificate.status
  const times = failures === 1 ? 'once' : `${failures} times`
  return [
    isReady(certificate) ? 'ready' : 'not ready',
    ...(isIssuing(certificate) ? ['being issued'] : []),
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
