import type { Argv } from 'yargs'
import type { NameKind } from '../completion/completion-words.ts'

/** What a command line is read with, besides its words. */
export type UsageContext = {
  /** The plugin's own version. */
  readonly version: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** How a command is called. It imports nothing that runs it: help must be quick. */
export type Usage<Flags> = {
  /** That of the folder, and the first word of the command line. */
  readonly name: string
  /** What its names can be, for completion; undefined: it takes none. */
  readonly names?: readonly NameKind[]
  /** Whether it goes on until what it waits for comes, or until it is told to end; undefined: never. */
  readonly follows?: (flags: Flags) => boolean
  /** Tells yargs its options, and what to do with what they say. */
  readonly declare: (parser: Argv, found: (flags: Flags) => void, context: UsageContext) => void
}

/** How a command is called that only programs call, by its name behind `__` (cobra's way): its words are taken as
 * they are. */
export type HiddenUsage<Flags> = {
  readonly name: string
  readonly readWords: (words: readonly string[]) => Flags
}
