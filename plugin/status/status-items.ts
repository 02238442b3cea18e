import { clusterSettings, defaultTexts } from '../../shared/settings/flags.ts'
import type { UnboundedRules } from '../../shared/findings/reasons.ts'
import type { Gathered } from '../gather/snapshot.ts'
import type { DomainClaims } from '../gather/domain-claims.ts'
import { report, type StatusItem } from './report.ts'

/** What was looked at beside what is reported. */
export type Beside = {
  /** Whose the hosts are. */
  readonly claims?: DomainClaims | undefined
  /** The flag of the server that counts here. */
  readonly unboundedRules?: UnboundedRules
}

/** The report, with the server's flags at their defaults: the plugin does not know them, and a host
 * with a Certificate of ours counts as managed whatever they are. */
export function statusItems(
  gathered: Gathered,
  now: Date,
  { claims, unboundedRules }: Beside = {},
): readonly StatusItem[] {
  const defaults = clusterSettings(defaultTexts())
  const cluster = unboundedRules === undefined ? defaults : { ...defaults, unboundedRules }
  return report(gathered, { cluster, now, claims })
}
