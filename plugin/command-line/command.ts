import type { Argv } from 'yargs'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import type { NameKind } from '../completion/completion-words.ts'
import type { ClusterFlags } from './options.ts'
import { connectTo, type RunContext } from './run-context.ts'
import type { HiddenUsage, Usage, UsageContext } from './usage.ts'

/** What a command line asks for. */
export type Invocation = {
  /** The command's; `text` for help and the version, which are no command's. */
  readonly name: string
  readonly flags: object
  /** Whether it goes on until what it waits for comes, or until it is told to end. */
  readonly follows: boolean
  /** Runs it, and gives the exit code. */
  readonly run: (context: RunContext) => Promise<number>
}

/** One line of the list of commands. */
export type Command = {
  readonly name: string
  /** What its names can be; none: it takes none. */
  readonly names: readonly NameKind[]
  /** Tells yargs how it is called; undefined: it is hidden. */
  readonly declare?: (
    parser: Argv,
    found: (invocation: Invocation) => void,
    context: UsageContext,
  ) => void
  /** What the words after it ask for; undefined: yargs reads them. */
  readonly invoke?: (words: readonly string[], commands: readonly Command[]) => Invocation
}

type Load<Flags, Context> = () => Promise<(flags: Flags, context: Context) => Promise<number>>

/** A command by its usage and by what loads its run. */
export function command<Flags extends object>(
  usage: Usage<Flags>,
  load: Load<Flags, RunContext>,
): Command {
  const { name, names = [], follows = () => false } = usage
  return {
    name,
    names,
    declare: (parser, found, context) =>
      usage.declare(
        parser,
        (flags) =>
          found({
            name,
            flags,
            follows: follows(flags),
            run: async (runContext) => (await load())(flags, runContext),
          }),
        context,
      ),
  }
}

/** A command that is run with a client for the cluster that its flags name. */
export function clusterCommand<Flags extends { readonly cluster: ClusterFlags }>(
  usage: Usage<Flags>,
  load: Load<Flags, RunContext & { readonly client: KubeClient }>,
): Command {
  return command(usage, async () => {
    const run = await load()
    return async (flags, context) =>
      run(flags, { ...context, client: await connectTo(flags.cluster, context) })
  })
}

/** A command that only programs call. It is run with the list of all commands. */
export function hiddenCommand<Flags extends object>(
  { name, readWords }: HiddenUsage<Flags>,
  load: Load<Flags, RunContext & { readonly commands: readonly Command[] }>,
): Command {
  return {
    name,
    names: [],
    invoke: (words, commands) => {
      const flags = readWords(words)
      const run = async (context: RunContext): Promise<number> =>
        (await load())(flags, { ...context, commands })
      return { name, flags, follows: false, run }
    },
  }
}
