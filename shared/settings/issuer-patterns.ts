import type { IssuerRef } from '../certmanager/certificate.ts'

const KIND = /^[A-Za-z][A-Za-z0-9.-]*$/
const NAME = /^[a-z0-9.-]*\*?$/

/** The patterns of `tlsauto.dev/allowed-issuers`: `Kind/name` or `Kind.group/name`, where a name may end in
 * `*` for any text, with commas between; `*` alone is every issuer. undefined: it is no such list. */
export function parseIssuerPatterns(text: string): readonly string[] | undefined {
  const patterns = text.split(',').map((item) => parsePattern(item.trim()))
  const known = patterns.filter((pattern) => pattern !== undefined)
  return known.length === patterns.length ? known : undefined
}

function parsePattern(item: string): string | undefined {
  if (item === '*') return item
  const [kind = '', name = '', ...more] = item.split('/')
  if (!KIND.test(kind) || !NAME.test(name) || name === '' || more.length > 0) return undefined
  return `${kind.includes('.') ? kind : `${kind}.${CERT_MANAGER}`}/${name}`
}

const CERT_MANAGER = 'cert-manager.io'

/** Whether one of the patterns means this issuer. */
export function isAllowedIssuer(issuer: IssuerRef, patterns: readonly string[]): boolean {
  const text = `${issuer.kind}.${issuer.group}/${issuer.name}`
  return patterns.some((pattern) =>
    pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : text === pattern,
  )
}

/** An issuer as such a list names it: `ClusterIssuer/ca`, `AWSPCAIssuer.awspca.cert-manager.io/ca`. */
export function issuerText({ kind, group, name }: IssuerRef): string {
  return `${group === CERT_MANAGER ? kind : `${kind}.${group}`}/${name}`
}
