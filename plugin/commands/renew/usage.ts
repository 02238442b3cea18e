import type { Argv } from 'yargs'
import type { Found } from '../../command-line/command.ts'
import { UsageError } from '../../command-line/usage-error.ts'
import { reissueFlags, reissueOptions } from '../../command-line/reissue-options.ts'

/** The command line of `renew`. */
export function renewCommand(parser: Argv, found: Found): void {
  parser.command(
    'renew [names..]',
    'issue certificates anew before their time; the Secrets stay in place meanwhile',
    (command) =>
      reissueOptions(command)
        .example('$0 renew shop.example.com --wait', 'say, as its key has leaked')
        .example('$0 renew shop --dry-run', 'what would be renewed of a route'),
    (args) => {
      const flags = reissueFlags(args)
      if (flags.names.length === 0 && flags.selector === undefined) {
        throw new UsageError('renew what? name a Certificate, route or domain, or say -l LABELS')
      }
      found({ kind: 'renew', ...flags })
    },
  )
}
