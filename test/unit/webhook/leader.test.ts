import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import type { JsonObject } from '../../../shared/json/json.ts'
import type { KubeClient } from '../../../shared/kube/kube-client.ts'
import { KubeError } from '../../../shared/kube/kube-error.ts'
import { runElection } from '../../../webhook/runtime/leader-election.ts'
import { fakeClock, settled, type FakeClock } from '../../fixtures/fake-clock.ts'
import { scriptedClient } from '../../fixtures/scripted-client.ts'

const LEASE_MS = 15_000
const STEP_MS = 100

/** An API server with nothing but one Lease. */
function leaseServer(): Pick<KubeClient, 'get' | 'create' | 'replace'> {
  let lease: JsonObject | undefined
  let version = 0
  const store = async (_: unknown, object: JsonObject): Promise<JsonObject> => {
    version += 1
    lease = { ...object, metadata: { name: 'tlsauto', resourceVersion: String(version) } }
    return lease
  }
  return {
    get: async () => (lease === undefined ? { kind: 'missing' } : { kind: 'found', object: lease }),
    create: store,
    replace: store,
  }
}

type Candidate = {
  /** What it was told: when, and whether it leads. */
  readonly heard: readonly (readonly [leads: boolean, at: number])[]
  readonly warnings: readonly string[]
  readonly stop: () => void
}

function candidate(
  identity: string,
  { clock, client }: { readonly clock: FakeClock; readonly client: Partial<KubeClient> },
): Candidate {
  const heard: [boolean, number][] = []
  const warnings: string[] = []
  const ending = new AbortController()
  void runElection({
    client: { ...scriptedClient({}).client, ...client },
    namespace: 'tlsauto',
    identity,
    leaseDuration: LEASE_MS / 1000,
    onChange: (leads) => heard.push([leads, clock.now()]),
    logger: pino({ level: 'warn' }, { write: (line) => void warnings.push(line) }),
    signal: ending.signal,
    clock,
  })
  return { heard, warnings, stop: () => ending.abort() }
}

const down = async (): Promise<never> => {
  throw new KubeError('down', { status: 503 })
}
const silent = async (): Promise<never> => new Promise(() => undefined)

const FAULTS: readonly {
  readonly name: string
  readonly broken: Pick<KubeClient, 'get'> | Pick<KubeClient, 'replace'>
}[] = [
  { name: 'gets an error', broken: { get: down } },
  { name: 'gets no answer', broken: { get: silent } },
  { name: 'is read but not written', broken: { replace: down } },
]

for (const { name, broken } of FAULTS) {
  test(`a leader whose renewal ${name} stops writing before another may begin`, async () => {
    const clock = fakeClock()
    const server = leaseServer()
    let isBroken = false
    const first = candidate('one', {
      clock,
      client: {
        get: async (target) => (isBroken && 'get' in broken ? broken : server).get(target),
        create: server.create,
        replace: async (resource, object) =>
          (isBroken && 'replace' in broken ? broken : server).replace(resource, object),
      },
    })
    await settled()
    assert.deepEqual(first.heard, [[true, clock.now()]])
    isBroken = true
    const brokenAt = clock.now()
    const second = candidate('two', { clock, client: server })
    while (second.heard.length === 0) await clock.step(STEP_MS)
    const [stopped] = first.heard.slice(1)
    const [began] = second.heard
    // The last renewal is from the moment of the fault at the latest.
    assert.deepEqual(stopped, [false, brokenAt + (LEASE_MS * 2) / 3])
    assert.ok(began !== undefined && began[1] >= brokenAt + LEASE_MS, String(began))
    first.stop()
    second.stop()
  })
}

const beaten = async (): Promise<never> => {
  throw new KubeError('already exists', { status: 409, reason: 'AlreadyExists' })
}

test('who comes second when two take a free Lease waits, and that is no fault', async () => {
  const clock = fakeClock()
  const { heard, warnings, stop } = candidate('two', { clock, client: { create: beaten } })
  await clock.step(LEASE_MS)
  assert.deepEqual({ heard, warnings }, { heard: [], warnings: [] })
  stop()
})

test('who is beaten to a renewal leads no more at once', async () => {
  const clock = fakeClock()
  const server = leaseServer()
  let isBeaten = false
  const { heard, warnings, stop } = candidate('one', {
    clock,
    client: {
      ...server,
      replace: async (resource, object) => {
        if (isBeaten) throw new KubeError('it has changed', { status: 409, reason: 'Conflict' })
        return server.replace(resource, object)
      },
    },
  })
  await settled()
  isBeaten = true
  await clock.step(LEASE_MS / 5)
  assert.deepEqual(
    heard.map(([leads]) => leads),
    [true, false],
  )
  assert.deepEqual(warnings, [])
  stop()
})
