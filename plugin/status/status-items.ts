import { clusterSettings, defaultTexts } from '../../shared/flags.ts'
import type { Gathered } from './gather.ts'
import { report, type StatusItem } from './report.ts'

/** The report, with the server's flags at their defaults: the plugin does not know them, and a host
 * with a Certificate of ours counts as managed whatever they are. */
export function statusItems(gathered: Gathered, now: Date): readonly StatusItem[] {
  return report(gathered, { cluster: clusterSettings(defaultTexts()), now })
}
