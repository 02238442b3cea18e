import type { Environment } from '../../../shared/kube/proxy-of.ts'
import { parseCommandLine, UNWRAPPED } from '../../command-line/command-line.ts'
import {
  commandOf,
  completionLines,
  valueAmong,
  wanted,
  type Suggestion,
  type Wanted,
} from '../../completion/completing.ts'
import type { Terminal } from '../../command-line/terminal.ts'

export type CompleteContext = {
  readonly terminal: Pick<Terminal, 'out'>
  readonly kubeconfigs?: readonly string[]
  readonly env?: Environment
}

/** Prints what can follow the words, for kubectl's own completion. Always ends well: who presses the tab
 * key wants to read no error. */
export async function runComplete(
  words: readonly string[],
  { terminal, ...around }: CompleteContext,
): Promise<number> {
  const what = await wantedFor(words)
  const suggestions = await suggestionsFor(what, words, around)
  for (const line of completionLines(suggestions, words.at(-1) ?? '', what.kind === 'files')) {
    terminal.out(`${line}\n`)
  }
  return 0
}

async function wantedFor(words: readonly string[]): Promise<Wanted> {
  const command = commandOf(words)
  return wanted(words, {
    main: await helpText([]),
    command: command === undefined ? undefined : await helpText([command]),
  })
}

async function helpText(words: readonly string[]): Promise<string> {
  const context = { version: '', columns: UNWRAPPED }
  const command = await parseCommandLine([...words, '--help'], context)
  return command.kind === 'text' ? command.text : ''
}

async function suggestionsFor(
  what: Wanted,
  words: readonly string[],
  { kubeconfigs = [], env }: Omit<CompleteContext, 'terminal'>,
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
