import type { Argv } from 'yargs'
import type { Command } from '../../command-line/command.ts'
import { clusterFlags, clusterOptions, ONCE } from '../../command-line/options.ts'

const OUTPUTS = ['json', 'yaml'] as const

/** The command line of `describe`. */
export function describeCommand(parser: Argv, found: (command: Command) => void): void {
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
        kind: 'describe',
        cluster: clusterFlags(args),
        name: args.name,
        output: OUTPUTS.find((output) => output === args.output) ?? 'text',
      }),
  )
}
