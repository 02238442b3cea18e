import type { Argv } from 'yargs'
import {
  clusterFlags,
  clusterOptions,
  type ClusterFlags,
  ONCE,
} from '../../command-line/options.ts'
import type { Usage } from '../../command-line/usage.ts'

export type DescribeFlags = {
  readonly cluster: ClusterFlags
  readonly name: string
  readonly output: 'text' | 'json' | 'yaml'
}

const OUTPUTS = ['json', 'yaml'] as const

/** How `describe` is called. */
export const describeUsage: Usage<DescribeFlags> = {
  name: 'describe',
  names: ['routes', 'domains'],
  declare,
}

function declare(parser: Argv, found: (flags: DescribeFlags) => void): void {
  parser.command(
    'describe <name>',
    'the whole chain behind a domain or a route, its one cause, and what to do',
    (command) =>
      clusterOptions(command)
        .positional('name', {
          type: 'string',
          demandOption: true,
          describe: 'domain, route or Certificate',
        })
        .option('output', {
          ...ONCE,
          alias: 'o',
          choices: OUTPUTS,
          describe: 'another form than text',
        })
        .example('$0 describe shop.example.com', 'what stands in the way of one domain')
        .example('$0 describe shop -o json', 'all domains of a route, for a script'),
    (args) =>
      found({
        cluster: clusterFlags(args),
        name: args.name,
        output: OUTPUTS.find((output) => output === args.output) ?? 'text',
      }),
  )
}
