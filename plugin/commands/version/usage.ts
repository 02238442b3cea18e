import type { Argv } from 'yargs'
import {
  clusterFlags,
  clusterOptions,
  type ClusterFlags,
  ONCE,
  SWITCH,
} from '../../command-line/options.ts'
import type { Usage, UsageContext } from '../../command-line/usage.ts'

export type VersionFlags = {
  readonly cluster: ClusterFlags
  /** The plugin's own. */
  readonly version: string
  /** Only the plugin's. */
  readonly client: boolean
  readonly output: 'text' | 'json' | 'yaml'
}

const OUTPUTS = ['json', 'yaml'] as const

/** How `version` is called. */
export const versionUsage: Usage<VersionFlags> = {
  name: 'version',
  declare,
}

function declare(
  parser: Argv,
  found: (flags: VersionFlags) => void,
  { version }: UsageContext,
): void {
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
        cluster: clusterFlags(args),
        version,
        client: args.client,
        output: OUTPUTS.find((output) => output === args.output) ?? 'text',
      }),
  )
}
