import { objectAt, type JsonObject } from '../../shared/json/json.ts'
import { claimName } from '../../shared/claims/domain-claim.ts'
import { REASONS } from '../../shared/findings/reasons.ts'
import { quantityOf } from '../../shared/json/number.ts'
import { fine, unknown, wrong, type Check, type Outcome } from '../probe/check.ts'
import { dnsOutcome } from '../status/dns-state.ts'
import type { Caa, DnsAnswer } from '../probe/dns.ts'
import type { StatusItem } from '../status/report.ts'
import { exitCode } from '../status/exit-code.ts'
import { acmeServer, ISSUER_CHECKS, solvedBy } from './issuer-checks.ts'
import { PATH_CHECKS, type PathFacts } from './path-checks.ts'

/** Everything that decides whether a domain gets its certificate. */
export type DomainFacts = PathFacts & {
  readonly item: StatusItem
  /** The other namespace that the domain belongs to. */
  readonly holder: string | undefined
  /** The name of another Certificate with the same Secret. */
  readonly rival: string | undefined
  /** The name of the request that nobody has approved. */
  readonly unapproved: string | undefined
  /** Why cert-manager could make no request. */
  readonly unmade: string | undefined
  /** The name of the open challenge that has no Pod to answer it. */
  readonly podless: string | undefined
  /** The ResourceQuotas of the namespace; undefined: not to be read. */
  readonly quotas: readonly JsonObject[] | undefined
  readonly answer: DnsAnswer
  readonly caa: readonly Caa[]
  readonly traefik: readonly string[]
}

/** Why a domain has no certificate, in causal order: the first that is wrong is the cause. */
export const DOMAIN_CHECKS: readonly Check<DomainFacts>[] = [
  { name: 'route', look: isManaged },
  { name: 'host', look: isHeldHere },
  { name: 'secret', look: hasItsOwnSecret },
  ...ISSUER_CHECKS,
  { name: 'approval', look: isApproved },
  { name: 'quota', look: hasRoom },
  { name: 'request', look: isAskedFor },
  { name: 'pod', look: hasSolverPod },
  { name: 'dns', look: resolves },
  { name: 'caa', look: mayBeSigned },
  ...PATH_CHECKS,
  { name: 'limit', look: isWithinLimits },
  { name: 'status', look: isUnderWay },
]

function isManaged({ item }: DomainFacts): Outcome {
  const { namespace, route, state, reason, message } = item
  if (state !== 'unmanaged') return fine(`route ${namespace}/${route}`)
  const entry = Object.entries(REASONS).find(([name]) => name === reason)?.[1]
  const what = `tlsauto leaves route ${namespace}/${route} alone`
  if (entry?.warns !== true) return unknown(`${what}: ${message}`)
  return wrong(what, reason ?? '', message ?? '')
}

function isHeldHere({ domain, item, holder }: DomainFacts): Outcome | undefined {
  if (holder === undefined) return undefined
  return wrong(
    `another namespace holds ${domain}`,
    `it belongs to namespace ${holder}, and not to ${item.namespace}`,
    `use another host, or ask the cluster's administrator, who can change it: kubectl edit domainclaim ${claimName(domain)}`,
  )
}

function hasItsOwnSecret({ item, rival }: DomainFacts): Outcome | undefined {
  if (rival === undefined) return undefined
  return wrong(
    'two Certificates have the same Secret',
    `${rival} has Secret ${item.secret}, too`,
    `delete one of them, or give ${rival} another secretName`,
  )
}

function isApproved({ unapproved }: DomainFacts): Outcome | undefined {
  if (unapproved === undefined) return undefined
  return wrong(
    'nobody has approved the request',
    `CertificateRequest ${unapproved} has neither the condition Approved nor Denied`,
    `is an approver running (cert-manager's own, or approver-policy)? cmctl approve ${unapproved}`,
  )
}

/** What an issuance makes in the namespace. */
const NEEDED =
  /^(pods|services|secrets|count\/(pods|services|secrets|ingresses\.networking\.k8s\.io|(certificates|certificaterequests)\.cert-manager\.io|(orders|challenges)\.acme\.cert-manager\.io))$/

