import type { Argv } from 'yargs'
import type { Found } from '../../command-line/command.ts'
import { clusterFlags, clusterOptions, ONCE } from '../../command-line/options.ts'
import { probeFlags, probeOptions } from '../../command-line/probe-options.ts'

const OUTPUTS = ['json', 'yaml'] as const

/** The command line of `doctor`. */
export function doctorCommand(parser: Argv, found: Found): void {
  parser.command(
    'doctor [domain]',
    'why a domain has no certificate, in causal order; without one: whether the installation is well',
    (command) =>
      probeOptions(clusterOptions(command))
        .positional('domain', { type: 'string', describe: 'a host of a route' })
        .option('output', {
          ...ONCE,
          alias: 'o',
          choices: OUTPUTS,
          describe: 'another form than text',
        })
        .example('$0 doctor', 'issuers, webhooks, rights, versions')
        .example('$0 doctor shop.example.com', 'what stands in the way of its certificate'),
    (args) =>
      found({
        kind: 'doctor',
        cluster: clusterFlags(args),
        domain: args.domain,
        probe: probeFlags(args),
        output: OUTPUTS.find((output) => output === args.output) ?? 'text',
      }),
  )
}
