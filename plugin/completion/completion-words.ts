import { parseDnsName } from '../../shared/names/dns-name.ts'
import { printable } from '../../shared/findings/reasons.ts'
import { isObjectName } from '../../shared/names/names.ts'

/** One word that may follow, and what it means. */
export type Suggestion = { readonly word: string; readonly meaning: string }

/** What names are of: looked up in the cluster or, for contexts, in the kubeconfig. */
export type NameKind = 'routes' | 'domains' | 'certificates' | 'issuers' | 'namespaces' | 'contexts'

/** What may take the place of the word that is not complete. */
export type Wanted =
  | { readonly kind: 'words'; readonly suggestions: readonly Suggestion[] }
  | { readonly kind: 'names'; readonly of: readonly NameKind[] }
  | { readonly kind: 'files' }

type Option = {
  readonly flags: readonly string[]
  readonly meaning: string
  readonly takesValue: boolean
  readonly choices: readonly string[]
}

const NOTHING: Wanted = { kind: 'words', suggestions: [] }

/** What an option's value can be, where it has no choices. */
const VALUES: ReadonlyMap<string, Wanted> = new Map<string, Wanted>([
  ['--namespace', { kind: 'names', of: ['namespaces'] }],
  ['--context', { kind: 'names', of: ['contexts'] }],
  ['--kubeconfig', { kind: 'files' }],
  ['--filename', { kind: 'files' }],
  ['--directory', { kind: 'files' }],
])

/** The command that words begin with, if they do. */
export function commandOf(words: readonly string[]): string | undefined {
  return words.slice(0, -1).find((word) => !word.startsWith('-'))
}

/** What may come in the place of the last word. Commands and options are read from the help texts (with
 * lines that are not broken), so that they are what the program knows. */
export function wanted(
  words: readonly string[],
  about: {
    readonly main: string
    readonly command: string | undefined
    /** What the command's names can be. */
    readonly names: readonly NameKind[]
  },
): Wanted {
  const { main, command, names } = about
  return (
    wantedOfOption(words, optionsIn(command ?? main)) ??
    (command === undefined
      ? { kind: 'words', suggestions: commandsIn(main) }
      : wantedOfPositional(words, command, names))
  )
}

/** Where an option or its value is being written. */
function wantedOfOption(words: readonly string[], options: readonly Option[]): Wanted | undefined {
  const current = words.at(-1) ?? ''
  const [, flag] = /^(--[^=]+)=/.exec(current) ?? []
  if (flag !== undefined) return withFlag(flag, valueOf(flag, options))
  const before = options.find(({ flags }) => flags.includes(words.at(-2) ?? ''))
  if (before?.takesValue === true) return valueOf(before.flags[0] ?? '', options)
  if (!current.startsWith('-')) return undefined
  return { kind: 'words', suggestions: options.flatMap(flagsOf) }
}

function wantedOfPositional(
  words: readonly string[],
  help: string,
  names: readonly NameKind[],
): Wanted {
  const choices = positionalChoices(help)
  if (choices.length > 0) return words.length === 2 ? wordsOf(choices) : NOTHING
  return names.length === 0 ? NOTHING : { kind: 'names', of: names }
}

/** Whether a name from the cluster is one of its kind. What is none is not offered: it could be a command for
 * the shell that it is put into. */
export function isNameOf(kind: NameKind, name: string): boolean {
  if (kind === 'contexts') return CONTEXT.test(name)
  return kind === 'domains' ? parseDnsName(name).kind === 'name' : isObjectName(name)
}

const CONTEXT = /^\w[\w.:/@=+-]*$/

/** What no shell reads otherwise than it stands there, a wildcard's star aside. */
const SAFE_WORD = /^[\w.:/@=+*-]+$/

/** The lines that kubectl expects (cobra's protocol): words that begin as the one that is not complete, each
 * with its meaning behind a tab, and last what else the shell may offer: `:4` nothing, `:0` files. */
export function completionLines(
  suggestions: readonly Suggestion[],
  current: string,
  files: boolean,
): readonly string[] {
  const lines = suggestions
    .filter(({ word }) => word.startsWith(current) && SAFE_WORD.test(word))
    .map(({ word, meaning }) => [word, ...(meaning === '' ? [] : [meaning])])
    .map((parts) => parts.map(printable).join('\t'))
  return [...new Set(lines), files ? ':0' : ':4']
}

/** The value of an option among words: `-n team`, `-nteam`, `--namespace team`, `--namespace=team`. */
export function valueAmong(
  words: readonly string[],
  flags: { readonly long: string; readonly short?: string },
): string | undefined {
  const { long, short = long } = flags
  const index = words.findLastIndex(
    (word) =>
      word === long ||
      word.startsWith(`${long}=`) ||
      word === short ||
      (short !== long && word.startsWith(short) && !word.startsWith('--')),
  )
  const word = words[index]
  if (word === undefined) return undefined
  if (word === long || word === short) return words[index + 1]
  return word.startsWith(long) ? word.slice(long.length + 1) : word.slice(short.length)
}

function valueOf(flag: string, options: readonly Option[]): Wanted {
  const option = options.find(({ flags }) => flags.includes(flag))
  if (option === undefined || !option.takesValue) return NOTHING
  if (option.choices.length > 0) return wordsOf(option.choices)
  return VALUES.get(option.flags[0] ?? '') ?? NOTHING
}

/** The shell's word is `--flag=value` in one. Names come without their flag: those are looked up. */
function withFlag(flag: string, value: Wanted): Wanted {
  if (value.kind !== 'words') return NOTHING
  return {
    kind: 'words',
    suggestions: value.suggestions.map(({ word, meaning }) => ({
      word: `${flag}=${word}`,
      meaning,
    })),
  }
}

function wordsOf(words: readonly string[]): Wanted {
  return { kind: 'words', suggestions: words.map((word) => ({ word, meaning: '' })) }
}

function flagsOf({ flags, meaning }: Option): readonly Suggestion[] {
  return flags.map((word) => ({ word, meaning }))
}

function commandsIn(help: string): readonly Suggestion[] {
  const lines = help.matchAll(/^ {2}kubectl tlsauto ([a-z]\S*).*? {2,}(\S.*)$/gm)
  return Array.from(lines, ([, word = '', meaning = '']) => ({ word, meaning }))
}

function optionsIn(help: string): readonly Option[] {
  const lines = help.matchAll(/^ +(?:(-\w), )?(--[\w-]+) +(.*?)( {2}\[.*)?$/gm)
  return Array.from(lines, ([, short, long = '', meaning = '', kind = '']) => ({
    flags: short === undefined ? [long] : [long, short],
    meaning,
    takesValue: !kind.includes('[boolean]'),
    choices: choicesIn(kind),
  }))
}

function positionalChoices(help: string): readonly string[] {
  const [, section = ''] = /^Positionals:\n((?: .*\n?)*)/m.exec(help) ?? []
  return choicesIn(section)
}

function choicesIn(text: string): readonly string[] {
  const [, list = ''] = /\[choices: (.*?)\]/.exec(text) ?? []
  return Array.from(list.matchAll(/"(.*?)"/g), ([, choice = '']) => choice)
}
