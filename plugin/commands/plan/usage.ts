import type { Argv } from 'yargs'
import type { SettingsFlag } from '../../../shared/settings/flags.ts'
import {
  clusterFlags,
  clusterOptions,
  ONCE,
  settingsFlags,
  settingsOptions,
  type ClusterFlags,
} from '../../command-line/options.ts'
import type { Usage } from '../../command-line/usage.ts'

export type PlanFlags = {
  readonly cluster: ClusterFlags
  /** None: the cluster's own routes. */
  readonly files: readonly string[]
  readonly output: 'text' | 'diff' | 'json' | 'yaml'
  readonly settings: Readonly<Record<SettingsFlag, string>>
}

const OUTPUTS = ['json', 'yaml'] as const

/** How `plan` is called. */
export const planUsage: Usage<PlanFlags> = {
  name: 'plan',
  declare,
}

function declare(parser: Argv, found: (flags: PlanFlags) => void): void {
  parser.command(
    'plan',
    'what tlsauto would do to the routes in files, without a cluster, or to those of the cluster',
    (command) =>
      settingsOptions(clusterOptions(command))
        .option('filename', {
          alias: 'f',
          type: 'string',
          // No array for yargs: in one, `-` would be taken for another flag.
          coerce: (names: string | readonly string[]) => [names].flat(),
          requiresArg: true,
          describe: 'YAML or JSON file; - is standard input; none: the cluster',
        })
        .option('output', {
          ...ONCE,
          alias: 'o',
          choices: OUTPUTS,
          describe: 'another form than text',
        })
        .option('diff', {
          type: 'boolean',
          // Without a default, which would stand against every `-o`.
          conflicts: 'output',
          describe: 'how the routes would be changed, as a diff',
        })
        .example('$0 plan -f route.yaml', 'before it is applied')
        .example('$0 plan -A --diff', 'the routes as they would be')
        .example('$0 plan -A', 'before tlsauto is installed, or takes on old routes')
        .example('helm template . | $0 plan -f - -o json', 'for a script'),
    (args) =>
      found({
        cluster: clusterFlags(args),
        files: args.filename ?? [],
        output:
          args.diff === true
            ? 'diff'
            : (OUTPUTS.find((output) => output === args.output) ?? 'text'),
        settings: settingsFlags(args),
      }),
  )
}
