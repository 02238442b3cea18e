import type { Argv } from 'yargs'
import type { Found } from '../command.ts'
import { milliseconds } from '../duration.ts'
import { clusterFlags, clusterOptions, ONCE } from '../options.ts'

const GOALS = ['issued', 'failed'] as const

/** The command line of `wait`. */
export function waitCommand(parser: Argv, found: Found): void {
  parser.command(
    'wait <names..>',
    'wait until domains are issued, for CI: exit code 1 when one has failed, or at the timeout',
    (command) =>
      clusterOptions(command)
        .positional('names', {
          type: 'string',
          array: true,
          demandOption: true,
          describe: 'Certificates, routes or domains',
        })
        .option('for', {
          ...ONCE,
          choices: GOALS,
          default: 'issued',
          describe: 'what to wait for',
        })
        .option('timeout', { ...ONCE, default: '5m', describe: 'how long; 0 looks once' })
        .example('$0 wait shop', 'every domain of a route, after it was applied')
        .example('$0 wait shop.example.com --timeout 10m', 'one domain'),
    (args) =>
      found({
        kind: 'wait',
        cluster: clusterFlags(args),
        names: args.names,
        goal: GOALS.find((goal) => goal === args.for) ?? 'issued',
        timeout: milliseconds(args.timeout, 'timeout'),
      }),
  )
}
