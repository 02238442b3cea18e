import { appOf, type Verdict } from './decide.ts'
import type { DnsName } from '../names/dns-name.ts'
import type { Finding } from '../findings/reasons.ts'
import { certificateNames, companionName } from '../names/names.ts'
import { wantsCompanion } from './plain-http.ts'
import type { Settings } from '../settings/settings.ts'
import type { Route } from '../traefik/route.ts'

/** Which names that tlsauto needs are names of objects that are not its own. */
export type TakenNames = {
  /** Whether such an IngressRoute or Middleware is called like a route's companion. */
  readonly isCompanionTaken: (route: Route) => boolean
  /** Whether such an IngressRoute is called like a Certificate, and so like its carrier. */
  readonly isCarrierTaken: (namespace: string, certificate: string) => boolean
  /** The Certificate that a host of a namespace has. */
  readonly certificateOf: (namespace: string, host: string) => string | undefined
}

/** Where nothing is known of others. */
export const NOTHING_TAKEN: TakenNames = {
  isCompanionTaken: () => false,
  isCarrierTaken: () => false,
  certificateOf: () => undefined,
}

/** The verdict about a route among the objects of its namespace: TLS would end its plain HTTP where its
 * companion can't be made, so that it is carried instead. */
export function besideStrangers(
  verdict: Verdict,
  { route, settings }: { readonly route: Route; readonly settings: Settings },
  { isCompanionTaken }: Pick<TakenNames, 'isCompanionTaken'>,
): Verdict {
  if (verdict.kind === 'unmanaged' || verdict.named || verdict.attach === 'carry') return verdict
  if (!wantsCompanion(route, settings) || !isCompanionTaken(route)) return verdict
  const about = companionName(route.metadata.name)
  const finding: Finding = { reason: 'CompanionTaken', path: '', about }
  return { ...verdict, attach: 'carry', findings: [...verdict.findings, finding] }
}

/** The carriers that a route needs, and that can't be made. */
export function carriersTaken(
  verdict: Verdict,
  { route, settings }: { readonly route: Route; readonly settings: Settings },
  taken: Pick<TakenNames, 'isCarrierTaken' | 'certificateOf'>,
): readonly Finding[] {
  if (verdict.kind === 'unmanaged' || verdict.named) return []
  const { namespace } = route.metadata
  const app = appOf(route, settings)
  const nameOf = (host: DnsName): string =>
    taken.certificateOf(namespace, host) ?? certificateNames(app, host).certificate
  const carried = verdict.attach === 'carry' ? verdict.hosts : verdict.hosts.slice(1)
  return carried
    .map(nameOf)
    .filter((name) => taken.isCarrierTaken(namespace, name))
    .map((about) => ({ reason: 'CarrierTaken', path: '', about }))
}
