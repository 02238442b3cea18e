import type { Argv } from 'yargs'
import { SWITCH } from '../../command-line/options.ts'
import { UsageError } from '../../command-line/usage-error.ts'
import { placeFlags, placeOptions, type ProbeFlags } from '../../command-line/probe-flags.ts'
import {
  reissueFlags,
  reissueOptions,
  type ReissueFlags,
} from '../../command-line/reissue-options.ts'
import type { Usage, UsageContext } from '../../command-line/usage.ts'

export type RecreateFlags = ReissueFlags & {
  readonly failed: boolean
  readonly hard: boolean
  readonly deleteSecret: boolean
  /** How to see that a new try can work. */
  readonly probe: ProbeFlags
}

/** How `recreate` is called. */
export const recreateUsage: Usage<RecreateFlags> = {
  name: 'recreate',
  names: ['certificates', 'routes', 'domains'],
  follows: ({ wait, hard }) => wait || hard,
  declare,
}

function declare(parser: Argv, found: (flags: RecreateFlags) => void, { env }: UsageContext): void {
  parser.command(
    'recreate [names..]',
    'try failed certificates again now, without waiting for their next try',
    (command) =>
      placeOptions(reissueOptions(command))
        .option('failed', { ...SWITCH, describe: 'all that have failed' })
        .option('hard', {
          ...SWITCH,
          describe: 'delete the Certificate, and tlsauto makes it again; the Secret stays',
        })
        .option('delete-secret', {
          ...SWITCH,
          describe: "with --hard: the Secret too; Traefik's own certificate is served meanwhile",
        })
        .example('$0 recreate shop.example.com --wait', 'after its DNS was fixed')
        .example('$0 recreate --failed -A --wait', 'all of the cluster'),
    (args) => {
      const { failed, hard, 'delete-secret': deleteSecret } = args
      const flags = reissueFlags(args)
      if (flags.names.length === 0 && flags.selector === undefined && !failed) {
        throw new UsageError('recreate what? name a Certificate, route or domain, or say --failed')
      }
      if (deleteSecret && !hard) throw new UsageError('--delete-secret goes with --hard')
      const probe = placeFlags(args, env)
      found({ ...flags, failed, hard, deleteSecret, probe })
    },
  )
}
