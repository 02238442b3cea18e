import { styleText } from 'node:util'
import { wrapRow } from './columns.ts'

/** Prints the demo. Coloured on a terminal, unless NO_COLOR is set; plain in a pipe. */
export type Narrator = {
  heading(text: string): void
  /** Runs a step: its number and title, then what it prints, then the claim that it checked and the
   * time it took. */
  step(title: string, run: () => Promise<string>): Promise<void>
  /** A command as the user would type it. */
  command(text: string): void
  /** The lines of a file. */
  file(text: string): void
  /** What a command printed. Long lines go on below the given column. */
  output(line: string, column?: number): void
  /** Names and values, aligned. */
  facts(facts: Readonly<Record<string, string>>): void
  /** Something said in passing. */
  note(text: string): void
  failure(error: unknown, hint: string): void
  ending(text: string, commands: Readonly<Record<string, string>>): void
}

type Style = Parameters<typeof styleText>[0]

const WIDEST = 100
const INDENT = '    '

/** A narrator that writes to a stream. */
export function createNarrator(stream: NodeJS.WriteStream): Narrator {
  const width = Math.max(60, Math.min(WIDEST, stream.columns ?? WIDEST))
  const paint = (style: Style, text: string): string => styleText(style, text, { stream })
  const line = (text = ''): void => {
    stream.write(`${text.trimEnd()}\n`)
  }
  const note = (text: string): void => line(INDENT + paint('dim', text))
  const facts = (pairs: Readonly<Record<string, string>>): void => {
    const longest = Math.max(...Object.keys(pairs).map((name) => name.length))
    for (const [name, value] of Object.entries(pairs)) {
      line(`${INDENT}${paint('dim', name.padEnd(longest))}   ${value}`)
    }
  }
  let number = 0
  return {
    heading: (text) => line(paint('bold', text)),
    step: async (title, run) => {
      const started = Date.now()
      number += 1
      line(`\n${paint('bold', `${String(number).padStart(2)}  ${title}`)}`)
      const claim = await run()
      const time = seconds(Date.now() - started)
      const room = width - INDENT.length - '✓ '.length - time.length
      line(`${INDENT}${paint('green', '✓')} ${claim.padEnd(room)}${paint('dim', time)}`)
    },
    command: (text) => line(`${INDENT}${paint('cyan', `$ ${text}`)}`),
    file: (text) => {
      for (const part of text.trimEnd().split('\n')) line(`${INDENT}${paint('dim', '│')} ${part}`)
    },
    output: (text, column = 0) => {
      for (const part of wrapRow(text, { width: width - INDENT.length, column })) {
        line(INDENT + colourWords(part, paint))
      }
    },
    facts,
    note,
    failure: (error, hint) => {
      const message = error instanceof Error ? error.message : String(error)
      line(`${INDENT}${paint('red', '✗')} ${message.trim().replaceAll('\n', `\n${INDENT}`)}`)
      line(INDENT + hint)
    },
    ending: (text, commands) => {
      line(`\n${paint('bold', text)}`)
      facts(commands)
    },
  }
}

/** A duration as the demo prints it. */
export function seconds(milliseconds: number): string {
  return milliseconds < 50 ? '<0.1 s' : `${(milliseconds / 1000).toFixed(1)} s`
}

const WORDS: readonly (readonly [RegExp, Style])[] = [
  [/^Warning:?/, 'yellow'],
  [/(?<= )pending(?= )/, 'yellow'],
  [/(?<= )failed(?= )/, 'red'],
  [/(?<= )issued\b/, 'green'],
]

function colourWords(text: string, paint: (style: Style, text: string) => string): string {
  return WORDS.reduce(
    (line, [word, style]) => line.replace(word, (found) => paint(style, found)),
    text,
  )
}
