import { claimName, parseDomainClaim, type DomainClaim } from '../../shared/claims/domain-claim.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { isStatus } from '../../shared/kube/kube-error.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { createMultimap } from '../../shared/json/multimap.ts'
import type { Sighting } from '../../shared/claims/sightings.ts'
import type { Logger } from '../runtime/logger.ts'
import type { ClusterIndex } from './index/cluster-index.ts'
import { planClaim, type ClaimStep } from './plan/plan-claim.ts'

/** Keeps the DomainClaims: for the leader alone, and only when every first list is in. */
export type ClaimKeeper = {
  /** Brings the claim of a host to where it should be. Gives the milliseconds after which to look again, where
   * only time is missing. Throws a Deferred where its namespace has as many as it may have. */
  keep(host: string): Promise<number | undefined>
}

export type KeeperInput = {
  readonly client: Pick<KubeClient, 'get' | 'create' | 'mergePatch' | 'delete'>
  readonly index: Pick<ClusterIndex, 'claimState' | 'putClaim' | 'removeClaim'>
  /** How long a claim outlives the last that names its host. */
  readonly graceMs: number
  /** Called when a host was claimed, or is free again. */
  readonly onChange: (host: string) => void
  /** Called when a host stays unclaimed, since its namespace has as many claims as it may have. */
  readonly onLimited: (sighting: Sighting) => void
  /** Called when a host can't be claimed, since another host's claim is called like its own. */
  readonly onNameTaken: (sighting: Sighting, name: string) => void
  readonly logger: Logger
  readonly now?: () => Date
}

/** A keeper that puts what it wrote into the index at once: what comes next can count on it. */
export function createClaimKeeper(input: KeeperInput): ClaimKeeper {
  const { index, graceMs, now = () => new Date() } = input
  const underWay = new Map<string, Promise<number | undefined>>()
  const creating = createMultimap<string, Promise<unknown>>()
  const step = async (host: string): Promise<number | undefined> => {
    const state = index.claimState(host)
    const namespace = state.claimant?.namespace ?? ''
    const others = [...creating.get(namespace)]
    // Those under way may take what room there is.
    if (others.length > 0 && others.length >= state.room) {
      await Promise.allSettled(others)
      return step(host)
    }
    const next = planClaim(state, { now: now(), graceMs })
    if (next === undefined) return undefined
    const work = take(input, host, next)
    if (next.kind !== 'create') return work
    creating.add(namespace, work)
    return work.finally(() => creating.remove(namespace, work))
  }
  return {
    // Several Certificates and routes may wait for one claim: it is written once.
    keep: async (host) => {
      const known = underWay.get(host)
      if (known !== undefined) return known
      const work = step(host).finally(() => underWay.delete(host))
      underWay.set(host, work)
      return work
    },
  }
}

async function take(
  input: KeeperInput,
  host: string,
  step: ClaimStep,
): Promise<number | undefined> {
  const { client, index, logger, onChange, onLimited } = input
  const resource = RESOURCES.domainClaims
  switch (step.kind) {
    case 'create': {
      const claim = await create(input, step)
      index.putClaim(claim)
      onChange(host)
      const { namespace } = claim.spec
      logger.info({ host, namespace }, 'DomainClaim created')
      return undefined
    }
    case 'patch': {
      const { name } = step.claim.metadata
      const claim = parseDomainClaim(await client.mergePatch({ resource, name }, step.patch))
      if (claim !== undefined) index.putClaim(claim)
      logger.info({ host, patch: step.patch }, 'DomainClaim patched')
      // Now that it is marked the time runs.
      return claim?.spec.unusedSince === undefined ? undefined : 0
    }
    case 'delete': {
      const { name, uid, resourceVersion } = step.claim.metadata
      await client.delete({ resource, name }, { uid, resourceVersion })
      index.removeClaim(step.claim)
      onChange(host)
      logger.info({ host, name }, 'DomainClaim deleted')
      return undefined
    }
    case 'limited':
      onLimited(step.claimant)
      return undefined
    case 'wait':
      return step.milliseconds
    default:
      return step satisfies never
  }
}

/** Makes a claim; where somebody was faster, his counts. */
async function create(
  { client, onNameTaken }: KeeperInput,
  { object, claimant }: Extract<ClaimStep, { kind: 'create' }>,
): Promise<DomainClaim> {
  const resource = RESOURCES.domainClaims
  const { host } = claimant
  const name = claimName(host)
  try {
    const created = parseDomainClaim(await client.create(resource, object))
    if (created !== undefined) return created
    throw new Error(`DomainClaim ${name} came back without its host`)
  } catch (error) {
    if (!isStatus(error, 409)) throw error
    const found = await client.get({ resource, name })
    if (found.kind !== 'found') throw error
    const claim = parseDomainClaim(found.object)
    if (claim?.spec.host === host) return claim
    onNameTaken(claimant, name)
    throw new Error(`DomainClaim ${name} is not for ${host}: delete it`, { cause: error })
  }
}
