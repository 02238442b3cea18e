import { eachAlone, notJudged } from '../../../shared/json/each-alone.ts'
import { chainOf, type Around, type Chain } from '../../describe/chain.ts'
import { describe, type Description } from '../../describe/describe.ts'
import { exitCode } from '../../status/exit-code.ts'
import { gather } from '../../gather/snapshot.ts'
import { gatherAround } from '../../describe/gather-around.ts'
import { namespaceOf } from '../../command-line/options.ts'
import { nearNames } from '../../describe/near-names.ts'
import { structured } from '../../printers/structured.ts'
import { treeLines } from '../../printers/tree.ts'
import type { StatusItem } from '../../status/report.ts'
import { settledItems } from '../../status/settled-items.ts'
import type { ClusterContext } from '../../command-line/run-context.ts'
import type { DescribeFlags } from './usage.ts'

/** Prints all about the domains that a name means; gives the exit code: 0 fine, 1 something is wrong. */
export async function runDescribe(
  command: DescribeFlags,
  context: ClusterContext,
): Promise<number> {
  const { client, terminal, now } = context
  const namespace = namespaceOf(command.cluster, client)
  const gathered = await gather(client, namespace, { past: true })
  const known = await settledItems(client, gathered, { namespace, now: now() })
  const items = itemsNamed(known, command.name)
  const hidden = new Set(gathered.hidden)
  const found: Found[] = []
  for (const item of items) {
    const chain = chainOf(item, gathered)
    const around = await gatherAround(client, chain)
    for (const sentence of around.hidden) hidden.add(sentence)
    found.push({ chain, around })
  }
  const time = now()
  const descriptions = eachAlone(
    found,
    ({ chain, around }) => describe(chain, around, time),
    ({ chain: { item } }, error) => undescribed(item, error),
  )
  terminal.out(render(descriptions, command, context))
  for (const sentence of hidden) terminal.error(`note: ${sentence}\n`)
  return exitCode(descriptions)
}

type Found = { readonly chain: Chain; readonly around: Around }

/** One that met a bug: what `status` says of it, and why there is no more. */
function undescribed(item: StatusItem, error: unknown): Description {
  const { kind, route: name } = item
  return {
    ...item,
    state: 'unknown',
    message: notJudged(error),
    whatNext: null,
    chain: { kind, name, createdAt: null, state: '', isCause: true, children: [] },
    events: [],
  }
}

/** Those of a domain, a route or a Certificate. Throws, with names that are near, where there is none. */
function itemsNamed(items: readonly StatusItem[], name: string): readonly StatusItem[] {
  const named = items.filter(({ route, domain, certificate }) => {
    return route === name || domain === name.toLowerCase() || certificate === name
  })
  if (named.length > 0) return named
  const names = items.flatMap(({ route, domain }) => [route, domain ?? route])
  const near = nearNames(name, names)
  const hint = near.length === 0 ? '' : `did you mean ${near.join(' or ')}? else `
  throw new Error(`no route or domain is called ${name} here; ${hint}try -A, or -n NAMESPACE`)
}

function render(
  items: readonly Description[],
  { output }: DescribeFlags,
  { terminal, now }: ClusterContext,
): string {
  if (output !== 'text') return structured({ items }, output)
  const texts = items.map((item) => treeLines(item, { now: now(), terminal }).join('\n'))
  return `${texts.join('\n\n')}\n`
}
