import type { Argv } from 'yargs'
import type { Found } from '../../command-line/command.ts'
import { ONCE } from '../../command-line/options.ts'

const ACTIONS = ['install', 'script'] as const

/** The command line of `completion`. */
export function completionCommand(parser: Argv, found: Found): void {
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
    ({ action, directory }) =>
      found({ kind: 'completion', action, directory: directory || undefined }),
  )
}
