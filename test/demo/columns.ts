const GAP = '   '
const FEW_LINES = 2

/** A table's line as cells, by where its heads begin. */
export function cellsOf(heads: string, line: string): readonly string[] {
  const starts = startsOf(heads)
  return starts.map((start, column) => line.slice(start, starts[column + 1]).trim())
}

/** Cells as a line below other heads than their own. */
export function alignTo(heads: string, cells: readonly string[]): string {
  const starts = startsOf(heads)
  const add = (line: string, cell: string, column: number): string =>
    `${line}${line === '' ? '' : ' '}`.padEnd(starts[column] ?? 0) + cell
  return cells.reduce(add, '').trimEnd()
}

/** Where the last column of a table begins. */
export function lastColumn(heads: string): number {
  return startsOf(heads).at(-1) ?? 0
}

/** A table's lines with only these of its columns, in its own order. */
export function keepColumns(table: string, kept: readonly string[]): readonly string[] {
  const [heads = '', ...lines] = table.trimEnd().split('\n')
  const names = cellsOf(heads, heads)
  const rows = [heads, ...lines].map((line) =>
    cellsOf(heads, line).filter((_, column) => kept.includes(names[column] ?? '')),
  )
  const widths = kept.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join(GAP)
      .trimEnd(),
  )
}

/** Wraps a table's line so that its last column goes on below itself, or, where that takes more than
 * a few lines, all of it below the line. */
export function wrapRow(
  row: string,
  { width, column }: { readonly width: number; readonly column: number },
): readonly string[] {
  const lines = wrap(row, { width, column })
  if (lines.length <= FEW_LINES || column === 0) return lines
  const below = wrap(GAP + row.slice(column), { width, column: GAP.length })
  return [row.slice(0, column).trimEnd(), ...below]
}

/** Wraps at spaces; what follows the first line is indented. A word longer than a line is broken. */
function wrap(
  text: string,
  { width, column }: { readonly width: number; readonly column: number },
): readonly string[] {
  if (text.length <= width) return [text]
  const space = text.lastIndexOf(' ', width)
  const end = space > column ? space : width
  const rest = ' '.repeat(column) + text.slice(end).trimStart()
  return [text.slice(0, end).trimEnd(), ...wrap(rest, { width, column })]
}

/** Heads are words with single spaces between; columns are further apart. */
function startsOf(heads: string): readonly number[] {
  return [...heads.matchAll(/\S+(?: \S+)*/g)].map(({ index }) => index)
}
