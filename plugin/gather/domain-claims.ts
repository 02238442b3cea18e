import { parseDomainClaim, type DomainClaim } from '../../shared/claims/domain-claim.ts'
import { createHostHolders, type HostHolders } from '../../shared/claims/host-holders.ts'
import { listParsed, type KubeClient } from '../../shared/kube/kube-client.ts'
import { isStatus } from '../../shared/kube/kube-error.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { readNamespaces, type Gathered } from './snapshot.ts'

/** What decides which namespace a host belongs to, as far as this user may see it. */
export type DomainClaims = Pick<Gathered, 'namespaces'> & ListedClaims

type ListedClaims = {
  readonly claims: readonly DomainClaim[]
  /** Whether this user may not list them: hosts may belong to others without his seeing it. */
  readonly areHidden?: boolean
}

/** Reads it. */
export async function gatherDomainClaims(client: KubeClient): Promise<DomainClaims> {
  const [listed, namespaces] = await Promise.all([
    listDomainClaims(client),
    readNamespaces(client, undefined),
  ])
  return { ...listed, namespaces }
}

/** The DomainClaims; none for a user who may not list them, and on a cluster that does not know them. */
export async function listDomainClaims(client: KubeClient): Promise<ListedClaims> {
  try {
    const resource = RESOURCES.domainClaims
    return { claims: (await listParsed(client, { resource }, parseDomainClaim)).items }
  } catch (error) {
    if (isStatus(error, 403)) return { claims: [], areHidden: true }
    if (isStatus(error, 404)) return { claims: [] }
    throw error
  }
}

/** Which other namespace keeps a host from one, found as the controller finds it. */
export function createRivalOf({ claims, namespaces }: DomainClaims): HostHolders['rivalOf'] {
  const holders = createHostHolders()
  namespaces.forEach((settings, name) => holders.setNamespace(name, settings))
  claims.forEach(holders.putClaim)
  return holders.rivalOf
}
