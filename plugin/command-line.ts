import yargs, { type Argv } from 'yargs'
import { SETTINGS_FLAGS, type Flag, type SettingsFlag } from '../shared/flags.ts'

/** Which cluster, and which part of it. */
export type ClusterFlags = {
  readonly kubeconfig: string | undefined
  readonly context: string | undefined
  readonly namespace: string | undefined
  readonly allNamespaces: boolean
  /** Milliseconds. */
  readonly requestTimeout: number
}

export type Output = 'table' | 'wide' | 'json' | 'yaml' | 'name'

/** What the command line asks for. */
export type Command =
  | {
      readonly kind: 'status'
      readonly cluster: ClusterFlags
      readonly names: readonly string[]
      readonly output: Output
      readonly watch: boolean
      readonly headers: boolean
    }
  | {
      readonly kind: 'recreate'
      readonly cluster: ClusterFlags
      readonly names: readonly string[]
      readonly wait: boolean
      /** Milliseconds. */
      readonly timeout: number
    }
  | {
      readonly kind: 'plan'
      readonly files: readonly string[]
      readonly output: 'text' | 'json' | 'yaml'
      readonly settings: Readonly<Record<SettingsFlag, string>>
    }
  /** Text that answers at once: help, the version. */
  | { readonly kind: 'text'; readonly text: string }

/** A command line that can't be run. */
export class UsageError extends Error {}

const OUTPUTS = ['wide', 'json', 'yaml', 'name'] as const

/** Reads a command line. Throws a UsageError that says what is wrong with it. */
export async function parseCommandLine(
  argv: readonly string[],
  context: { readonly version: string; readonly columns: number },
): Promise<Command> {
  let command: Command | undefined
  let text = ''
  const found = (value: Command): void => {
    command = value
  }
  const parser = yargs()
    .scriptName('kubectl tlsauto')
    .usage('$0: how every domain stands, and repair.\n\nUsage: $0 COMMAND')
    .version(context.version)
    .command('version', 'print the version', {}, () =>
      found({ kind: 'text', text: context.version }),
    )
    .option('debug', { type: 'boolean', describe: 'show where an error comes from', global: true })
    .demandCommand(1, 'which command? kubectl tlsauto --help lists them')
    .strict()
    .recommendCommands()
    .exitProcess(false)
    .wrap(Math.min(100, context.columns))
  statusCommand(parser, found)
  recreateCommand(parser, found)
  planCommand(parser, found)
  await parser.parseAsync([...argv], {}, (error: Error | undefined, _argv, output) => {
    if (error !== undefined && error !== null) throw new UsageError(error.message)
    text = output
  })
  return command ?? { kind: 'text', text }
}

type Found = (command: Command) => void

function statusCommand(parser: Argv, found: Found): void {
  parser.command(
    'status [names..]',
    'how every domain stands: issued, failed or pending, and why',
    (command) =>
      clusterOptions(command)
        .positional('names', { type: 'string', array: true, describe: 'routes or domains' })
        .option('output', { alias: 'o', choices: OUTPUTS, describe: 'another form than the table' })
        .option('watch', {
          alias: 'w',
          type: 'boolean',
          default: false,
          describe: 'and each change',
        })
        .option('headers', { type: 'boolean', default: true, describe: 'the line of heads' })
        .example('$0 status', 'the domains of this namespace')
        .example('$0 status -A -o json', 'of all namespaces, for a script')
        .example('$0 status shop.example.com', 'one domain'),
    (args) =>
      found({
        kind: 'status',
        cluster: clusterFlags(args),
        names: args.names ?? [],
        output: args.output ?? 'table',
        watch: args.watch,
        headers: args.headers,
      }),
  )
}

