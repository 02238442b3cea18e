import { clusterSettings, defaultTexts } from '../../shared/flags.ts'
import type { Gathered } from './gather.ts'
import type { Claims } from './holders.ts'
import { report, type StatusItem } from './report.ts'

/** The report, with the server's flags at their defaults: the plugin does not know them, and a host
 * with a Certificate of ours counts as managed whatever they are. `claims` are those of all namespaces, where
 * more was looked at than what is reported. */
export function statusItems(gathered: Gathered, now: Date, claims?: Claims): readonly StatusItem[] {
  return report(gathered, { cluster: clusterSettings(defaultTexts()), now, claims })
}
