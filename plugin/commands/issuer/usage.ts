import type { Argv } from 'yargs'
import type { Found } from '../../command-line/command.ts'
import { clusterFlags, clusterOptions, ONCE, SWITCH } from '../../command-line/options.ts'

const OUTPUTS = ['wide', 'json', 'yaml', 'name'] as const

/** The command line of `issuer`. */
export function issuerCommand(parser: Argv, found: Found): void {
  parser.command(
    'issuer [names..]',
    'the issuers in use: Ready or why not, the ACME account, and which domains hang on each',
    (command) =>
      clusterOptions(command)
        .positional('names', { type: 'string', array: true, describe: 'only these issuers' })
        .option('output', {
          ...ONCE,
          alias: 'o',
          choices: OUTPUTS,
          describe: 'another form than the table',
        })
        .option('no-headers', { ...SWITCH, describe: 'the table without its line of heads' })
        .example('$0 issuer -A', 'of the whole cluster'),
    (args) =>
      found({
        kind: 'issuer',
        cluster: clusterFlags(args),
        names: args.names ?? [],
        output: OUTPUTS.find((output) => output === args.output) ?? 'table',
        headers: !args['no-headers'],
      }),
  )
}
