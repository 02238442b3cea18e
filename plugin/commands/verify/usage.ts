import type { Argv } from 'yargs'
import {
  clusterFlags,
  clusterOptions,
  type ClusterFlags,
  ONCE,
} from '../../command-line/options.ts'
import {
  caFlag,
  caOption,
  probeFlags,
  probeOptions,
  type ProbeFlags,
} from '../../command-line/probe-flags.ts'
import type { Usage, UsageContext } from '../../command-line/usage.ts'

export type VerifyFlags = {
  readonly cluster: ClusterFlags
  readonly domain: string
  readonly probe: ProbeFlags
  /** A PEM file. */
  readonly ca: string | undefined
  readonly output: 'text' | 'json' | 'yaml'
}

const OUTPUTS = ['json', 'yaml'] as const

/** How `verify` is called. */
export const verifyUsage: Usage<VerifyFlags> = {
  name: 'verify',
  names: ['domains'],
  declare,
}

function declare(parser: Argv, found: (flags: VerifyFlags) => void, { env }: UsageContext): void {
  parser.command(
    'verify <domain>',
    'whether what is served for a domain is what was issued: DNS, TLS, names, serial, expiry, chain',
    (command) =>
      caOption(probeOptions(clusterOptions(command)))
        .positional('domain', { type: 'string', demandOption: true, describe: 'a host of a route' })
        .option('output', {
          ...ONCE,
          alias: 'o',
          choices: OUTPUTS,
          describe: 'another form than text',
        })
        .example('$0 verify shop.example.com', 'as a visitor finds it')
        .example(
          '$0 verify shop.example.com --address 203.0.113.7',
          'before DNS points there: Traefik is at that address',
        ),
    (args) =>
      found({
        cluster: clusterFlags(args),
        domain: args.domain,
        probe: probeFlags(args, env),
        ca: caFlag(args, env),
        output: OUTPUTS.find((output) => output === args.output) ?? 'text',
      }),
  )
}
