import assert from 'node:assert/strict'
import { beforeEach, suite, test } from 'node:test'
import { pino } from 'pino'
import type { JsonObject } from '../../../shared/json.ts'
import type { KubeClient, Lookup } from '../../../shared/kube/kube-client.ts'
import { KubeError } from '../../../shared/kube/kube-error.ts'
import { createClaimKeeper, type ClaimKeeper } from '../../../webhook/controller/claim-keeper.ts'
import { createClusterIndex, type ClusterIndex } from '../../../webhook/controller/cluster-index.ts'
import { Deferred } from '../../../webhook/controller/workqueue.ts'
import { claim, claimJson } from '../../fixtures/domain-claims.ts'
import { cluster, route } from '../../fixtures/routes.ts'
import { scriptedClient } from '../../fixtures/scripted-client.ts'

const HOST = 'shop.example.com'
const logger = pino({ level: 'silent' })

let index: ClusterIndex
let told: string[]
beforeEach(() => {
  index = createClusterIndex(cluster)
  told = []
})

const onChange = (host: string): void => void told.push(host)

function keeperOver(client: KubeClient, graceMs = 0, most = 10): ClaimKeeper {
  return createClaimKeeper({ client, index, graceMs, onChange, logger, most })
}

/** A client on which somebody else's claim is there first. */
function beaten(found: Lookup): KubeClient {
  return {
    ...scriptedClient({}).client,
    get: async () => found,
    create: async () => {
      throw new KubeError('already exists', { status: 409, reason: 'AlreadyExists' })
    },
  }
}

function found(object: JsonObject): Lookup {
  return { kind: 'found', object }
}

suite('the keeper of claims', () => {
  test('writes a claim once, however many wait for it, and knows it at once', async () => {
    index.putRoute(route())
    const { client, calls } = scriptedClient({})
    const keeper = keeperOver(client)
    await Promise.all([keeper.keep(HOST), keeper.keep(HOST)])
    await keeper.keep(HOST)
    assert.deepEqual(calls, [`create ${HOST}`])
    assert.equal(index.holderOf(HOST), 'team')
    assert.deepEqual(told, [HOST])
  })

  test('takes the claim of who was faster', async () => {
    index.putRoute(route())
    await keeperOver(beaten(found(claimJson(HOST, 'other')))).keep(HOST)
    assert.equal(index.holderOf(HOST), 'other')
  })

  test('claims nothing where the name is that of another host’s claim, or of none', async () => {
    index.putRoute(route())
    const other = claimJson('other.org', 'other')
    await assert.rejects(keeperOver(beaten(found(other))).keep(HOST), /is not for shop.example.com/)
    await assert.rejects(keeperOver(beaten({ kind: 'missing' })).keep(HOST), /already exists/)
    assert.equal(index.holderOf(HOST), undefined)
  })

  test('claims no more for a namespace than it may have, until some are free again', async () => {
    const { client, calls } = scriptedClient({})
    index.putRoute(route())
    index.putClaim(claim('one.org', 'team'))
    index.putClaim(claim('two.org', 'other'))
    const keeper = keeperOver(client, 0, 1)
    await assert.rejects(keeper.keep(HOST), Deferred)
    assert.deepEqual(calls, [])
    index.removeClaim(claim('one.org', 'team'))
    await keeper.keep(HOST)
    assert.deepEqual(calls, [`create ${HOST}`])
  })

  test('deletes a claim that nobody has used for so long, and says when to look before', async () => {
    const { client, calls } = scriptedClient({})
    const unusedSince = new Date(Date.now() - 60_000).toISOString()
    index.putClaim(claim(HOST, 'team', { spec: { unusedSince } }))
    const left = await keeperOver(client, 61_000).keep(HOST)
    assert.ok(left !== undefined && left > 0 && left <= 1000)
    assert.deepEqual(calls, [])
    assert.equal(await keeperOver(client, 60_000).keep(HOST), undefined)
    assert.deepEqual(calls, [`delete ${HOST}`])
    assert.equal(index.holderOf(HOST), undefined)
  })
})
