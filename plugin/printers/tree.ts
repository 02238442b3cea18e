import type { TreeNode } from '../describe/chain-tree.ts'
import type { Description, EventLine } from '../describe/describe.ts'
import { paint, type Colour, type Terminal } from '../command-line/terminal.ts'
import { age } from './distance.ts'
import { tableLines, type Cell } from './table.ts'

type Context = {
  readonly now: Date
  readonly terminal: Pick<Terminal, 'columns' | 'interactive'>
}

const COLOUR_OF: Readonly<Record<string, Colour>> = {
  issued: 'green',
  failed: 'red',
  pending: 'yellow',
}

/** The text of `describe` for one domain: how it stands and what to do, its chain, and its Events. */
export function treeLines(description: Description, { now, terminal }: Context): readonly string[] {
  const { chain, events } = description
  const rows = branches(chain, '', '').map(({ prefix, node }) => nodeCells(prefix, node, now))
  return [
    headline(description, terminal.interactive),
    ...sentences(description),
    '',
    ...tableLines({ heads: ['OBJECT', 'AGE', 'STATE'], rows }, terminal),
    ...(events.length === 0 ? [] : ['', ...eventTable(events, { now, terminal })]),
  ]
}

function headline({ domain, route, state, tlsStatus }: Description, isColoured: boolean): string {
  const colour = isColoured ? COLOUR_OF[tlsStatus ?? ''] : undefined
  return `${paint(domain ?? route, undefined)} is ${paint(state, colour)}`
}

/** Whole, however wide the terminal: this is what one came for. */
function sentences(description: Description): readonly string[] {
  const { cause, message, whatToDo, whatNext, state } = description
  const isUnderWay = state === 'pending' && cause === null
  const why = [cause, message].filter((part) => part !== null).join(': ')
  const lines = [
    [isUnderWay ? 'Waits for' : 'Cause', why],
    ['What to do', whatToDo ?? ''],
    ['What is next', whatNext ?? ''],
  ] as const
  return lines
    .filter(([, text]) => text !== '')
    .map(([head, text]) => `  ${head.padEnd(14)}${paint(text, undefined)}`)
}

type Branch = { readonly prefix: string; readonly node: TreeNode }

function branches(node: TreeNode, prefix: string, below: string): readonly Branch[] {
  const last = node.children.length - 1
  return [
    { prefix, node },
    ...node.children.flatMap((child, index) =>
      index === last
        ? branches(child, `${below}└─ `, `${below}   `)
        : branches(child, `${below}├─ `, `${below}│  `),
    ),
  ]
}

function nodeCells(prefix: string, node: TreeNode, now: Date): readonly Cell[] {
  const { kind, name, createdAt, state, isCause } = node
  const marked = [...(isCause ? ['<-- the cause'] : []), ...(state === '' ? [] : [state])]
  return [
    { text: `${prefix}${kind}/${name}` },
    { text: age(createdAt, now) },
    { text: marked.join(': '), colour: isCause ? 'red' : undefined },
  ]
}

function eventTable(events: readonly EventLine[], { now, terminal }: Context): readonly string[] {
  const rows = events.map(({ time, type, reason, object, message, count }): readonly Cell[] => [
    { text: age(time, now) },
    { text: type, colour: type === 'Warning' ? 'yellow' : undefined },
    { text: reason },
    { text: object },
    { text: count > 1 ? `${message} (${count} times)` : message },
  ])
  return tableLines({ heads: ['AGE', 'TYPE', 'REASON', 'OBJECT', 'MESSAGE'], rows }, terminal)
}
