import type { OrphanItem } from '../prune/orphans.ts'
import type { Terminal } from '../command-line/terminal.ts'
import { age } from './distance.ts'
import { tableLines } from './table.ts'

/** The table of `prune`, one line for each Secret. */
export function orphanTable(
  items: readonly OrphanItem[],
  options: {
    readonly headers: boolean
    readonly allNamespaces: boolean
    readonly now: Date
    readonly terminal: Pick<Terminal, 'columns' | 'interactive'>
  },
): readonly string[] {
  const { headers, allNamespaces, now, terminal } = options
  const heads = [...(allNamespaces ? ['NAMESPACE'] : []), 'SECRET', 'CERTIFICATE', 'AGE', 'DOMAINS']
  const rows = items.map((item) => {
    const { namespace, secret, certificate, domains, creationTimestamp } = item
    return [
      ...(allNamespaces ? [namespace] : []),
      secret,
      certificate,
      age(creationTimestamp, now),
      domains.join(', '),
    ].map((text) => ({ text }))
  })
  return tableLines({ heads: headers ? heads : [], rows }, terminal)
}
