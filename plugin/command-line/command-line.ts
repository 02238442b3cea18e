import yargs, { type Argv } from 'yargs'
import type { Command, Found } from './command.ts'
import {
  clusterFlags,
  clusterOptions,
  ONCE,
  SELECTOR,
  settingsFlags,
  settingsOptions,
  SWITCH,
} from './options.ts'
import { UsageError } from './usage-error.ts'
import { describeCommand } from '../commands/describe/usage.ts'
import { usageWords } from './usage-words.ts'
import { doctorCommand } from '../commands/doctor/usage.ts'
import { issuerCommand } from '../commands/issuer/usage.ts'
import { dnsFlags } from './probe-options.ts'
import { pruneCommand } from '../commands/prune/usage.ts'
import { recreateCommand } from '../commands/recreate/usage.ts'
import { renewCommand } from '../commands/renew/usage.ts'
import { completionCommand } from '../commands/completion/usage.ts'
import { versionCommand } from '../commands/version/usage.ts'
import { verifyCommand } from '../commands/verify/usage.ts'
import { waitCommand } from '../commands/wait/usage.ts'

const OUTPUTS = ['wide', 'json', 'yaml', 'name'] as const
const PLAN_OUTPUTS = ['json', 'yaml'] as const

/** The word in whose place kubectl's plugins for completion put the user's. */
const COMPLETE = '__complete'

/** Columns of a help text whose lines are not broken, for a program to read. */
export const UNWRAPPED = 0

/** Reads a command line. Throws a UsageError that says what is wrong with it. */
export async function parseCommandLine(
  argv: readonly string[],
  context: { readonly version: string; readonly columns: number },
): Promise<Command> {
  // As kubectl asks for completion: whatever stands there is no mistake yet.
  if (argv[0] === COMPLETE) return { kind: 'complete', words: argv.slice(1) }
  let command: Command | undefined
  let text = ''
  const found = (value: Command): void => {
    command = value
  }
  const parser = yargs()
    .scriptName('kubectl tlsauto')
    .usage('$0: how every domain stands, and repair.\n\nUsage: $0 COMMAND')
    .version(context.version)
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
    .wrap(context.columns === UNWRAPPED ? null : Math.min(100, context.columns))
  statusCommand(parser, found)
  describeCommand(parser, found)
  recreateCommand(parser, found)
  renewCommand(parser, found)
  waitCommand(parser, found)
  issuerCommand(parser, found)
  pruneCommand(parser, found)
  verifyCommand(parser, found)
  doctorCommand(parser, found)
  planCommand(parser, found)
  completionCommand(parser, found)
  versionCommand(parser, found, context.version)
  await parser.parseAsync(argv.flatMap(apart), {}, (_error: Error | undefined, _argv, output) => {
    text = output
  })
  return command ?? { kind: 'text', text }
}

/** `-ojson` is `-o json`, as for kubectl; yargs takes it for five options. */
function apart(argument: string): readonly string[] {
  const [, option, value] = /^(-[nofl])([^=].*)$/s.exec(argument) ?? []
  return option === undefined || value === undefined ? [argument] : [option, value]
}

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
        .option('selector', { ...SELECTOR, describe: 'only routes with these labels' })
        .option('problems', { ...SWITCH, describe: 'only what needs a look, the worst first' })
        .option('all', { ...SWITCH, describe: 'also what is left alone on purpose, and why' })
        .option('watch', { ...SWITCH, alias: 'w', describe: 'and each change' })
        .option('no-headers', { ...SWITCH, describe: 'the table without its line of heads' })
        .option('dns', { ...SWITCH, describe: 'also ask DNS: does each domain lead to Traefik?' })
        .option('address', {
          ...ONCE,
          describe: "with --dns: Traefik's address, if not its Service's",
        })
        .option('resolver', {
          ...ONCE,
          describe: 'with --dns: the DNS server to ask, IP or IP:PORT',
        })
        .example('$0 status', 'the domains of this namespace')
        .example('$0 status -A -o json', 'of all namespaces, for a script')
        .example('$0 status -A --problems', 'what is wrong, the worst first')
        .example('$0 status shop.example.com', 'one domain'),
    (args) =>
      found({
        kind: 'status',
        cluster: clusterFlags(args),
        names: args.names ?? [],
        selector: args.selector || undefined,
        problems: args.problems,
        all: args.all,
        output: OUTPUTS.find((output) => output === args.output) ?? 'table',
        watch: args.watch,
        headers: !args['no-headers'],
        dns: args.dns ? dnsFlags(args) : undefined,
      }),
  )
}

function planCommand(parser: Argv, found: Found): void {
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
          choices: PLAN_OUTPUTS,
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
        kind: 'plan',
        cluster: clusterFlags(args),
        files: args.filename ?? [],
        output:
          args.diff === true
            ? 'diff'
            : (PLAN_OUTPUTS.find((output) => output === args.output) ?? 'text'),
        settings: settingsFlags(args),
      }),
  )
}
