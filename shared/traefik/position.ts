/** Where something stands in a text, for people: both from 1, the column in characters. */
export type Position = { readonly line: number; readonly column: number }

/** The position of an offset, which counts UTF-16 units as JavaScript does. */
export function positionOf(text: string, offset: number): Position {
  let line = 1
  let column = 1
  for (let at = 0; at < offset; at++) {
    const unit = text.charCodeAt(at)
    if (unit === newline) {
      line++
      column = 1
    } else if (unit < 0xdc00 || unit > 0xdfff) column++ // the second half of a pair counts nothing
  }
  return { line, column }
}

const newline = 10
