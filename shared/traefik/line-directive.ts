/**
 * What is wrong with a comment that Go takes for a line directive: `//line` at the start of a line,
 * or `/*line` anywhere, with a colon in it, must end in a good number, or Go refuses the whole
 * rule (go/scanner, updateLineInfo). `start` and `end` bound the comment without its end mark.
 */
export function lineDirectiveProblem(text: string, start: number, end: number): string | undefined {
  if (!isDirective(text, start)) return undefined
  const ended = text[start + 1] === '/' && text[end - 1] === '\r' ? end - 1 : end
  const last = splitNumber(text.slice(start + 7, ended))
  if (last === undefined) return undefined
  const first = splitNumber(last.before)
  const numbers = first?.number === undefined ? [last.number] : [first.number, last.number]
  if (numbers.every(isPosition)) return undefined
  return 'Go takes this comment for a line directive and refuses it: begin it with another word'
}

function isDirective(text: string, start: number): boolean {
  if (text.startsWith('/*line ', start)) return true
  return text.startsWith('//line ', start) && (start === 0 || text[start - 1] === '\n')
}

type Tail = { readonly before: string; readonly number: bigint | undefined }

// What follows the last colon, if it is a number of 64 bits.
function splitNumber(text: string): Tail | undefined {
  const colon = text.lastIndexOf(':')
  if (colon < 0) return undefined
  const digits = /^0*([0-9]{1,20})$/.exec(text.slice(colon + 1))?.[1]
  const number = digits === undefined ? undefined : BigInt(digits)
  const fits = number !== undefined && number < 1n << 64n
  return { before: text.slice(0, colon), number: fits ? number : undefined }
}

// Go compares after a conversion to int: what is past 63 bits turns negative, and passes.
function isPosition(number: bigint | undefined): boolean {
  if (number === undefined || number === 0n) return false
  return number <= 1n << 30n || number >= 1n << 63n
}
