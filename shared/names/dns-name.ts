declare const dnsName: unique symbol

/** A host name that a certificate can carry: lower case, no trailing dot, perhaps a wildcard. */
export type DnsName = string & { readonly [dnsName]: true }

/** What came of reading a host: a name for a certificate, or why it can't be one. */
export type DnsNameResult =
  | { readonly kind: 'name'; readonly name: DnsName }
  | { readonly kind: 'address' | 'everything' | 'too-long' | 'malformed' }

const LABEL = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/
const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/

/** Reads a host as Traefik's Host matcher gives it. Limits: RFC 1035 2.3.4 (253 characters in all,
 * 63 a label); RFC 6125 6.4.3 (a wildcard is the whole left-most label). Underscores are malformed:
 * no public CA signs them (CA/Browser Forum Baseline Requirements 7.1.4.2.1), and no Kubernetes
 * object can be named after them. */
export function parseDnsName(host: string): DnsNameResult {
  if (host === '*') return { kind: 'everything' }
  if (IPV4.test(host) || host.includes(':')) return { kind: 'address' }
  if (host.length > 253) return { kind: 'too-long' }
  const labels = host.split('.')
  const named = labels[0] === '*' ? labels.slice(1) : labels
  if (named.some((label) => label.length > 63)) return { kind: 'too-long' }
  if (!named.every((label) => LABEL.test(label))) return { kind: 'malformed' }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the brand comes from this parser
  return { kind: 'name', name: host as DnsName }
}

/** Whether it stands for every name one label below it. */
export function isWildcard(name: DnsName): boolean {
  return name.startsWith('*.')
}

/** Names that no public CA signs: RFC 6761 and 6762's special uses, RFC 8375, ICANN's `.internal`,
 * and single labels, a wildcard's star aside. An internal CA may sign them. */
export function isPrivateName(name: DnsName): boolean {
  const named = name.replace('*.', '')
  return !named.includes('.') || PRIVATE_END.test(named)
}

const PRIVATE_END =
  /\.(local|localhost|internal|test|example|invalid|onion|alt)$|^(.*\.)?home\.arpa$/
