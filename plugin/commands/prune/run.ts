import { isStatus } from '../../../shared/kube/kube-error.ts'
import type { KubeClient } from '../../../shared/kube/kube-client.ts'
import { RESOURCES } from '../../../shared/kube/resources.ts'
import { gatherOrphans, isBack, orphansAmong } from '../../prune/gather-orphans.ts'
import { namespaceOf } from '../../command-line/options.ts'
import type { Orphan } from '../../prune/orphans.ts'
import { orphanTable } from '../../printers/orphan-table.ts'
import { structured } from '../../printers/structured.ts'
import { paint } from '../../command-line/terminal.ts'
import type { ClusterContext } from '../../command-line/run-context.ts'
import type { PruneFlags } from './usage.ts'

/** Lists the Secrets of Certificates that are gone and that nothing names, or deletes them. Gives the exit
 * code: 0 fine, 1 when one could not go. */
export async function runPrune(command: PruneFlags, context: ClusterContext): Promise<number> {
  const { client, terminal } = context
  const namespace = namespaceOf(command.cluster, client)
  const { orphans: found, unasked } = await gatherOrphans(client, {
    namespace,
    labelSelector: command.selector,
  })
  for (const plural of unasked) {
    terminal.error(`not checked, since you are not allowed to list them: ${plural}\n`)
  }
  const gone = command.yes ? await deleteAll(found, command, context) : found
  if (command.output === 'json' || command.output === 'yaml') {
    terminal.out(structured({ items: gone.map(({ item }) => item) }, command.output))
  } else if (found.length === 0) {
    terminal.error('every Secret of a certificate is still named\n')
  } else if (!command.yes) list(found, command, context)
  return gone.length < found.length ? 1 : 0
}

function list(
  found: readonly Orphan[],
  { output, headers, cluster }: PruneFlags,
  { terminal, now }: ClusterContext,
): void {
  const items = found.map(({ item }) => item)
  const lines =
    output === 'name'
      ? items.map(({ secret }) => `secret/${paint(secret, undefined)}`)
      : orphanTable(items, {
          headers,
          allNamespaces: cluster.allNamespaces,
          now: now(),
          terminal,
        })
  for (const line of lines) terminal.out(`${line}\n`)
  if (terminal.interactive) terminal.error('kubectl tlsauto prune --yes deletes them\n')
}

/** Gives those that went: one that is needed again, or has changed, stays. */
async function deleteAll(
  found: readonly Orphan[],
  command: PruneFlags,
  { client, terminal }: ClusterContext,
): Promise<readonly Orphan[]> {
  const { output } = command
  const gone: Orphan[] = []
  const free = await stillFree(found, command, client)
  for (const orphan of found) {
    const secret = paint(orphan.item.secret, undefined)
    const isFree = free.has(orphan.metadata.uid)
    const why = isFree ? await whyKept(client, orphan) : 'it is needed again'
    if (why !== undefined) terminal.error(`secret/${secret} stays: ${paint(why, undefined)}\n`)
    else {
      gone.push(orphan)
      if (output === 'table') terminal.out(`secret/${secret} deleted\n`)
      if (output === 'name') terminal.out(`secret/${secret}\n`)
    }
  }
  return gone
}

/** The uids of those that may still go: to look takes a while in a large cluster, and what was looked at
 * first may name one of them by now. */
async function stillFree(
  found: readonly Orphan[],
  { cluster }: PruneFlags,
  client: KubeClient,
): Promise<ReadonlySet<string>> {
  if (found.length === 0) return new Set()
  const namespace = namespaceOf(cluster, client)
  const secrets = found.map(({ metadata }) => metadata)
  const { orphans } = await orphansAmong(client, { namespace, secrets })
  return new Set(orphans.map(({ metadata }) => metadata.uid))
}

/** Deletes a Secret as it was seen; gives the reason where it stays. */
async function whyKept(client: KubeClient, orphan: Orphan): Promise<string | undefined> {
  const { namespace, name, uid, resourceVersion } = orphan.metadata
  const { certificate } = orphan.item
  if (await isBack(client, orphan.item)) return `the Certificate ${certificate} is back`
  try {
    const target = { resource: RESOURCES.secrets, namespace, name }
    await client.delete(target, { uid, resourceVersion })
    return undefined
  } catch (error) {
    if (isStatus(error, 404)) return undefined
    if (isStatus(error, 409)) return 'it has changed meanwhile'
    if (isStatus(error, 403)) return 'you are not allowed to delete Secrets here'
    throw error
  }
}
