import type { Argv } from 'yargs'
import type { Found } from '../../command-line/command.ts'
import { clusterFlags, clusterOptions, ONCE, SWITCH } from '../../command-line/options.ts'

const OUTPUTS = ['json', 'yaml'] as const

/** The command line of `version`. */
export function versionCommand(parser: Argv, found: Found, version: string): void {
  parser.command(
    'version',
    "the versions of plugin, server, cert-manager and Traefik; --client: only the plugin's",
    (command) =>
      clusterOptions(command)
        .option('client', { ...SWITCH, describe: 'ask no cluster' })
        .option('output', {
          ...ONCE,
          alias: 'o',
          choices: OUTPUTS,
          describe: 'another form than text',
        }),
    (args) =>
      found({
        kind: 'version',
        cluster: clusterFlags(args),
        version,
        client: args.client,
        output: OUTPUTS.find((output) => output === args.output) ?? 'text',
      }),
  )
}
