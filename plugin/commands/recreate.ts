import type { Command } from '../command.ts'
import { follow } from '../follow.ts'
import { gather } from '../gather.ts'
import { keyOfItem } from '../named-items.ts'
import { namespaceOf } from '../namespace-of.ts'
import { reissue } from '../reissue.ts'
import type { StatusItem } from '../report.ts'
import { statusItems } from '../status-items.ts'
import { targetsOf, type Target } from '../targets.ts'
import { paint } from '../terminal.ts'
import type { StatusContext } from './status.ts'

type RecreateCommand = Extract<Command, { kind: 'recreate' }>

/** Asks cert-manager for a new issuance of failed Certificates, now instead of at their next try; the
 * Secret stays in place. Gives the exit code: 0 when all were asked for (with --wait: issued), else 1. */
export async function runRecreate(
  command: RecreateCommand,
  context: StatusContext,
): Promise<number> {
  const { client, terminal, now } = context
  const gathered = await gather(client, namespaceOf(command.cluster, client))
  const items = statusItems(gathered, now())
  const targets = targetsOf(items, command.names)
  const broken = targets.filter(({ refusal }) => refusal === undefined)
  for (const { refusal } of targets) {
    if (refusal !== undefined) terminal.error(`${paint(refusal, undefined)}\n`)
  }
  for (const target of broken) {
    await reissue(target, { client, now })
    terminal.out(
      `certificate.cert-manager.io/${paint(target.name, undefined)} is being issued anew\n`,
    )
  }
  if (!command.wait || broken.length === 0) return broken.length < targets.length ? 1 : 0
  const followed = await follow(
    {
      namespace: commonNamespace(broken),
      goal: 'reissued',
      timeout: command.timeout,
      choose: itemsBehind(broken, items),
    },
    context,
  )
  return broken.length < targets.length ? 1 : followed
}

function commonNamespace(targets: readonly Target[]): string | undefined {
  const namespaces = new Set(targets.map(({ namespace }) => namespace))
  return namespaces.size === 1 ? targets[0]?.namespace : undefined
}

/** Chooses the domains that hang on the targets now, also when their Certificates are others later. */
function itemsBehind(
  targets: readonly Target[],
  items: readonly StatusItem[],
): (later: readonly StatusItem[]) => readonly StatusItem[] {
  const certificates = new Set(targets.map(({ namespace, name }) => `${namespace}/${name}`))
  const behind = items.filter(({ namespace, certificate }) =>
    certificates.has(`${namespace}/${certificate}`),
  )
  const keys = new Set(behind.map(keyOfItem))
  return (later) => later.filter((item) => keys.has(keyOfItem(item)))
}
