import type { Argv } from 'yargs'
import type { Found } from '../../command-line/command.ts'
import { clusterFlags, clusterOptions, ONCE } from '../../command-line/options.ts'
import { probeFlags, probeOptions } from '../../command-line/probe-options.ts'

const OUTPUTS = ['json', 'yaml'] as const

/** The command line of `verify`. */
export function verifyCommand(parser: Argv, found: Found): void {
  parser.command(
    'verify <domain>',
    'whether what is served for a domain is what was issued: DNS, TLS, names, serial, expiry, chain',
    (command) =>
      probeOptions(clusterOptions(command))
        .positional('domain', { type: 'string', demandOption: true, describe: 'a host of a route' })
        .option('ca', { ...ONCE, describe: 'PEM file of the CAs to trust, for a private issuer' })
        .option('output', {
          ...ONCE,
          alias: 'o',
          choices: OUTPUTS,
          describe: 'another form than text',
        })
        .example('$0 verify shop.example.com', 'as a visitor finds it')
        .example(
          '$0 verify shop.example.com --address 203.0.113.7',
          'before DNS leads there: Traefik is at that address',
        ),
    (args) =>
      found({
        kind: 'verify',
        cluster: clusterFlags(args),
        domain: args.domain,
        probe: probeFlags(args),
        ca: args.ca || undefined,
        output: OUTPUTS.find((output) => output === args.output) ?? 'text',
      }),
  )
}
