import { isJsonObject, listAt, objectAt, textAt, type JsonObject } from '../../shared/json.ts'
import { isStatus } from '../../shared/kube/kube-error.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { findCondition } from '../../shared/kube/object.ts'
import { firstChange } from '../changes.ts'
import type { Command } from '../command-line.ts'
import { gather, type Gathered } from '../gather.ts'
import type { State } from '../../shared/findings/status.ts'
import type { StatusItem } from '../report.ts'
import { paint, type Terminal } from '../terminal.ts'
import { namespaceOf, statusItems, type StatusContext } from './status.ts'

type RecreateCommand = Extract<Command, { kind: 'recreate' }>

/** A Certificate that is to be issued anew, with the domains it stands for. */
type Target = {
  readonly namespace: string
  readonly name: string
  readonly items: readonly StatusItem[]
}

/** Asks cert-manager for a new issuance of failed Certificates, now instead of at their next try; the
 * Secret stays in place. Gives the exit code: 0 when asked (with --wait: issued), 1 otherwise. */
export async function runRecreate(
  command: RecreateCommand,
  context: StatusContext,
): Promise<number> {
  const { client, terminal } = context
  const gathered = await gather(client, namespaceOf(command.cluster, client))
  const targets = targetsOf(statusItems(gathered, context.now()), command.names)
  const healthy = targets.filter(
    ({ items }) => !items.some(({ tlsStatus }) => tlsStatus === 'failed'),
  )
  for (const { name, items } of healthy) {
    const state = items[0]?.state ?? 'unknown'
    terminal.error(`${paint(name, undefined)} is ${state}, not failed: nothing to repair\n`)
  }
  if (healthy.length > 0) return 1
  for (const target of targets) {
    await reissue(target, { client, gathered, now: context.now() })
    terminal.out(
      `certificate.cert-manager.io/${paint(target.name, undefined)} is being issued anew\n`,
    )
  }
  return command.wait ? follow(targets, command, context) : 0
}

/** The Certificates that the names mean: each a Certificate's name, a route's or a domain. */
function targetsOf(items: readonly StatusItem[], names: readonly string[]): readonly Target[] {
  const targets = new Map<string, Target>()
  for (const name of names) {
    const meant = items.filter(
      (item) =>
        item.certificate === name || item.route === name || item.domain === name.toLowerCase(),
    )
    const certificates = meant.filter(({ certificate }) => certificate !== null)
    refuseUnclear(name, { meant, certificates })
    for (const { namespace, certificate } of certificates) {
      const key = `${namespace}/${certificate ?? ''}`
      const sharing = items.filter((item) => `${item.namespace}/${item.certificate ?? ''}` === key)
      targets.set(key, { namespace, name: certificate ?? '', items: sharing })
    }
  }
  return [...targets.values()]
}

function refuseUnclear(
  name: string,
  {
    meant,
    certificates,
  }: { readonly meant: readonly StatusItem[]; readonly certificates: readonly StatusItem[] },
): void {
  if (meant.length === 0) {
    throw new Error(
      `no Certificate, route or domain is called ${name} here; try -A, or -n NAMESPACE`,
    )
  }
  if (certificates.length === 0) {
    throw new Error(
      `${name} has no Certificate to recreate: ${meant[0]?.message ?? 'none was made yet'}`,
    )
  }
  const namespaces = new Set(certificates.map(({ namespace }) => namespace))
  if (namespaces.size > 1) {
    throw new Error(
      `${name} is in several namespaces (${[...namespaces].join(', ')}): choose one with -n`,
    )
  }
}

type ReissueContext = {
  readonly client: KubeClient
  readonly gathered: Gathered
  readonly now: Date
}

/** As `cmctl renew` does it, by PUT to the status (cert-manager's edit role allows no patch). A request
 * that was denied or found invalid would end the new issuance at once, and goes first. */
async function reissue(target: Target, context: ReissueContext): Promise<void> {
  const { client, gathered } = context
  const { namespace, name } = target
  const found = await client.get({ resource: RESOURCES.certificates, namespace, name })
  if (found.kind !== 'found') throw new Error(`Certificate ${name} is ${found.kind}`)
  const uid = textAt(objectAt(found.object, 'metadata'), 'uid')
  const revision = String(revisionOf(found.object) + 1)
  const hopeless = gathered.requests.filter(
    ({ metadata, conditions }) =>
      metadata.ownerReferences.some((owner) => owner.uid === uid) &&
      metadata.annotations['cert-manager.io/certificate-revision'] === revision &&
      ['Denied', 'InvalidRequest'].some(
        (type) => findCondition(conditions, type)?.status === 'True',
      ),
  )
  for (const { metadata } of hopeless) {
    await client
      .delete(
        { resource: RESOURCES.requests, namespace, name: metadata.name },
        { uid: metadata.uid },
      )
      .catch((error: unknown) => {
        if (!isStatus(error, 404)) throw error
      })
  }
  await client.replace(RESOURCES.certificates, issuing(found.object, context.now), 'status')
}

function revisionOf(certificate: JsonObject): number {
  const revision = objectAt(certificate, 'status')['revision']
  return typeof revision === 'number' ? revision : 0
}

/** The Certificate with Issuing=True. Its time must be after the last failure's, in whole seconds, or
 * cert-manager takes the failed request for the new one (its request manager compares them). */
function issuing(certificate: JsonObject, now: Date): JsonObject {
  const status = objectAt(certificate, 'status')
  const failed = Date.parse(textAt(status, 'lastFailureTime') ?? '')
  const time = Number.isNaN(failed) ? now.getTime() : Math.max(now.getTime(), failed + 1000)
  const condition = {
    type: 'Issuing',
    status: 'True',
    reason: 'ManuallyTriggered',
    message: 'Certificate re-issuance manually triggered',
    lastTransitionTime: new Date(time).toISOString().replace(/\.\d+Z$/, 'Z'),
    observedGeneration: objectAt(certificate, 'metadata')['generation'],
  }
  const others = listAt(status, 'conditions').filter(
    (other) => !isJsonObject(other) || other['type'] !== 'Issuing',
  )
  return { ...certificate, status: { ...status, conditions: [...others, condition] } }
}

/** States that end by themselves. */
const UNDER_WAY = new Set<State>(['pending', 'stuck', 'renewing'])

/** Tells each change until every target is issued or one has failed again. */
async function follow(
  targets: readonly Target[],
  command: RecreateCommand,
  context: StatusContext,
): Promise<number> {
  const { client, terminal } = context
  const timeout = AbortSignal.timeout(command.timeout)
  const signal = AbortSignal.any([context.signal, timeout])
  const told = new Map<string, string>()
  while (!signal.aborted) {
    const gathered = await gather(client, namespaceOf(command.cluster, client))
    const items = statusItems(gathered, context.now()).filter((item) =>
      targets.some(
        ({ namespace, name }) => item.namespace === namespace && item.certificate === name,
      ),
    )
    for (const item of items) tell(item, told, terminal)
    if (items.every(({ state }) => state === 'issued')) return 0
    if (!items.some(({ state }) => UNDER_WAY.has(state))) return 1
    const { namespace } = targets[0] ?? {}
    await firstChange({ client, namespace, versions: gathered.versions, signal })
  }
  if (timeout.aborted)
    terminal.error('not issued in time; kubectl tlsauto status shows how it stands\n')
  return 1
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