function recreateCommand(parser: Argv, found: Found): void {
  parser.command(
    'recreate <names..>',
    'try a failed certificate again now, without waiting for its next try',
    (command) =>
      clusterOptions(command)
        .positional('names', {
          type: 'string',
          array: true,
          demandOption: true,
          describe: 'Certificates, routes or domains',
        })
        .option('wait', {
          type: 'boolean',
          default: false,
          describe: 'until issued, or failed again',
        })
        .option('timeout', { type: 'string', default: '5m', describe: 'for --wait' })
        .example('$0 recreate shop.example.com --wait', 'after its DNS was mended'),
    (args) =>
      found({
        kind: 'recreate',
        cluster: clusterFlags(args),
        names: args.names,
        wait: args.wait,
        timeout: milliseconds(args.timeout, 'timeout'),
      }),
  )
}

function planCommand(parser: Argv, found: Found): void {
  parser.command(
    'plan',
    'what tlsauto would do to the routes in files; needs no cluster',
    (command) =>
      settingsOptions(command)
        .option('filename', {
          alias: 'f',
          type: 'string',
          // No array for yargs: in one, `-` would be taken for another flag.
          coerce: (names: string | readonly string[]) => [names].flat(),
          demandOption: true,
          requiresArg: true,
          describe: 'YAML or JSON file; - is standard input',
        })
        .option('output', { alias: 'o', choices: ['json', 'yaml'] as const })
        .example('$0 plan -f route.yaml', 'before it is applied')
        .example('helm template . | $0 plan -f - -o json', 'for a script'),
    (args) =>
      found({
        kind: 'plan',
        files: args.filename,
        output: args.output ?? 'text',
        settings: settingsTexts(args),
      }),
  )
}

/** The server's own flags that shape a plan. */
function settingsOptions(command: Argv): Argv {
  for (const [flag, { choices, ...rest }] of Object.entries<Flag>(SETTINGS_FLAGS)) {
    command.option(flag, {
      ...rest,
      type: 'string',
      requiresArg: true,
      group: 'As the server is started:',
      ...(choices === undefined ? {} : { choices }),
    })
  }
  return command
}

function clusterOptions(command: Argv) {
  return command
    .option('namespace', { alias: 'n', type: 'string', requiresArg: true })
    .option('all-namespaces', { alias: 'A', type: 'boolean', default: false })
    .option('kubeconfig', { type: 'string', requiresArg: true, describe: 'kubeconfig file' })
    .option('context', { type: 'string', requiresArg: true, describe: 'context of the kubeconfig' })
    .option('request-timeout', { type: 'string', default: '10s', describe: 'for each request' })
}

function clusterFlags(args: {
  readonly namespace: string | undefined
  readonly kubeconfig: string | undefined
  readonly context: string | undefined
  readonly allNamespaces: boolean
  readonly requestTimeout: string
}): ClusterFlags {
  return {
    kubeconfig: args.kubeconfig,
    context: args.context,
    namespace: args.namespace,
    allNamespaces: args.allNamespaces,
    requestTimeout: milliseconds(args.requestTimeout, 'request-timeout'),
  }
}

function settingsTexts(
  args: Readonly<Record<string, unknown>>,
): Readonly<Record<SettingsFlag, string>> {
  const text = (flag: SettingsFlag): string => {
    const value = args[flag]
    return typeof value === 'string' ? value : ''
  }
  return {
    'cluster-issuer': text('cluster-issuer'),
    'wildcard-cluster-issuer': text('wildcard-cluster-issuer'),
    'http-entrypoints': text('http-entrypoints'),
    'tls-entrypoints': text('tls-entrypoints'),
    'default-entrypoints': text('default-entrypoints'),
    attach: text('attach'),
    'default-tls-options': text('default-tls-options'),
    'ingress-class': text('ingress-class'),
  }
}

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, '': 1000 } as const

/** A duration as kubectl takes it: 10s, 5m, 1h, or seconds without a unit. */
function milliseconds(text: string, flag: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? []
  if (amount === undefined) throw new UsageError(`--${flag} ${text} is not a duration such as 30s`)
  return (
    Number(amount) *
    UNITS[unit === 'ms' || unit === 's' || unit === 'm' || unit === 'h' ? unit : '']
  )
}
