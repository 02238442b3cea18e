import type { Cause } from '../../shared/findings/causes.ts'
import { runChecks, type Result } from '../probe/check.ts'
import { DOMAIN_CHECKS, type DomainFacts } from './domain-checks.ts'
import { solvedBy } from './issuer-checks.ts'

/** What only the last issuance met, or what it says of itself. */
const OF_THE_LAST: ReadonlySet<string> = new Set(['limit', 'status'])

/** What matters where the ACME server fetches a challenge. */
const OF_HTTP: ReadonlySet<string> = new Set(['dns', 'caa', 'port', 'path', 'rule'])

/** The ACME server's fetch did not find Traefik. */
const NOT_FOUND: ReadonlySet<Cause | null> = new Set([
  'BadRedirect',
  'ConnectionBroken',
  'ConnectionRefused',
  'ConnectionTimeout',
  'OnlyFromSomePlaces',
  'WrongContent',
  'WrongStatus',
] as const)

/** The first cause that would end a new issuance as well; undefined: it can work, as far as anybody here sees.
 * That DNS leads elsewhere counts only where the last challenge was not found: there may be a CDN, which
 * passes it on. */
export function obstacleIn(facts: DomainFacts): Result | undefined {
  const isFetched = solvedBy(facts) === 'HTTP-01'
  const checks = DOMAIN_CHECKS.filter(
    ({ name }) => !OF_THE_LAST.has(name) && (isFetched || !OF_HTTP.has(name)),
  )
  const traefik = NOT_FOUND.has(facts.item.cause) ? facts.traefik : []
  return runChecks(checks, { ...facts, traefik }).find(({ result }) => result === 'wrong')
}
