import type { Argv } from 'yargs'
import {
  clusterFlags,
  clusterOptions,
  ONCE,
  SELECTOR,
  SWITCH,
  type ClusterFlags,
} from '../../command-line/options.ts'
import { dnsFlags, dnsOptions, type DnsFlags } from '../../command-line/probe-flags.ts'
import type { Usage, UsageContext } from '../../command-line/usage.ts'

export type StatusFlags = {
  readonly cluster: ClusterFlags
  readonly names: readonly string[]
  /** Of routes' labels. */
  readonly selector: string | undefined
  /** Only what needs a look, the worst first. */
  readonly problems: boolean
  /** Also what is left alone on purpose. */
  readonly all: boolean
  readonly output: 'table' | 'wide' | 'json' | 'yaml' | 'name'
  readonly watch: boolean
  readonly headers: boolean
  /** undefined: DNS is not asked. */
  readonly dns: DnsFlags | undefined
}

const OUTPUTS = ['wide', 'json', 'yaml', 'name'] as const

/** How `status` is called. */
export const statusUsage: Usage<StatusFlags> = {
  name: 'status',
  names: ['routes', 'domains'],
  follows: ({ watch }) => watch,
  declare,
}

function declare(parser: Argv, found: (flags: StatusFlags) => void, { env }: UsageContext): void {
  parser.command(
    'status [names..]',
    'how every domain stands: issued, failed or pending, and why',
    (command) =>
      dnsOptions(
        clusterOptions(command)
          .positional('names', { type: 'string', array: true, describe: 'routes or domains' })
          .option('output', {
            ...ONCE,
            alias: 'o',
            choices: OUTPUTS,
            describe: 'another form than the table',
          })
          .option('selector', { ...SELECTOR, describe: 'only routes with these labels' })
          .option('problems', { ...SWITCH, describe: 'only what needs a look, the worst first' })
          .option('all', { ...SWITCH, describe: 'also what is left alone on purpose, and why' })
          .option('watch', { ...SWITCH, alias: 'w', describe: 'and each change' })
          .option('no-headers', { ...SWITCH, describe: 'the table without its header line' })
          .option('dns', {
            ...SWITCH,
            describe: 'also ask DNS: does each domain point to Traefik?',
          }),
      )
        .example('$0 status', 'the domains of this namespace')
        .example('$0 status -A -o json', 'of all namespaces, for a script')
        .example('$0 status -A --problems', 'what is wrong, the worst first')
        .example('$0 status shop.example.com', 'one domain'),
    (args) =>
      found({
        cluster: clusterFlags(args),
        names: args.names ?? [],
        selector: args.selector || undefined,
        problems: args.problems,
        all: args.all,
        output: OUTPUTS.find((output) => output === args.output) ?? 'table',
        watch: args.watch,
        headers: !args['no-headers'],
        dns: args.dns ? dnsFlags(args, env) : undefined,
      }),
  )
}
