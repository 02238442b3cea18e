import { printable } from '../../../shared/findings/reasons.ts'
import type { ClusterContext } from '../../command-line/run-context.ts'
import { exitCode } from '../../status/exit-code.ts'
import { snapshots } from '../../gather/snapshots.ts'
import { namespaceOf } from '../../command-line/options.ts'
import { statusTable } from '../../printers/status-table.ts'
import { structured } from '../../printers/structured.ts'
import { statusSummary } from '../../printers/status-summary.ts'
import { selectedRoutes } from '../../gather/selected-routes.ts'
import { selectItems, type Selection } from '../../status/status-selection.ts'
import { settledItems } from '../../status/settled-items.ts'
import { isTerminal } from '../../command-line/terminal.ts'
import { doubtNote } from '../../gather/app-objects.ts'
import { askDns } from '../../status/with-dns.ts'
import type { StatusFlags } from './usage.ts'

/** Prints how the domains stand; gives the exit code: 0 fine, 1 something is wrong. */
export async function runStatus(command: StatusFlags, context: ClusterContext): Promise<number> {
  const { client, terminal, signal } = context
  const namespace = namespaceOf(command.cluster, client)
  let previous: string | undefined
  for await (const gathered of snapshots(client, namespace, { terminal, signal })) {
    const routes = await selectedRoutes(client, namespace, command.selector)
    const items = await settledItems(client, gathered, { namespace, now: context.now() })
    const selected = selectItems(items, { ...command, routes })
    const asked = await askDns(selected.shown, command.dns, client)
    const selection = { ...selected, shown: asked.items }
    const note = doubtNote(asked.doubted)
    const notes = [...gathered.hidden, ...(note === undefined ? [] : [note])]
    const text = render(selection, command, context)
    if (text !== previous) show(text, { command, context, notes, selection })
    previous = text
    if (!command.watch) return exitCode(selection.shown)
  }
  return 0
}

function render(
  selection: Selection,
  { output, headers, cluster, dns }: StatusFlags,
  { terminal, now }: ClusterContext,
): string {
  const items = selection.shown
  if (isStructured(output)) return structured({ items }, output)
  if (output === 'name') {
    const names = items.flatMap(({ certificate }) => certificate ?? [])
    return lines(
      [...new Set(names)].map((name) => `certificate.cert-manager.io/${printable(name)}`),
    )
  }
  if (items.length === 0) return ''
  const options = { now: now(), terminal, headers, wide: output === 'wide', dns: dns !== undefined }
  const table = statusTable(items, { ...options, allNamespaces: cluster.allNamespaces })
  return lines([...table, ...(isTerminal(terminal) ? ['', statusSummary(selection)] : [])])
}

function show(
  text: string,
  shown: {
    readonly command: StatusFlags
    readonly context: ClusterContext
    readonly notes: readonly string[]
    readonly selection: Selection
  },
): void {
  const { command, context, notes, selection } = shown
  const { terminal } = context
  // A watch on a terminal redraws: home, and clear what was there.
  if (command.watch && terminal.interactive) terminal.out('\u001B[H\u001B[J')
  terminal.out(text)
  if (selection.shown.length === 0 && !isStructured(command.output)) {
    terminal.error(`${nothingShown(selection, command.cluster)}\n`)
  }
  for (const sentence of notes) terminal.error(`note: ${sentence}\n`)
}

function nothingShown({ others }: Selection, { allNamespaces }: StatusFlags['cluster']): string {
  if (others.length === 0) {
    return `no routes found${allNamespaces ? '' : '; try -A for all namespaces'}`
  }
  return statusSummary({ shown: [], others })
}

/** For programs, which find an empty list in there. */
function isStructured(output: StatusFlags['output']): output is 'json' | 'yaml' {
  return output === 'json' || output === 'yaml'
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('')
}
