import type { StatusItem } from '../status/report.ts'
import type { Colour, Terminal } from '../command-line/terminal.ts'
import { distance } from './distance.ts'
import { tableLines, type Cell } from './table.ts'

type Column = {
  readonly head: string
  readonly wide?: true
  readonly all?: true
  readonly dns?: true
  readonly cell: (item: StatusItem, now: Date) => Cell
}

const COLOUR_OF: Readonly<Record<string, Colour>> = {
  issued: 'green',
  failed: 'red',
  pending: 'yellow',
}

const COLUMNS: readonly Column[] = [
  { head: 'NAMESPACE', all: true, cell: ({ namespace }) => ({ text: namespace }) },
  { head: 'ROUTE', cell: ({ route }) => ({ text: route }) },
  { head: 'DOMAIN', cell: ({ domain }) => ({ text: domain ?? '-' }) },
  { head: 'STATUS', cell: statusCell },
  { head: 'DNS', dns: true, cell: dnsCell },
  { head: 'EXPIRES', cell: ({ notAfter }, now) => ({ text: distance(notAfter, now) }) },
  { head: 'NEXT TRY', cell: ({ nextRetry }, now) => ({ text: distance(nextRetry, now) }) },
  { head: 'CERTIFICATE', wide: true, cell: ({ certificate }) => ({ text: certificate ?? '-' }) },
  { head: 'SECRET', wide: true, cell: ({ secret }) => ({ text: secret ?? '-' }) },
  { head: 'ISSUER', wide: true, cell: ({ issuer }) => ({ text: issuer ?? '-' }) },
  { head: 'REASON', wide: true, cell: ({ reason }) => ({ text: reason ?? '-' }) },
  { head: 'MESSAGE', cell: ({ message }) => ({ text: message ?? '' }) },
]

/** The table of `status`, one line for each domain. */
export function statusTable(
  items: readonly StatusItem[],
  options: {
    readonly now: Date
    readonly terminal: Pick<Terminal, 'columns' | 'interactive'>
    readonly headers: boolean
    readonly wide: boolean
    readonly allNamespaces: boolean
    /** Whether DNS was asked. */
    readonly dns: boolean
  },
): readonly string[] {
  const columns = COLUMNS.filter(
    (column) =>
      (column.wide !== true || options.wide) &&
      (column.all !== true || options.allNamespaces) &&
      (column.dns !== true || options.dns),
  )
  const rows = items.map((item) => columns.map((column) => column.cell(item, options.now)))
  const heads = options.headers ? columns.map((column) => column.head) : []
  return tableLines({ heads, rows }, options.terminal)
}

/** The status word, and the finer one where it says more. */
function statusCell({ tlsStatus, state }: StatusItem): Cell {
  if (tlsStatus === null) return { text: state, colour: 'dim' }
  const text = tlsStatus === state ? tlsStatus : `${tlsStatus} (${state})`
  return { text, colour: COLOUR_OF[tlsStatus] }
}

/** Whether the domain leads to Traefik. */
function dnsCell({ dnsConfigured }: StatusItem): Cell {
  if (dnsConfigured === null) return { text: '?', colour: 'yellow' }
  return dnsConfigured ? { text: 'ok', colour: 'green' } : { text: 'wrong', colour: 'red' }
}
