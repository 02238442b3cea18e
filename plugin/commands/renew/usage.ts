import type { Argv } from 'yargs'
import { UsageError } from '../../command-line/usage-error.ts'
import {
  reissueFlags,
  reissueOptions,
  type ReissueFlags,
} from '../../command-line/reissue-options.ts'
import type { Usage } from '../../command-line/usage.ts'

/** How `renew` is called. */
export const renewUsage: Usage<ReissueFlags> = {
  name: 'renew',
  names: ['certificates', 'routes', 'domains'],
  follows: ({ wait }) => wait,
  declare,
}

function declare(parser: Argv, found: (flags: ReissueFlags) => void): void {
  parser.command(
    'renew [names..]',
    'issue certificates again before they expire; the Secrets stay in place meanwhile',
    (command) =>
      reissueOptions(command)
        .example('$0 renew shop.example.com --wait', 'say, as its key has leaked')
        .example('$0 renew shop --dry-run', 'what would be renewed of a route'),
    (args) => {
      const flags = reissueFlags(args)
      if (flags.names.length === 0 && flags.selector === undefined) {
        throw new UsageError('renew what? name a Certificate, route or domain, or say -l LABELS')
      }
      found({ ...flags })
    },
  )
}
