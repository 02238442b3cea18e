import { printable } from '../../shared/findings/reasons.ts'

/** Where a command prints. */
export type Terminal = {
  readonly out: (text: string) => void
  readonly error: (text: string) => void
  /** Whether colours and cursor movements are welcome. */
  readonly interactive: boolean
  /** Characters a line; no limit where output is no terminal. */
  readonly columns: number
}

/** The slice of a stream that a terminal needs. */
export type Stream = {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

/** A terminal over the process's streams: interactive only where output is one, NO_COLOR is not set
 * and TERM is not `dumb`. */
export function createTerminal(streams: {
  readonly stdout: Stream
  readonly stderr: Stream
  readonly env: Readonly<Record<string, string | undefined>>
}): Terminal {
  const { stdout, stderr, env } = streams
  const plain = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb'
  return {
    out: (text) => stdout.write(text),
    error: (text) => stderr.write(text),
    interactive: stdout.isTTY === true && !plain,
    columns: stdout.isTTY === true ? stdout.columns || 80 : Infinity,
  }
}

/** Whether a person reads it, and no file or program. */
export function isTerminal({ columns }: Pick<Terminal, 'columns'>): boolean {
  return columns !== Infinity
}

export const COLOURS = { red: 31, green: 32, yellow: 33, dim: 2, bold: 1 } as const
export type Colour = keyof typeof COLOURS

/** Text in a colour; what it says is made printable first, and is all that reaches the terminal. */
export function paint(text: string, colour: Colour | undefined): string {
  const safe = printable(text)
  return colour === undefined ? safe : `\u001B[${COLOURS[colour]}m${safe}\u001B[0m`
}
