import { INSTALLATION } from '../../shared/kube/installation.ts'
import type { X509Certificate } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { isStatus } from '../../shared/kube/kube-error.ts'
import { createBell } from './bell.ts'
import type { Logger } from '../runtime/logger.ts'
import type { KeyPair } from './certificate.ts'
import { isSame, keyPairOf, type ServingMaterial } from './material.ts'
import { nextStep } from './rotation.ts'
import { readServingSecret, writeServingSecret } from './secret.ts'
import { materialAfter } from './step.ts'
import { watchServing } from './watch.ts'
import { publishTrust } from './webhook-configurations.ts'

/** Times are in milliseconds. */
export type KeeperInput = {
  readonly client: KubeClient
  readonly namespace: string
  /** Names and addresses under which the API server calls. */
  readonly names: readonly string[]
  /** For `clientConfig.url`; undefined: the API server comes by the Service. */
  readonly url: string | undefined
  /** Of a leaf. */
  readonly lifetime: number
  /** For how long the API server hears of a CA before it signs. */
  readonly overlap: number
  readonly logger: Logger
  readonly signal: AbortSignal
}

/** What one replica has seen. Times are those of a clock that nobody sets. */
type View = {
  readonly held: ServingMaterial | undefined
  /** Since when every webhook configuration carries this CA, and those behind it. */
  readonly carried: { readonly ca: X509Certificate; readonly since: number } | undefined
  /** Since when any of them carries others. */
  readonly surplusSince: number | undefined
}

/** Without a change it is looked at this often: for what grows old, and what a watch missed. */
const LOOK_EVERY_MS = 30_000
const RETRY_MS = 1000
/** Whoever fights over an object with us shall not do so as fast as both can. */
const SPACING_MS = 200

/** Keeps the shared serving certificate and the API server's trust in it, until the signal: gives the
 * key pair to serve with, the first as soon as there is one, and each that follows it. */
export async function* keepServing(input: KeeperInput): AsyncGenerator<KeyPair, void> {
  const { logger, overlap, signal } = input
  const bell = createBell()
  const watching = watchServing({ ...input, onChange: bell.ring })
  let view: View = { held: undefined, carried: undefined, surplusSince: undefined }
  while (!signal.aborted) {
    const served = view.held?.leaf
    let patience = Math.min(LOOK_EVERY_MS, overlap)
    try {
      view = { ...view, held: await settle(input, view) }
      view = await publish(input, view)
    } catch (error) {
      patience = isStatus(error, 409) ? 0 : RETRY_MS
      logFault(logger, error, view)
    }
    const { held } = view
    if (held !== undefined && (served === undefined || !isSame(held.leaf, served))) {
      logger.info({ leaf: held.leaf.serialNumber, until: held.leaf.validToDate }, 'serving')
      yield keyPairOf(held)
    }
    await delay(SPACING_MS)
    await bell.wait(patience, signal)
  }
  await watching
}

function logFault(logger: Logger, error: unknown, { held }: View): void {
  // A lost race is no fault.
  if (isStatus(error, 409)) logger.debug({ error }, 'another one wrote first; looking again')
  else if (held === undefined) logger.warn({ error }, 'no serving certificate yet')
  else logger.warn({ error }, 'the serving certificate could not be looked after')
}

/** Reads the Secret, and brings it one step on where it is time; gives what to serve with. */
async function settle(input: KeeperInput, { held, carried }: View): Promise<ServingMaterial> {
  const { names, lifetime, overlap, logger } = input
  const { object, reading, asked } = await readServingSecret(input)
  const now = new Date()
  const carriedFor = carried && { ca: carried.ca, time: performance.now() - carried.since }
  const step = nextStep({ reading, held, asked, names, carried: carriedFor, overlap, now })
  const material = await materialAfter(step, { names, lifetime, now })
  if (step.kind === 'keep') return material
  await writeServingSecret(input, { over: object, material, stillAsked: step.kind === 'store' })
  const isFixed = reading.kind === 'damaged' && (held !== undefined || object !== undefined)
  const { kind, why } = step
  logger[isFixed ? 'warn' : 'info'](
    { secret: INSTALLATION.servingSecret, step: kind, why },
    'Secret written',
  )
  return material
}

/** Brings the trust in what is served to the API server: what is new at once, and what is old goes once
 * nobody can have missed that. */
async function publish(input: KeeperInput, view: View): Promise<View> {
  const { held, carried, surplusSince } = view
  if (held === undefined) return view
  const { url, overlap } = input
  const only = surplusSince !== undefined && performance.now() - surplusSince >= overlap
  const { changed, surplus } = await publishTrust(input, { bundle: held.bundle, only, url })
  const now = performance.now()
  const [ca] = held.bundle
  const isKnown = carried !== undefined && !changed && isSame(carried.ca, ca)
  return {
    held,
    carried: isKnown ? carried : { ca, since: now },
    surplusSince: surplus ? (surplusSince ?? now) : undefined,
  }
}
