import yargs, { type Argv } from 'yargs'
import type { Command, Invocation } from './command.ts'
import { UsageError } from './usage-error.ts'
import { usageWords } from './usage-words.ts'

/** Columns of a help text whose lines are not broken, for a program to read. */
const UNWRAPPED = 0

type ParseContext = {
  readonly commands: readonly Command[]
  readonly version: string
  /** The variables that stand in for flags. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly columns: number
}

/** Reads a command line. Throws a UsageError that says what is wrong with it. */
export async function parseCommandLine(
  argv: readonly string[],
  context: ParseContext,
): Promise<Invocation> {
  const { commands } = context
  const hidden = commands.find(({ name, invoke }) => invoke && argv[0] === `__${name}`)
  // As kubectl asks for completion: whatever stands there is no mistake yet.
  if (hidden?.invoke !== undefined) return hidden.invoke(argv.slice(1), commands)
  const { invocation, text } = await readWords(argv, context)
  return invocation ?? textInvocation(text)
}

/** The help text of a command, or without a name that of all, for a program to read: its lines are not broken, and
 * nobody's environment is in it. */
export async function helpText(
  name: string | undefined,
  commands: readonly Command[],
): Promise<string> {
  const argv = name === undefined ? ['--help'] : [name, '--help']
  return (await readWords(argv, { commands, version: '', env: {}, columns: UNWRAPPED })).text
}

/** What yargs makes of words: a command, or else text. */
async function readWords(
  argv: readonly string[],
  context: ParseContext,
): Promise<{ readonly invocation: Invocation | undefined; readonly text: string }> {
  const found: Invocation[] = []
  let text = ''
  const parser = createParser(context)
  for (const { declare } of context.commands) declare?.(parser, (one) => found.push(one), context)
  await parser.parseAsync(argv.flatMap(apart), {}, (_error: Error | undefined, _argv, output) => {
    text = output
  })
  return { invocation: found[0], text }
}

/** Text that answers at once. */
function textInvocation(text: string): Invocation {
  return {
    name: 'text',
    flags: { text },
    follows: false,
    run: async ({ terminal }) => {
      terminal.out(`${text}\n`)
      return 0
    },
  }
}

function createParser({ version, columns }: ParseContext): Argv {
  return (
    yargs()
      .scriptName('kubectl tlsauto')
      .usage('$0: how every domain stands, and repair.\n\nUsage: $0 COMMAND')
      .version(version)
      .option('debug', {
        type: 'boolean',
        describe: 'show where an error comes from',
        global: true,
      })
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
      .wrap(columns === UNWRAPPED ? null : Math.min(100, columns))
  )
}

/** `-ojson` is `-o json`, as for kubectl; yargs takes it for five options. */
function apart(argument: string): readonly string[] {
  const [, option, value] = /^(-[nofl])([^=].*)$/s.exec(argument) ?? []
  return option === undefined || value === undefined ? [argument] : [option, value]
}
