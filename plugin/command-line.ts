import yargs, { type Argv } from 'yargs'
import { SETTINGS_FLAGS, type Flag, type SettingsFlag } from '../shared/flags.ts'
import { usageWords } from './usage-words.ts'

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

/** Whether a command goes on until what it waits for comes, or until it is told to end. */
export function follows(command: Command): boolean {
  return (
    (command.kind === 'status' && command.watch) || (command.kind === 'recreate' && command.wait)
  )
}

/** A command line that can't be run. */
export class UsageError extends Error {}

const OUTPUTS = ['wide', 'json', 'yaml', 'name'] as const
const PLAN_OUTPUTS = ['json', 'yaml'] as const

const SWITCH = { type: 'boolean', default: false } as const

/** An option with one value; given again, the last counts, as for kubectl. */
const ONCE = {
  type: 'string',
  requiresArg: true,
  coerce: (value: string | readonly string[]): string | undefined =>
    typeof value === 'string' ? value : value.at(-1),
} as const

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
    .demandCommand(1, 'which command?')
    .strict()
    .recommendCommands()
    // --no-headers is kubectl's name for the option, not the opposite of one.
    .parserConfiguration({ 'boolean-negation': false, 'camel-case-expansion': false })
    // The first mistake: what yargs finds after it is less to the point.
    .fail((message, error) => {
      const isComplaint = error === undefined || error.name === 'YError'
      throw isComplaint ? new UsageError(usageWords(message ?? error.message)) : error
    })
    .exitProcess(false)
    .wrap(Math.min(100, context.columns))
  statusCommand(parser, found)
  recreateCommand(parser, found)
  planCommand(parser, found)
  await parser.parseAsync(argv.flatMap(apart), {}, (_error: Error | undefined, _argv, output) => {
    text = output
  })
  return command ?? { kind: 'text', text }
}

/** `-ojson` is `-o json`, as for kubectl; yargs takes it for five options. */
function apart(argument: string): readonly string[] {
  const [, option, value] = /^(-[nof])([^=].*)$/s.exec(argument) ?? []
  return option === undefined || value === undefined ? [argument] : [option, value]
}

type Found = (command: Command) => void

function statusCommand(parser: Argv, found: Found): void {
  parser.command(
    'status [names..]',
    'how every domain stands: issued, failed or pending, and why',
    (command) =>
      clusterOptions(command)
        .positional('names', { type: 'string', array: true, describe: 'routes or domains' })
        .option('output', {
          ...ONCE,
          alias: 'o',
          choices: OUTPUTS,
          describe: 'another form than the table',
        })
        .option('watch', { ...SWITCH, alias: 'w', describe: 'and each change' })
        .option('no-headers', { ...SWITCH, describe: 'the table without its line of heads' })
        .example('$0 status', 'the domains of this namespace')
        .example('$0 status -A -o json', 'of all namespaces, for a script')
        .example('$0 status shop.example.com', 'one domain'),
    (args) =>
      found({
        kind: 'status',
        cluster: clusterFlags(args),
        names: args.names ?? [],
        output: OUTPUTS.find((output) => output === args.output) ?? 'table',
        watch: args.watch,
        headers: !args['no-headers'],
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
        .option('wait', { ...SWITCH, describe: 'until it is issued, or has failed again' })
        .option('timeout', { ...ONCE, default: '5m', describe: 'how long --wait waits' })
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
        .option('output', {
          ...ONCE,
          alias: 'o',
          choices: PLAN_OUTPUTS,
          describe: 'another form than text',
        })
        .example('$0 plan -f route.yaml', 'before it is applied')
        .example('helm template . | $0 plan -f - -o json', 'for a script'),
    (args) =>
      found({
        kind: 'plan',
        files: args.filename,
        output: PLAN_OUTPUTS.find((output) => output === args.output) ?? 'text',
        settings: settingsTexts(args),
      }),
  )
}

/** The server's own flags that shape a plan. */
function settingsOptions(command: Argv): Argv {
  for (const [flag, { choices, ...rest }] of Object.entries<Flag>(SETTINGS_FLAGS)) {
    command.option(flag, {
      ...rest,
      ...ONCE,
      group: 'As the server is started:',
      ...(choices === undefined ? {} : { choices }),
    })
  }
  return command
}

function clusterOptions(command: Argv) {
  return command
    .option('namespace', { ...ONCE, alias: 'n', describe: "namespace; else the context's own" })
    .option('all-namespaces', { ...SWITCH, alias: 'A', describe: 'the whole cluster' })
    .option('kubeconfig', { ...ONCE, describe: 'kubeconfig file; else as kubectl finds it' })
    .option('context', { ...ONCE, describe: 'context of the kubeconfig' })
    .option('request-timeout', { ...ONCE, default: '10s', describe: 'for each request' })
}

function clusterFlags(args: {
  readonly namespace: string | undefined
  readonly kubeconfig: string | undefined
  readonly context: string | undefined
  readonly 'all-namespaces': boolean
  readonly 'request-timeout': string | undefined
}): ClusterFlags {
  return {
    kubeconfig: args.kubeconfig || undefined,
    context: args.context || undefined,
    namespace: args.namespace || undefined,
    allNamespaces: args['all-namespaces'],
    requestTimeout: milliseconds(args['request-timeout'], 'request-timeout'),
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

const UNITS: ReadonlyMap<string | undefined, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
])

/** What a timer can wait. */
const LONGEST_MS = 2 ** 31 - 1

/** A duration as kubectl takes it: 10s, 1m30s, 1h, or seconds without a unit. */
function milliseconds(text: string | undefined, flag: string): number {
  const complete = /^\d+$/.test(text ?? '') ? `${text}s` : (text ?? '')
  const parts = [...complete.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== complete) {
    throw new UsageError(`--${flag} ${text} is not a duration such as 30s`)
  }
  const sum = parts.reduce((total, [, amount, unit]) => {
    return total + Number(amount) * (UNITS.get(unit) ?? 0)
  }, 0)
  return Math.min(sum, LONGEST_MS)
}
