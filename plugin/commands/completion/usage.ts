import type { Argv } from 'yargs'
import { ONCE } from '../../command-line/options.ts'
import type { Usage } from '../../command-line/usage.ts'

export type CompletionFlags = {
  readonly action: 'install' | 'script'
  /** Where to; undefined: to the plugin's own folder. */
  readonly directory: string | undefined
}

const ACTIONS = ['install', 'script'] as const

/** How `completion` is called. */
export const completionUsage: Usage<CompletionFlags> = {
  name: 'completion',
  declare,
}

function declare(parser: Argv, found: (flags: CompletionFlags) => void): void {
  parser.command(
    'completion <action>',
    'teach kubectl to complete commands, flags, names and domains',
    (command) =>
      command
        .positional('action', {
          type: 'string',
          choices: ACTIONS,
          demandOption: true,
          describe: 'install it, or print the script that kubectl runs',
        })
        .option('directory', { ...ONCE, describe: "a folder of PATH; else the plugin's own" })
        .example('$0 completion install', 'once'),
    ({ action, directory }) => found({ action, directory: directory || undefined }),
  )
}
