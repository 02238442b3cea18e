import type { JsonObject } from '../../../shared/json/json.ts'
import { isStatus } from '../../../shared/kube/kube-error.ts'
import { listAll, type KubeClient } from '../../../shared/kube/kube-client.ts'
import { RESOURCES } from '../../../shared/kube/resources.ts'
import { clientLine, clusterLines } from '../../printers/version-text.ts'
import { connectTo, type RunContext } from '../../command-line/run-context.ts'
import { paint } from '../../command-line/terminal.ts'
import { PROGRAMS, versionsOf } from '../../version/versions.ts'
import type { VersionFlags } from './usage.ts'

/** Prints the plugin's version, and those of what runs in the cluster. */
export async function runVersion(
  command: VersionFlags,
  context: Pick<RunContext, 'terminal' | 'connect' | 'kubeconfigs' | 'env'>,
): Promise<number> {
  const { cluster, client, output, version } = command
  const { terminal } = context
  // First: it is known also where no cluster answers.
  if (output === 'text') terminal.out(`${clientLine(version)}\n`)
  const versions = client
    ? { client: { version } }
    : versionsOf(version, await workloads(await connectTo(cluster, context)))
  if (output === 'text') {
    const lines = 'server' in versions ? clusterLines(versions) : []
    for (const line of lines) terminal.out(`${paint(line, undefined)}\n`)
  } else {
    // YAML's writer is not needed for a version in text, and takes longer to load than that to print.
    const { structured } = await import('../../printers/structured.ts')
    terminal.out(structured(versions, output))
  }
  return 0
}

/** The Deployments and DaemonSets of all three; undefined: this user may not list them. */
async function workloads(client: KubeClient): Promise<readonly JsonObject[] | undefined> {
  const labelSelector = `app.kubernetes.io/name in (${Object.values(PROGRAMS).join(', ')})`
  try {
    const lists = await Promise.all(
      [RESOURCES.deployments, RESOURCES.daemonSets].map(async (resource) =>
        listAll(client, { resource, labelSelector }),
      ),
    )
    return lists.flatMap(({ items }) => items)
  } catch (error) {
    if (isStatus(error, 403)) return undefined
    throw error
  }
}
