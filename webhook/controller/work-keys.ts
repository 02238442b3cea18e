/** What the keys of work begin with: `Kind namespace/name`. That of a route is its own kind. */
export const CERTIFICATE = 'Certificate '
export const CLAIM = 'DomainClaim '
/** All hosts of a namespace that stayed unclaimed. */
export const CLAIMS = 'DomainClaims '

/** The namespace in a key of work. */
export function namespaceOf(key: string): string {
  return key.slice(key.indexOf(' ') + 1, key.indexOf('/'))
}
