import { helpText } from '../../command-line/command-line.ts'
import type { Command } from '../../command-line/command.ts'
import type { RunContext } from '../../command-line/run-context.ts'
import {
  commandOf,
  completionLines,
  valueAmong,
  wanted,
  type Suggestion,
  type Wanted,
} from '../../completion/completion-words.ts'
import type { Terminal } from '../../command-line/terminal.ts'
import type { CompleteFlags } from './usage.ts'

type CompleteContext = Pick<RunContext, 'kubeconfigs' | 'env'> & {
  readonly terminal: Pick<Terminal, 'out'>
  readonly commands: readonly Command[]
}

/** Prints what can follow the words, for kubectl's own completion. Always ends well: who presses the tab
 * key wants to read no error. */
export async function runComplete(
  { words }: CompleteFlags,
  { terminal, commands, ...around }: CompleteContext,
): Promise<number> {
  const what = await wantedFor(words, commands)
  const suggestions = await suggestionsFor(what, words, around)
  for (const line of completionLines(suggestions, words.at(-1) ?? '', what.kind === 'files')) {
    terminal.out(`${line}\n`)
  }
  return 0
}

async function wantedFor(words: readonly string[], commands: readonly Command[]): Promise<Wanted> {
  const name = commandOf(words)
  return wanted(words, {
    main: await helpText(undefined, commands),
    command: name === undefined ? undefined : await helpText(name, commands),
    names: commands.find((one) => one.name === name)?.names ?? [],
  })
}

async function suggestionsFor(
  what: Wanted,
  words: readonly string[],
  { kubeconfigs = [], env }: Pick<RunContext, 'kubeconfigs' | 'env'>,
): Promise<readonly Suggestion[]> {
  if (what.kind !== 'names') return what.kind === 'words' ? what.suggestions : []
  const { namesOf } = await import('../../completion/completion-names.ts')
  const namespace = valueAmong(words.slice(0, -1), { long: '--namespace', short: '-n' })
  const names = await namesOf(what.of, {
    kubeconfigs,
    env,
    kubeconfig: valueAmong(words.slice(0, -1), { long: '--kubeconfig' }),
    context: valueAmong(words.slice(0, -1), { long: '--context' }),
    namespace,
    allNamespaces: words.some((word) => word === '-A' || word === '--all-namespaces'),
  })
  return names.map((word) => ({ word, meaning: '' }))
}
