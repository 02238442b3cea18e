import { createInterface } from 'node:readline/promises'
import type { Readable, Writable } from 'node:stream'

/** Asks a question that is answered with yes or no. */
export type Confirm = (question: string) => Promise<boolean>

/** Asks on a terminal, also while what is printed goes to a file; undefined where there is none to ask on.
 * Only `y` and `yes` agree. */
export function confirmer(streams: {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stderr: Writable & { readonly isTTY?: boolean }
}): Confirm | undefined {
  const { stdin, stderr } = streams
  if (stdin.isTTY !== true || stderr.isTTY !== true) return undefined
  return async (question) => {
    const lines = createInterface({ input: stdin, output: stderr })
    // Ctrl-D and Ctrl-C are a no.
    const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')))
    const answer = await Promise.race([lines.question(`${question} [y/N] `), closed])
    lines.close()
    return /^y(es)?$/i.test(answer.trim())
  }
}
