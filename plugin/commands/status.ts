import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { printable } from '../../shared/findings/reasons.ts'
import { firstChange } from '../changes.ts'
import type { Command } from '../command.ts'
import type { Confirm } from '../confirm.ts'
import { exitCode } from '../exit-code.ts'
import { gather, type Gathered } from '../gather.ts'
import { namespaceOf } from '../namespace-of.ts'
import { statusTable } from '../printers/status-table.ts'
import { structured } from '../printers/structured.ts'
import type { StatusItem } from '../report.ts'
import { statusItems } from '../status-items.ts'
import type { Terminal } from '../terminal.ts'

export type StatusContext = {
  readonly client: KubeClient
  readonly terminal: Terminal
  readonly now: () => Date
  /** Ends a watch. */
  readonly signal: AbortSignal
  /** Asks the user; undefined where nobody sits at a terminal. */
  readonly confirm?: Confirm | undefined
}

type StatusCommand = Extract<Command, { kind: 'status' }>

/** Prints how the domains stand; gives the exit code: 0 fine, 1 something is wrong. */
export async function runStatus(command: StatusCommand, context: StatusContext): Promise<number> {
  const { client, signal } = context
  const namespace = namespaceOf(command.cluster, client)
  let previous: string | undefined
  for (;;) {
    const gathered = await gather(client, namespace)
    const items = selected(statusItems(gathered, context.now()), command.names)
    const text = render(items, command, context)
    if (text !== previous) show(text, { command, context, gathered, items })
    previous = text
    if (!command.watch) return exitCode(items)
    await firstChange({ client, namespace, versions: gathered.versions, signal })
    if (signal.aborted) return 0
  }
}

function selected(items: readonly StatusItem[], names: readonly string[]): readonly StatusItem[] {
  const missing = names.find((name) => !items.some((item) => isNamed(item, name)))
  if (missing !== undefined) {
    throw new Error(`no route or domain is called ${missing} here; try -A, or -n NAMESPACE`)
  }
  if (names.length === 0) return items
  return items.filter((item) => names.some((name) => isNamed(item, name)))
}

function isNamed(item: StatusItem, name: string): boolean {
  return item.route === name || item.domain === name.toLowerCase()
}

function render(
  items: readonly StatusItem[],
  { output, headers, cluster }: StatusCommand,
  { terminal, now }: StatusContext,
): string {
  if (isStructured(output)) return structured({ items }, output)
  if (output === 'name') {
    const names = items.flatMap(({ certificate }) => certificate ?? [])
    return lines(
      [...new Set(names)].map((name) => `certificate.cert-manager.io/${printable(name)}`),
    )
  }
  if (items.length === 0) return ''
  const options = { now: now(), terminal, headers, wide: output === 'wide' }
  return lines(statusTable(items, { ...options, allNamespaces: cluster.allNamespaces }))
}

function show(
  text: string,
  shown: {
    readonly command: StatusCommand
    readonly context: StatusContext
    readonly gathered: Gathered
    readonly items: readonly StatusItem[]
  },
): void {
  const { command, context, gathered, items } = shown
  const { terminal } = context
  // A watch on a terminal redraws: home, and clear what was there.
  if (command.watch && terminal.interactive) terminal.out('\u001B[H\u001B[J')
  terminal.out(text)
  if (items.length === 0 && !isStructured(command.output)) {
    const elsewhere = command.cluster.allNamespaces ? '' : '; try -A for all namespaces'
    terminal.error(`no routes found${elsewhere}\n`)
  }
  for (const sentence of gathered.hidden) terminal.error(`note: ${sentence}\n`)
}

/** For programs, which find an empty list in there. */
function isStructured(output: StatusCommand['output']): output is 'json' | 'yaml' {
  return output === 'json' || output === 'yaml'
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('')
}
