import { printable } from '../../shared/findings/reasons.ts'
import { onOneLine } from '../../shared/json/trimmed.ts'
import { UsageError } from './usage-error.ts'

/** What is told of an error that ends a command: one line, and with `debug` where it comes from, and what
 * caused it. */
export function errorLines(
  error: unknown,
  { debug }: { readonly debug: boolean },
): readonly string[] {
  const message = error instanceof Error ? error.message : String(error)
  const hint = error instanceof UsageError ? ' (kubectl tlsauto --help shows how)' : ''
  const line = `error: ${printable(onOneLine(message, '; '))}${hint}`
  return debug ? [line, ...stackLines(error)] : [line]
}

function stackLines(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return []
  const lines = (error.stack ?? '').split('\n').map(printable)
  const causes = stackLines(error.cause)
  return causes.length === 0 ? lines : [...lines, `caused by ${causes[0]}`, ...causes.slice(1)]
}
