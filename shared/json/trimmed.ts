/** A text without all of one character at its ends. In linear time, as ` +$` is not. */
export function trimmed(text: string, character: string): string {
  let start = 0
  while (text[start] === character) start++
  return trimmedEnd(text.slice(start), character)
}

/** A text without all of one character at its end. */
export function trimmedEnd(text: string, character: string): string {
  let end = text.length
  while (end > 0 && text[end - 1] === character) end--
  return text.slice(0, end)
}

/** The lines of a text that say something, in one, with this between them. */
export function onOneLine(text: string, between: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(between)
}
