import type { ClusterSettings } from './settings.ts'

/** What the server takes for granted of Traefik's HTTPS entry points, which it can't read: said at its
 * start, so that an operator finds a manifest that does not fit. */
export function assumptionOf({
  attach,
  tlsEntryPoints,
  defaultTlsOptions,
}: ClusterSettings): string {
  const names = tlsEntryPoints.join(', ')
  if (attach === 'carry') {
    return `--attach=carry assumes that Traefik has http.tls on ${names}; without it set --attach=inject, or routes get no HTTPS`
  }
  const kept = defaultTlsOptions === undefined ? 'no TLS options' : `${defaultTlsOptions} alone`
  return `--attach=inject assumes that Traefik has no http.tls on ${names}: routes get TLS of their own, with ${kept}; TLS options of the entry point, such as mTLS, do not hold for them`
}
