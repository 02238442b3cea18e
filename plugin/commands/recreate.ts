import { firstChange } from '../changes.ts'
import type { Command } from '../command.ts'
import { gather } from '../gather.ts'
import { namespaceOf } from '../namespace-of.ts'
import { reissue } from '../reissue.ts'
import type { StatusItem } from '../report.ts'
import { targetsOf, type Target } from '../targets.ts'
import { paint, type Terminal } from '../terminal.ts'
import { statusItems, type StatusContext } from './status.ts'

type RecreateCommand = Extract<Command, { kind: 'recreate' }>

/** Asks cert-manager for a new issuance of failed Certificates, now instead of at their next try; the
 * Secret stays in place. Gives the exit code: 0 when all were asked for (with --wait: issued), else 1. */
export async function runRecreate(
  command: RecreateCommand,
  context: StatusContext,
): Promise<number> {
  const { client, terminal, now } = context
  const gathered = await gather(client, namespaceOf(command.cluster, client))
  const targets = targetsOf(statusItems(gathered, now()), command.names)
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
  const followed = command.wait && broken.length > 0 ? await follow(broken, command, context) : 0
  return broken.length < targets.length ? 1 : followed
}

/** Tells each change until every target is issued or has failed again. */
async function follow(
  targets: readonly Target[],
  command: RecreateCommand,
  context: StatusContext,
): Promise<number> {
  const { client, terminal } = context
  const namespaces = new Set(targets.map((target) => target.namespace))
  const namespace = namespaces.size === 1 ? targets[0]?.namespace : undefined
  const timeout = AbortSignal.timeout(command.timeout)
  const signal = AbortSignal.any([context.signal, timeout])
  const told = new Map<string, string>()
  while (!signal.aborted) {
    const gathered = await gather(client, namespace)
    const items = statusItems(gathered, context.now()).filter((item) =>
      targets.some(
        (target) => item.namespace === target.namespace && item.certificate === target.name,
      ),
    )
    for (const item of items) tell(item, told, terminal)
    if (items.every(isSettled)) return items.every(({ state }) => state === 'issued') ? 0 : 1
    await firstChange({ client, namespace, versions: gathered.versions, signal })
  }
  if (timeout.aborted)
    terminal.error('not issued in time; kubectl tlsauto status shows how it stands\n')
  return 1
}

/** Only what has failed has a next try; an expired certificate stays expired until the new one is there. */
function isSettled({ state, nextRetry }: StatusItem): boolean {
  return state === 'issued' || nextRetry !== null
}

/** Once for each state and reason: messages that only count down are not repeated. */
function tell(item: StatusItem, told: Map<string, string>, terminal: Terminal): void {
  const domain = item.domain ?? item.route
  const step = `${item.state} ${item.reason}`
  if (told.get(domain) === step) return
  told.set(domain, step)
  const until = item.state === 'issued' ? `, until ${item.notAfter}` : ''
  const detail = item.message === null ? until : `: ${item.message}`
  terminal.out(`${paint(`${domain} is ${item.state}${detail}`, undefined)}\n`)
}
