import stringWidth from 'string-width'

/** More code units than any column's characters have, with all their marks; to look at more takes too long. */
const MOST_UNITS = 64

const SEGMENTER = new Intl.Segmenter()

/** The text, or as much of it as fits into so many columns of a terminal, with `…` at its end: cut between
 * what a reader takes for characters, never within one. */
export function cutToWidth(text: string, columns: number): string {
  if (columns === Infinity) return text
  const head = text.slice(0, columns * MOST_UNITS)
  if (head === text && stringWidth(text) <= columns) return text
  let width = 0
  let end = 0
  for (const { segment, index } of SEGMENTER.segment(head)) {
    width += stringWidth(segment)
    if (width >= columns) break
    end = index + segment.length
  }
  return `${text.slice(0, end)}…`
}