function hasRoom({ item, quotas }: DomainFacts): Outcome | undefined {
  if (quotas === undefined) return unknown('you are not allowed to list resourcequotas')
  const full = quotas.flatMap((quota) => {
    const { hard, used } = amounts(quota)
    return Object.keys(hard).filter(
      (key) => NEEDED.test(key) && isFull(quantityOf(used[key]), quantityOf(hard[key])),
    )
  })
  if (full.length === 0) return undefined
  return wrong(
    `a quota of namespace ${item.namespace} is used up`,
    `${full.join(', ')}: no Certificate, request or solver can be made`,
    'raise the ResourceQuota, or remove what is not needed',
  )
}

function isFull(used = 0, hard = Infinity): boolean {
  return used >= hard
}

function isAskedFor({ item, unmade }: DomainFacts): Outcome | undefined {
  if (unmade === undefined) return undefined
  return wrong(
    'cert-manager can not make a CertificateRequest',
    unmade,
    `let it make one in namespace ${item.namespace}: fix the policy, the quota or the rights in the message`,
  )
}

function hasSolverPod({ item, podless }: DomainFacts): Outcome | undefined {
  if (podless === undefined) return undefined
  return wrong(
    "the challenge's solver has no Pod",
    `no Pod belongs to Challenge ${podless}: a quota or a policy refuses it, or it was deleted`,
    `kubectl describe challenge ${podless} -n ${item.namespace} shows what cert-manager says of it`,
  )
}

function amounts(quota: JsonObject): { readonly hard: JsonObject; readonly used: JsonObject } {
  const status = objectAt(quota, 'status')
  return { hard: objectAt(objectAt(quota, 'spec'), 'hard'), used: objectAt(status, 'used') }
}

function resolves(facts: DomainFacts): Outcome | undefined {
  const { domain, answer, traefik } = facts
  // DNS-01 needs no address, and a wildcard may have none for a made-up name.
  if (solvedBy(facts) === 'DNS-01') return undefined
  return dnsOutcome({ name: domain, answer, traefik })
}

function mayBeSigned({ domain, caa, issuer }: DomainFacts): Outcome | undefined {
  if (acmeServer(issuer)?.includes('letsencrypt.org') !== true) return undefined
  const wild = caa.filter(({ tag }) => tag === 'issuewild')
  const isWild = domain.startsWith('*') && wild.length > 0
  const counting = isWild ? wild : caa.filter(({ tag }) => tag === 'issue')
  const [first] = counting
  if (first === undefined) return undefined
  const names = counting.map(({ value }) => (value.split(';')[0] ?? '').trim())
  if (names.includes('letsencrypt.org')) return fine("CAA lets Let's Encrypt sign")
  return wrong(
    "CAA forbids Let's Encrypt",
    `${first.at} lets ${names.map((name) => name || 'nobody').join(', ')} sign`,
    `add a record: ${first.at} CAA 0 ${first.tag} "letsencrypt.org"`,
  )
}

function isWithinLimits({ item }: DomainFacts): Outcome | undefined {
  if (item.state !== 'rate-limited') return undefined
  const wait = `wait: the next try is at ${item.nextRetry}; a new try before costs another one`
  return wrong(
    "a rate limit of the ACME server's is reached",
    item.message ?? '',
    // Time alone fixes the others.
    item.cause === 'AccountPaused' ? (item.whatToDo ?? wait) : wait,
  )
}

/** What cert-manager says, where nothing above explains it. */
function isUnderWay({ item }: DomainFacts): Outcome | undefined {
  const { state, message, cause, nextRetry, notAfter, domain, whatToDo } = item
  if (state === 'unmanaged' || state === 'rate-limited') return undefined
  if (exitCode([item]) === 0 && cause === null)
    return fine(`${state}${notAfter === null ? '' : `, until ${notAfter}`}`)
  return wrong(
    `it is ${state}${nextRetry === null ? '' : `, the next try is at ${nextRetry}`}`,
    message ?? '',
    whatToDo ?? `fix what is wrong above, then: kubectl tlsauto recreate ${domain}`,
  )
}
