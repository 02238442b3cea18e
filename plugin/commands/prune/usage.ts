import type { Argv } from 'yargs'
import {
  clusterFlags,
  clusterOptions,
  type ClusterFlags,
  ONCE,
  SELECTOR,
  SWITCH,
} from '../../command-line/options.ts'
import type { Usage } from '../../command-line/usage.ts'

export type PruneFlags = {
  readonly cluster: ClusterFlags
  /** Of Secrets' labels. */
  readonly selector: string | undefined
  readonly yes: boolean
  readonly output: 'table' | 'json' | 'yaml' | 'name'
  readonly headers: boolean
}

const OUTPUTS = ['json', 'yaml', 'name'] as const

/** How `prune` is called. */
export const pruneUsage: Usage<PruneFlags> = {
  name: 'prune',
  declare,
}

function declare(parser: Argv, found: (flags: PruneFlags) => void): void {
  parser.command(
    'prune',
    'the Secrets that were issued for Certificates that are gone; --yes deletes them',
    (command) =>
      clusterOptions(command)
        .option('selector', { ...SELECTOR, describe: 'only Secrets with these labels' })
        .option('yes', { ...SWITCH, alias: 'y', describe: 'delete them' })
        .option('output', {
          ...ONCE,
          alias: 'o',
          choices: OUTPUTS,
          describe: 'another form than the table',
        })
        .option('no-headers', { ...SWITCH, describe: 'the table without its header line' })
        .example('$0 prune -A', 'what could go')
        .example('$0 prune --yes', 'delete it, in this namespace'),
    (args) =>
      found({
        cluster: clusterFlags(args),
        selector: args.selector || undefined,
        yes: args.yes,
        output: OUTPUTS.find((output) => output === args.output) ?? 'table',
        headers: !args['no-headers'],
      }),
  )
}
