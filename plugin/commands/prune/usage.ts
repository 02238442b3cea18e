import type { Argv } from 'yargs'
import type { Found } from '../../command-line/command.ts'
import { clusterFlags, clusterOptions, ONCE, SELECTOR, SWITCH } from '../../command-line/options.ts'

const OUTPUTS = ['json', 'yaml', 'name'] as const

/** The command line of `prune`. */
export function pruneCommand(parser: Argv, found: Found): void {
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
        .option('no-headers', { ...SWITCH, describe: 'the table without its line of heads' })
        .example('$0 prune -A', 'what could go')
        .example('$0 prune --yes', 'and away with it, in this namespace'),
    (args) =>
      found({
        kind: 'prune',
        cluster: clusterFlags(args),
        selector: args.selector || undefined,
        yes: args.yes,
        output: OUTPUTS.find((output) => output === args.output) ?? 'table',
        headers: !args['no-headers'],
      }),
  )
}
