import { hostsOf, type Certificate } from '../../../shared/certmanager/certificate.ts'
import { nameOf, type HostClaim, type HostStanding } from '../../../shared/certificates/desired.ts'
import { isOurs } from '../../../shared/kube/ours.ts'
import type { IndexState } from './index-state.ts'
import { isNamed } from './managed-routes.ts'
import { claimOf, standingOf } from './standings.ts'

/** The claims that a decision about a Certificate (`namespace/name`) depends on: of the hosts that have it;
 * of those without one that could get it; and of those without one that could get the names which these
 * would have otherwise. */
export function claimsAround(state: IndexState, key: string): readonly HostClaim[] {
  const [namespace = '', name = ''] = key.split('/')
  const at = (host: string): HostStanding | undefined => standingOf(state, namespace, host)
  const here = new Set(hostsUnder(state, key))
  const plain = Array.from(here, at)
    .filter((one) => one !== undefined && one.existing === undefined && one.cover === undefined)
    .map((one) => one && nameOf(one).certificate)
  for (const other of new Set(plain)) {
    for (const host of hostsUnder(state, `${namespace}/${other}`)) {
      if (at(host)?.existing === undefined) here.add(host)
    }
  }
  return Array.from(here)
    .flatMap((host) => claimOf(state, namespace, host) ?? [])
    .filter(
      ({ existing, former }) =>
        existing === undefined || [existing, former].some((one) => one?.metadata.name === name),
    )
}

/** The hosts that come, or came, under a Certificate's name. */
function hostsUnder({ routes, certificates }: IndexState, key: string): readonly string[] {
  const name = key.slice(key.indexOf('/') + 1)
  const entries = [...routes.keysOfName(key)].flatMap((route) => routes.get(route) ?? [])
  return [
    ...entries.flatMap((entry) => routes.namesOf(entry).get(name) ?? []),
    ...(certificates.get(key)?.spec.dnsNames ?? []),
  ]
}

/** Whether a Certificate's name can't be this host's: one of ours has it that is another's, or routes want it for
 * the Secret that they name themselves. */
export function isTaken(state: IndexState, key: string, claim: HostClaim): boolean {
  const certificate = state.certificates.get(key)
  if (certificate === undefined || !isOurs(certificate)) return isNamed(state, key)
  return isNamed(state, key) || isOthers(state, certificate, claim)
}

/** Whether another host has a Certificate, or another route that is there counts on it. One that a hand
 * changed, so that it is nobody's, still belongs to the routes that own it. */
function isOthers(state: IndexState, certificate: Certificate, claim: HostClaim): boolean {
  const { namespace, ownerReferences } = certificate.metadata
  const own = new Set(claim.routes.map(({ route }) => route.metadata.uid))
  const isOfAnother = ownerReferences.some(({ kind, name, uid }) => {
    const owner = state.routes.get(`${kind} ${namespace}/${name}`)?.route
    return !own.has(uid) && owner?.metadata.uid === uid
  })
  return (
    isOfAnother ||
    hostsOf(certificate).some(
      (host) => standingOf(state, namespace, host)?.existing === certificate,
    )
  )
}
