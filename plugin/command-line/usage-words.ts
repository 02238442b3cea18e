import { onOneLine } from '../../shared/json/trimmed.ts'

/** What yargs says, and what we say instead. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/^Did you mean (.+)\?$/, 'there is no such command; did you mean $1?'],
  [/^Unknown arguments?: (.+)$/, 'unknown: $1'],
  [/^Missing required arguments?: (.+)$/, '--$1 is missing'],
  [/^Not enough arguments following: (.)$/, '-$1 needs a value'],
  [/^Not enough arguments following: (.+)$/, '--$1 needs a value'],
  [/^Not enough non-option arguments: .+$/, 'what? a name is missing'],
  [/^Invalid values: Argument: (.+), Given: (.+), Choices: (.+)$/, '--$1 $2 is none of $3'],
]

/** One of yargs' complaints in one line, as a user of kubectl would put it. */
export function usageWords(complaint: string): string {
  const line = onOneLine(complaint, ' ')
  const [pattern, words] = WORDS.find(([known]) => known.test(line)) ?? []
  return pattern === undefined || words === undefined ? line : line.replace(pattern, words)
}
