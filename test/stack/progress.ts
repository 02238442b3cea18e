import type { WriteStream } from 'node:tty'
import { durationText } from './duration.ts'
import type { Environment } from './go-command.ts'

/** Lines of progress: on a terminal the last one shows how long it has been the last. */
export type Progress = {
  readonly report: (line: string) => void
  readonly close: () => void
}

type Output = Pick<WriteStream, 'write'> & { readonly isTTY?: boolean }

const START_OF_LINE = '\r\u001B[K'
const DIM = '\u001B[2m'
const PLAIN = '\u001B[22m'

/** Plain lines in a pipe; a ticking last line on a terminal, without colour where NO_COLOR is set. */
export function createProgress(output: Output, env: Environment): Progress {
  if (output.isTTY !== true) {
    return { report: (line) => void output.write(`${line}\n`), close: () => undefined }
  }
  const colours = (env['NO_COLOR'] ?? '') === ''
  const dim = (text: string): string => (colours ? `${DIM}${text}${PLAIN}` : text)
  let last: { readonly line: string; readonly since: number } | undefined
  const tick = (): void => {
    if (last === undefined) return
    const seconds = (Date.now() - last.since) / 1000
    output.write(`${START_OF_LINE}${last.line}${dim(`  ${durationText(seconds)}`)}`)
  }
  const close = (): void => {
    clearInterval(timer)
    if (last !== undefined) output.write(`${START_OF_LINE}${last.line}\n`)
    last = undefined
  }
  const timer = setInterval(tick, 1000)
  timer.unref()
  return {
    report: (line) => {
      if (last !== undefined) output.write(`${START_OF_LINE}${last.line}\n`)
      last = { line, since: Date.now() }
      output.write(line)
    },
    close,
  }
}
