import { SECRET, type Settings } from '../settings/settings.ts'
import type { Route } from '../traefik/route.ts'

/** Whether a route was there before tlsauto and has nothing of it: such a route is left alone, unless
 * it says `tlsauto.dev/enabled: "true"`, so that an installation rewrites and orders nothing. What
 * was created in the same second as our webhook configuration is not older. */
export function isOld(input: {
  readonly route: Route
  readonly settings: Settings
  /** When our webhook configuration was created (RFC 3339); undefined: it is not there. */
  readonly installedAt: string | undefined
  /** Whether it owns a Certificate of ours. */
  readonly owned: boolean
}): boolean {
  const { route, settings, installedAt, owned } = input
  if (settings.enabled === true || owned) return false
  if (route.metadata.annotations[SECRET] !== undefined) return false
  return installedAt === undefined || route.metadata.creationTimestamp < installedAt
}
