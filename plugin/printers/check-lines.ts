import type { Result } from '../probe/check.ts'
import { paint, type Colour, type Terminal } from '../command-line/terminal.ts'

const MARKS = {
  fine: { word: 'ok', colour: 'green' },
  wrong: { word: 'WRONG', colour: 'red' },
  unknown: { word: '?', colour: 'yellow' },
} as const satisfies Readonly<
  Record<Result['result'], { readonly word: string; readonly colour: Colour }>
>

const WIDTH = 'WRONG'.length
const INDENT = ' '.repeat(WIDTH + 2)

/** A line for each check, and under what is wrong what shows it and what to do. Names of checks stand in
 * a column. */
export function checkLines(
  results: readonly Result[],
  terminal: Pick<Terminal, 'interactive'>,
): readonly string[] {
  const column = Math.max(...results.map(({ check }) => check.length))
  const inColour = (text: string, colour: Colour): string =>
    paint(text, terminal.interactive ? colour : undefined)
  return results.flatMap(({ check, result, what, evidence, todo }) => {
    const { word, colour } = MARKS[result]
    const head = `${inColour(word, colour)}${' '.repeat(WIDTH - word.length)}`
    const indent = `${INDENT}${' '.repeat(column + 2)}`
    return [
      `${head}  ${paint(check.padEnd(column), undefined)}  ${paint(what, undefined)}`,
      ...(evidence === null ? [] : [`${indent}${inColour(evidence, 'dim')}`]),
      ...(todo === null ? [] : [`${indent}${inColour(`-> ${todo}`, 'bold')}`]),
    ]
  })
}
