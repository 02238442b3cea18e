import type { Argv } from 'yargs'
import {
  clusterFlags,
  clusterOptions,
  type ClusterFlags,
  ONCE,
  SWITCH,
} from '../../command-line/options.ts'
import type { Usage } from '../../command-line/usage.ts'

export type IssuerFlags = {
  readonly cluster: ClusterFlags
  /** None: all that are in use. */
  readonly names: readonly string[]
  readonly output: 'table' | 'wide' | 'json' | 'yaml' | 'name'
  readonly headers: boolean
}

const OUTPUTS = ['wide', 'json', 'yaml', 'name'] as const

/** How `issuer` is called. */
export const issuerUsage: Usage<IssuerFlags> = {
  name: 'issuer',
  names: ['issuers'],
  declare,
}

function declare(parser: Argv, found: (flags: IssuerFlags) => void): void {
  parser.command(
    'issuer [names..]',
    'the issuers in use: Ready or why not, the ACME account, and which domains use it',
    (command) =>
      clusterOptions(command)
        .positional('names', { type: 'string', array: true, describe: 'only these issuers' })
        .option('output', {
          ...ONCE,
          alias: 'o',
          choices: OUTPUTS,
          describe: 'another form than the table',
        })
        .option('no-headers', { ...SWITCH, describe: 'the table without its header line' })
        .example('$0 issuer -A', 'of the whole cluster'),
    (args) =>
      found({
        cluster: clusterFlags(args),
        names: args.names ?? [],
        output: OUTPUTS.find((output) => output === args.output) ?? 'table',
        headers: !args['no-headers'],
      }),
  )
}
