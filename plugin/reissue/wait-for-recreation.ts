import type { ClusterContext } from '../command-line/run-context.ts'
import { snapshots } from '../gather/snapshots.ts'
import type { StatusItem } from '../status/report.ts'
import { statusItems } from '../status/status-items.ts'
import { paint } from '../command-line/terminal.ts'

/** Waits until every chosen domain has a Certificate that is none of the deleted ones (by their uids),
 * and names each. Gives whether they came in time (milliseconds). */
export async function waitForRecreation(
  input: {
    readonly namespace: string | undefined
    readonly deleted: ReadonlySet<string>
    readonly timeout: number
    readonly choose: (items: readonly StatusItem[]) => readonly StatusItem[]
  },
  context: ClusterContext,
): Promise<boolean> {
  const { client, terminal, now } = context
  const { namespace, deleted, choose } = input
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(input.timeout)])
  const told = new Set<string>()
  for await (const gathered of snapshots(client, namespace, { terminal, signal })) {
    const made = new Set(
      gathered.certificates
        .filter(({ metadata }) => !deleted.has(metadata.uid))
        .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
    )
    const items = choose(statusItems(gathered, now()))
    const missing = items.filter((item) => !made.has(`${item.namespace}/${item.certificate}`))
    for (const item of items) {
      const name = item.certificate
      if (name === null || missing.includes(item) || told.has(name)) continue
      told.add(name)
      terminal.out(`certificate.cert-manager.io/${paint(name, undefined)} was created again\n`)
    }
    if (missing.length === 0) return true
  }
  return false
}
