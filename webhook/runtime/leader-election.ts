import { objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import { INSTALLATION } from '../../shared/kube/installation.ts'
import { isStatus } from '../../shared/kube/kube-error.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { sleep, WALL_CLOCK, type Clock, type Timer } from './clock.ts'
import type { Logger } from './logger.ts'

export type LeaderInput = {
  readonly client: KubeClient
  readonly namespace: string
  readonly identity: string
  /** Seconds. */
  readonly leaseDuration: number
  /** Called when this process begins or ceases to be the leader. */
  readonly onChange: (leading: boolean) => void
  readonly logger: Logger
  readonly signal: AbortSignal
  readonly clock?: Clock
}

type Candidate = LeaderInput & { readonly clock: Clock }

/** What was last seen of another holder, by our own clock: theirs may be wrong. */
type Sighting = { readonly version: string; readonly at: number }

/** Takes part in the election of the one that writes, until the signal ends it, and then gives the
 * Lease back. Losing it stops writing, never the process. A restarted holder of the same identity
 * goes on at once. */
export async function runElection({ clock = WALL_CLOCK, ...given }: LeaderInput): Promise<void> {
  const input = { ...given, clock }
  const { leaseDuration, logger, signal } = input
  let leading = false
  let patience: Timer | undefined
  let sighting: Sighting | undefined
  const lead = (now: boolean): void => {
    if (now === leading) return
    leading = now
    logger.info({ leading, identity: input.identity }, 'leader election')
    input.onChange(now)
  }
  while (!signal.aborted) {
    const started = clock.now()
    try {
      const seen = await tryAcquire(input, sighting)
      sighting = seen
      patience?.cancel()
      lead(seen === undefined)
      // A clock of its own: a renewal may also hang.
      const left = started + leaseDuration * 1000 * STOP_WRITING_AFTER - clock.now()
      if (seen === undefined) patience = clock.after(left, () => lead(false))
    } catch (error) {
      logger.warn({ error }, 'the Lease could not be renewed')
    }
    await sleep(clock, (leaseDuration * 1000) / 5, signal)
  }
  patience?.cancel()
  if (leading) await release(input).catch((error: unknown) => logger.warn({ error }, 'Lease kept'))
}

/** A leader that can't renew stops before anyone may take over. */
const STOP_WRITING_AFTER = 2 / 3

/** One try: undefined when the Lease is ours now, else what was seen of its holder. */
async function tryAcquire(
  input: Candidate,
  sighting: Sighting | undefined,
): Promise<Sighting | undefined> {
  const { client, namespace } = input
  const found = await client.get({
    resource: RESOURCES.leases,
    namespace,
    name: INSTALLATION.lease,
  })
  if (found.kind === 'forbidden') throw new Error(found.message)
  const existing = found.kind === 'found' ? found.object : undefined
  const other = existing === undefined ? undefined : sightingOf(existing, { input, sighting })
  if (other !== undefined) return other
  try {
    if (existing === undefined) await client.create(RESOURCES.leases, lease(input, {}))
    else await client.replace(RESOURCES.leases, lease(input, existing))
    return undefined
  } catch (error) {
    // Another one was faster.
    if (isStatus(error, 409)) return { version: '', at: input.clock.now() }
    throw error
  }
}

/** What is to be believed of another holder: undefined when there is none, or none that has renewed
 * the Lease for as long as it lasts. */
function sightingOf(
  existing: JsonObject,
  { input, sighting }: { readonly input: Candidate; readonly sighting: Sighting | undefined },
): Sighting | undefined {
  const holder = textAt(objectAt(existing, 'spec'), 'holderIdentity')
  if (holder === undefined || holder === input.identity) return undefined
  const version = textAt(objectAt(existing, 'metadata'), 'resourceVersion') ?? ''
  if (sighting?.version !== version) return { version, at: input.clock.now() }
  return input.clock.now() - sighting.at < input.leaseDuration * 1000 ? sighting : undefined
}

async function release(input: Candidate): Promise<void> {
  const { client, namespace, identity } = input
  const found = await client.get({
    resource: RESOURCES.leases,
    namespace,
    name: INSTALLATION.lease,
  })
  if (found.kind !== 'found') return
  const spec = objectAt(found.object, 'spec')
  if (spec['holderIdentity'] !== identity) return
  await client.replace(RESOURCES.leases, { ...found.object, spec: { ...spec, holderIdentity: '' } })
}

function lease(input: Candidate, existing: JsonObject): JsonObject {
  const { namespace, identity, leaseDuration } = input
  const spec = objectAt(existing, 'spec')
  const now = new Date(input.clock.now()).toISOString().replace('Z', '000Z')
  const taken = spec['holderIdentity'] !== identity
  const transitions = spec['leaseTransitions']
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: INSTALLATION.lease, namespace, ...objectAt(existing, 'metadata') },
    spec: {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(leaseDuration),
      acquireTime: taken ? now : spec['acquireTime'],
      renewTime: now,
      leaseTransitions: (typeof transitions === 'number' ? transitions : 0) + (taken ? 1 : 0),
    },
  }
}
