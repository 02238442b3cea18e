import type { Argv } from 'yargs'
import {
  clusterFlags,
  clusterOptions,
  type ClusterFlags,
  ONCE,
} from '../../command-line/options.ts'
import { probeFlags, probeOptions, type ProbeFlags } from '../../command-line/probe-flags.ts'
import type { Usage, UsageContext } from '../../command-line/usage.ts'

export type DoctorFlags = {
  readonly cluster: ClusterFlags
  /** undefined: the installation alone. */
  readonly domain: string | undefined
  readonly probe: ProbeFlags
  readonly output: 'text' | 'json' | 'yaml'
}

const OUTPUTS = ['json', 'yaml'] as const

/** How `doctor` is called. */
export const doctorUsage: Usage<DoctorFlags> = {
  name: 'doctor',
  names: ['domains'],
  declare,
}

function declare(parser: Argv, found: (flags: DoctorFlags) => void, { env }: UsageContext): void {
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
        cluster: clusterFlags(args),
        domain: args.domain,
        probe: probeFlags(args, env),
        output: OUTPUTS.find((output) => output === args.output) ?? 'text',
      }),
  )
}
