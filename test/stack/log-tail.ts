import { readFile } from 'node:fs/promises'

/** The last lines of a log file, for an error message; empty when there is no file. */
export async function tailOf(file: string, lines = 15): Promise<string> {
  try {
    const text = await readFile(file, 'utf8')
    return text.trimEnd().split('\n').slice(-lines).join('\n')
  } catch {
    // The message it was for matters more than the log.
    return ''
  }
}
