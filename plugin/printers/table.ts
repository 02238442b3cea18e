import stringWidth from 'string-width'
import { printable } from '../../shared/findings/reasons.ts'
import { paint, type Colour, type Terminal } from '../command-line/terminal.ts'
import { cutToWidth } from './cut-to-width.ts'

/** One cell: its text, and a colour for terminals. */
export type Cell = { readonly text: string; readonly colour?: Colour | undefined }

const GAP = '   '

/** The longest name that Kubernetes takes has 253 characters: a longer text stands out of its column, or
 * every line would be as long as it. */
const WIDEST = 300

/** Lines of a table as kubectl prints one: no borders, columns padded, upper-case heads. The last
 * column is cut to what is left of a terminal's line. */
export function tableLines(
  table: { readonly heads: readonly string[]; readonly rows: readonly (readonly Cell[])[] },
  terminal: Pick<Terminal, 'columns' | 'interactive'>,
): readonly string[] {
  const heads = table.heads.map((text): Cell => ({ text }))
  const rows = (heads.length === 0 ? table.rows : [heads, ...table.rows]).map((row) =>
    row.map(({ text, colour }): Cell => ({ text: printable(text), colour })),
  )
  const widths = (rows[0] ?? []).map((_, column) => columnWidth(rows, column))
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + GAP.length, 0)
  const room = Math.max(20, terminal.columns - before)
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const isLast = column === row.length - 1
        const text = isLast ? cutToWidth(cell.text, room) : cell.text
        const missing = isLast ? 0 : (widths[column] ?? 0) - widthOf(text)
        const padding = ' '.repeat(Math.max(0, missing))
        return paint(text, terminal.interactive ? cell.colour : undefined) + padding
      })
      .join(GAP)
      .trimEnd(),
  )
}

/** That of a very long text is not measured, which takes long. */
function widthOf(text: string): number {
  return text.length > WIDEST * 64 ? Infinity : stringWidth(text)
}

function columnWidth(rows: readonly (readonly Cell[])[], column: number): number {
  return rows.reduce((widest, row) => {
    const width = widthOf(row[column]?.text ?? '')
    return width > WIDEST ? widest : Math.max(widest, width)
  }, 0)
}
