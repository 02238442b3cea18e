import { fine, unknown, wrong, type Outcome } from '../probe/check.ts'
import type { DnsAnswer } from '../probe/dns.ts'

/** A name, what DNS says of it, and where Traefik is reached (empty: nobody knows). */
export type DnsFacts = {
  readonly name: string
  readonly answer: DnsAnswer
  readonly traefik: readonly string[]
}

/** Whether a name leads to Traefik; null where nobody can tell. */
export function dnsConfigured({ answer, traefik: known }: DnsFacts): boolean | null {
  switch (answer.kind) {
    case 'found': {
      const traefik = comparable(known, answer.addresses)
      if (traefik.length === 0) return null
      return answer.addresses.every((address) => traefik.some((one) => isSame(one, address)))
    }
    case 'missing':
    case 'failed':
      return false
    case 'silent':
      return null
    default:
      return answer satisfies never
  }
}

/** The same as a finding, with what to do. */
export function dnsOutcome(facts: DnsFacts): Outcome {
  const { name, answer, traefik } = facts
  switch (answer.kind) {
    case 'found':
      return foundOutcome(facts, answer)
    case 'missing':
      return wrong(
        `${name} has no address`,
        `DNS says ${answer.code}`,
        `create an A or AAAA record for ${name} ${toTraefik(traefik)}`,
      )
    case 'failed':
      return wrong(
        `the DNS servers of ${name} fail`,
        `DNS says ${answer.code}`,
        'fix its zone: its name servers, its delegation, DNSSEC',
      )
    case 'silent':
      return unknown(`no DNS server answered (${answer.code}); try --resolver 1.1.1.1`)
    default:
      return answer satisfies never
  }
}

function foundOutcome(
  facts: DnsFacts,
  { addresses, alias }: Extract<DnsAnswer, { kind: 'found' }>,
): Outcome {
  const { name } = facts
  const traefik = comparable(facts.traefik, addresses)
  const leads = `${name} is ${addresses.join(', ')}${alias === null ? '' : ` (an alias of ${alias})`}`
  const configured = dnsConfigured(facts)
  if (configured === null) return fine(leads)
  if (configured) return fine(`${leads}: Traefik`)
  const strangers = addresses.filter((address) => !traefik.some((one) => isSame(one, address)))
  return wrong(
    `${name} leads elsewhere`,
    `${leads}; Traefik is ${traefik.join(', ')}`,
    `point it ${toTraefik(traefik)}, and remove ${strangers.join(', ')}`,
  )
}

function toTraefik(traefik: readonly string[]): string {
  const reachable = traefik.filter((address) => !isPrivate(address))
  return reachable.length === 0 ? "to Traefik's address" : `to ${reachable.join(' or ')}`
}

/** Those of Traefik's addresses that an answer can be held against: behind NAT its Service has a private
 * one, and DNS rightly names the router's. */
function comparable(traefik: readonly string[], answer: readonly string[]): readonly string[] {
  return answer.every(isPrivate) ? traefik : traefik.filter((address) => !isPrivate(address))
}

/** Whether an address is one that no visitor from elsewhere reaches: RFC 1918, 6598, 1122, 3927, 4193, 4291. */
function isPrivate(address: string): boolean {
  return PRIVATE.test(canonical(address))
}

const PRIVATE =
  /^(?:10\.|127\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|\[(?:::1\]|f[cd]|fe[89ab]))/

/** IPv6 has many spellings of an address; a URL has one. */
function isSame(a: string, b: string): boolean {
  return canonical(a) === canonical(b)
}

function canonical(address: string): string {
  return address.includes(':') ? new URL(`http://[${address}]`).hostname : address
}
