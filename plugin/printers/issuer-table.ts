import type { IssuerItem } from '../issuer/issuer-report.ts'
import type { Terminal } from '../command-line/terminal.ts'
import { tableLines, type Cell } from './table.ts'

type Column = {
  readonly head: string
  readonly shown?: (items: readonly IssuerItem[], options: Options) => boolean
  readonly cell: (item: IssuerItem, options: Options) => Cell
}

type Options = { readonly wide: boolean; readonly headers: boolean }

const COLUMNS: readonly Column[] = [
  {
    head: 'NAMESPACE',
    shown: (items) => items.some(({ namespace }) => namespace !== null),
    cell: ({ namespace }) => ({ text: namespace ?? '-' }),
  },
  { head: 'ISSUER', cell: ({ kind, name }) => ({ text: `${kind}/${name}` }) },
  { head: 'READY', cell: readyCell },
  { head: 'SERVER', cell: ({ server, type }) => ({ text: server ?? type ?? '-' }) },
  {
    head: 'ACCOUNT',
    cell: ({ account, email }, { wide }) => ({
      text: (wide ? account : (email ?? account)) ?? '-',
    }),
  },
  { head: 'DOMAINS', cell: ({ domains }, { wide }) => ({ text: names(domains, wide) }) },
  {
    head: 'MESSAGE',
    shown: (items) => items.some(({ message }) => message !== null),
    cell: ({ message }) => ({ text: message ?? '' }),
  },
]

/** The table of `issuer`, one line for each. */
export function issuerTable(
  items: readonly IssuerItem[],
  options: Options & { readonly terminal: Pick<Terminal, 'columns' | 'interactive'> },
): readonly string[] {
  const columns = COLUMNS.filter(({ shown }) => shown === undefined || shown(items, options))
  const rows = items.map((item) => columns.map(({ cell }) => cell(item, options)))
  return tableLines(
    { heads: options.headers ? columns.map(({ head }) => head) : [], rows },
    options.terminal,
  )
}

function readyCell({ ready, reason }: IssuerItem): Cell {
  if (ready === true) return { text: 'True', colour: 'green' }
  const text = `${ready === null ? 'Unknown' : 'False'}${reason === null ? '' : ` (${reason})`}`
  return { text, colour: ready === null ? 'yellow' : 'red' }
}

/** All of them, or the first and how many more. */
function names(domains: readonly string[], all: boolean): string {
  const [first = '-', ...others] = domains
  if (all || others.length === 0) return domains.length === 0 ? first : domains.join(', ')
  return `${first} and ${others.length} more`
}
