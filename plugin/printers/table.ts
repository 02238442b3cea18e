import { printable } from '../../shared/findings/reasons.ts'
import { paint, type Colour, type Terminal } from '../command-line/terminal.ts'

/** One cell: its text, and a colour for terminals. */
export type Cell = { readonly text: string; readonly colour?: Colour | undefined }

const GAP = '   '

/** Lines of a table as kubectl prints one: no borders, columns padded, upper-case heads. The last
 * column is cut to what is left of a terminal's line. */
export function tableLines(
  table: { readonly heads: readonly string[]; readonly rows: readonly (readonly Cell[])[] },
  terminal: Pick<Terminal, 'columns' | 'interactive'>,
): readonly string[] {
  const heads = table.heads.map((text): Cell => ({ text }))
  const rows = heads.length === 0 ? table.rows : [heads, ...table.rows]
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => printable(row[column]?.text ?? '').length)),
  )
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + GAP.length, 0)
  const room = Math.max(20, terminal.columns - before)
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const isLast = column === row.length - 1
        const text = printable(isLast ? cut(cell.text, room) : cell.text)
        const padding = isLast ? '' : ' '.repeat((widths[column] ?? 0) - text.length)
        return paint(text, terminal.interactive ? cell.colour : undefined) + padding
      })
      .join(GAP)
      .trimEnd(),
  )
}

/** Between characters, never within one. */
function cut(text: string, room: number): string {
  if (text.length <= room) return text
  return `${text.slice(0, room - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}
