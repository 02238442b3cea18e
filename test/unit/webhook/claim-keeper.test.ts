import assert from 'node:assert/strict'
import { beforeEach, suite, test } from 'node:test'
import { pino } from 'pino'
import type { JsonObject } from '../../../shared/json/json.ts'
import type { KubeClient, Lookup } from '../../../shared/kube/kube-client.ts'
import { KubeError } from '../../../shared/kube/kube-error.ts'
import { createClaimKeeper, type ClaimKeeper } from '../../../webhook/controller/claim-keeper.ts'
import {
  createClusterIndex,
  type ClusterIndex,
} from '../../../webhook/controller/index/cluster-index.ts'
import { administratorsClaim, claim, claimJson } from '../../fixtures/domain-claims.ts'
import { cluster, route, rules } from '../../fixtures/routes.ts'
import { scriptedClient } from '../../fixtures/scripted-client.ts'

const HOST = 'shop.example.com'
const NOW = new Date('2026-03-02T00:00:00Z')
const logger = pino({ level: 'silent' })

let index: ClusterIndex
let told: string[]
let limited: string[]
beforeEach(() => {
  index = createClusterIndex(cluster)
  told = []
  limited = []
})

function keeperOver(client: KubeClient, graceMs = 0): ClaimKeeper {
  return createClaimKeeper({
    client,
    index,
    graceMs,
    onChange: (host) => told.push(host),
    onLimited: ({ host, namespace }) => limited.push(`${namespace} ${host}`),
    onNameTaken: ({ host, namespace }, name) => limited.push(`${namespace} ${host}: ${name}`),
    logger,
    now: () => NOW,
  })
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

/** A client on which one object can't be made. */
function refusing(name: string): KubeClient {
  const { client } = scriptedClient({})
  return {
    ...client,
    create: async (resource, object) => {
      if (JSON.stringify(object).includes(`"${name}"`)) {
        throw new KubeError('no', { status: 500, reason: 'InternalError' })
      }
      return client.create(resource, object)
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
    assert.deepEqual(limited, [`team ${HOST}: ${HOST}`])
    await assert.rejects(keeperOver(beaten({ kind: 'missing' })).keep(HOST), /already exists/)
    assert.equal(index.holderOf(HOST), undefined)
  })

  test('claims as many hosts as their namespace may have, however many are under way', async () => {
    index = createClusterIndex(cluster, { maxClaims: 3 })
    // An administrator's is not counted, one that is not used any more is.
    index.putClaim(administratorsClaim('own.example.com', 'team'))
    const unusedSince = NOW.toISOString()
    index.putClaim(claim('old.example.com', 'team', { spec: { unusedSince } }))
    const hosts = ['a', 'b', 'c', 'd', 'e'].map((name) => `${name}.example.com`)
    index.putRoute(route({}, { routes: rules(...hosts.map((host) => `Host(\`${host}\`)`)) }))
    const { client, calls } = scriptedClient({})
    const keeper = keeperOver(client)
    await Promise.all(hosts.map(keeper.keep))
    assert.deepEqual(calls, ['create a.example.com', 'create b.example.com'])
    const left = ['c', 'd', 'e'].map((name) => `team ${name}.example.com`)
    assert.deepEqual(limited, left)
    index.removeClaim(claim('old.example.com', 'team'))
    await Promise.all(hosts.map(keeper.keep))
    assert.deepEqual(calls.slice(2), ['create c.example.com'])
    assert.deepEqual(limited, [...left, ...left.slice(1)])
  })

  test('one that fails leaves its room to another', async () => {
    index = createClusterIndex(cluster, { maxClaims: 1 })
    index.putRoute(route({}, { routes: rules('Host(`a.example.com`)', 'Host(`b.example.com`)') }))
    const keeper = keeperOver(refusing('a.example.com'))
    const results = await Promise.allSettled(
      ['a', 'b'].map((name) => keeper.keep(`${name}.example.com`)),
    )
    assert.deepEqual(
      results.map(({ status }) => status),
      ['rejected', 'fulfilled'],
    )
    assert.equal(index.holderOf('b.example.com'), 'team')
  })

  test('where a namespace has no room, another that names the host claims it', async () => {
    index = createClusterIndex(cluster, { maxClaims: 1 })
    index.putClaim(claim('old.example.com', 'team'))
    index.beginOrder()
    index.putRoute(route())
    index.putRoute(route({ namespace: 'other' }))
    const { client } = scriptedClient({})
    await keeperOver(client).keep(HOST)
    assert.equal(index.holderOf(HOST), 'other')
    assert.deepEqual(limited, [])
    assert.equal(index.isHeldElsewhere(HOST, 'team'), true)
  })

  test('counts a host as named while a route of its namespace is not read', async () => {
    index.putClaim(claim(HOST, 'team'))
    const long = `Host(\`${HOST}\`) && Path(\`/${'x'.repeat(200_000)}\`)`
    const { client, calls } = scriptedClient({})
    for (const unread of [{ ...route(), isCut: true }, route({}, { routes: rules(long) })]) {
      index.putRoute(unread)
      assert.equal(index.hasUnread('team'), true)
      await keeperOver(client).keep(HOST)
      index.removeRoute(unread)
    }
    assert.deepEqual(calls, [])
    index.putRoute({ ...route({ namespace: 'other' }), isCut: true })
    assert.equal(index.hasUnread('team'), false)
    assert.equal(index.claimState(HOST).isSeen, false)
  })

  test('deletes a claim that nobody has used for so long, and says when to look before', async () => {
    const { client, calls } = scriptedClient({})
    const unusedSince = new Date(NOW.getTime() - 60_000).toISOString()
    index.putClaim(claim(HOST, 'team', { spec: { unusedSince } }))
    const left = await keeperOver(client, 61_000).keep(HOST)
    assert.equal(left, 1000)
    assert.deepEqual(calls, [])
    assert.equal(await keeperOver(client, 60_000).keep(HOST), undefined)
    assert.deepEqual(calls, [`delete ${HOST}`])
    assert.equal(index.holderOf(HOST), undefined)
  })
})
