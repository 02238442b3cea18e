import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gather } from '../../../plugin/gather/snapshot.ts'
import type { JsonObject } from '../../../shared/json/json.ts'
import { KubeError } from '../../../shared/kube/kube-error.ts'
import type { KubeClient } from '../../../shared/kube/kube-client.ts'
import { scriptedClient } from '../../fixtures/scripted-client.ts'

test('a Certificate that has failed is never seen without the challenge that made it fail', async () => {
  const { certificates, challenges } = await gather(clusterWhereOneFailsMeanwhile(), 'team')
  assert.deepEqual(
    certificates.map(({ status }) => status.failedIssuanceAttempts),
    [1],
  )
  assert.deepEqual(
    challenges.map(({ state }) => state),
    ['invalid'],
  )
})

for (const { name, status } of [
  { name: 'issues for the first time', status: {} },
  { name: 'is renewed', status: { conditions: [ready(), is('Issuing')] } },
  {
    name: 'could not be renewed',
    status: { conditions: [ready()], lastFailureTime: '2026-11-01T00:00:00Z' },
  },
]) {
  test(`where a Certificate ${name}, its try is listed, and no other's`, async () => {
    const { client, asked } = clusterOf([
      { name: 'tried', status },
      { name: 'rests', status: { conditions: [ready()] } },
    ])
    const { requests, orders, challenges } = await gather(client, 'team')
    assert.deepEqual(namesOf([requests, orders, challenges]), [['tried'], ['tried'], ['tried']])
    assert.deepEqual(asked.slice(-3), ['certificaterequests', 'orders', 'challenges'])
  })
}

test('where every Certificate rests, nobody is asked for tries', async () => {
  const { client, asked } = clusterOf([{ name: 'rests', status: { conditions: [ready()] } }])
  const { requests, versions } = await gather(client, 'team')
  assert.deepEqual(requests, [])
  const lists = ['certificates', 'ingressroutes', 'ingressroutetcps']
  assert.deepEqual(asked.toSorted(), lists)
  assert.deepEqual([...versions.keys()].map(({ plural }) => plural).toSorted(), lists)
})

test('the try that succeeded before is not listed beside the coming one, but where the past is', async () => {
  const { client } = clusterOf([
    { name: 'renewed', status: { revision: 1, conditions: [ready(), is('Issuing')] } },
  ])
  assert.deepEqual((await gather(client, 'team')).requests, [])
  const { requests } = await gather(client, 'team', { past: true })
  assert.deepEqual(namesOf([requests]), [['renewed']])
})

test('who may not list requests hears of orders and challenges, too', async () => {
  const { client } = clusterOf([{ name: 'tried', status: {} }])
  const forbidden = ['certificaterequests', 'orders', 'challenges']
  const list: KubeClient['list'] = async (options) => {
    if (!forbidden.includes(options.resource.plural)) return client.list(options)
    throw new KubeError('no', { status: 403 })
  }
  const { hidden } = await gather({ ...client, list }, 'team')
  assert.deepEqual(
    hidden,
    forbidden.map(
      (kind) => `you are not allowed to list ${kind}, so that some causes stay unknown`,
    ),
  )
})

test('the tries that succeeded are listed where the past is asked for', async () => {
  const { client } = clusterOf([{ name: 'rests', status: { conditions: [ready()] } }])
  const { requests, orders, challenges } = await gather(client, 'team', { past: true })
  assert.deepEqual(namesOf([requests, orders, challenges]), [['rests'], ['rests'], ['rests']])
})

function is(type: string): JsonObject {
  return { type, status: 'True' }
}

function ready(): JsonObject {
  return is('Ready')
}

function namesOf(
  lists: readonly (readonly { readonly metadata: { readonly name: string } }[])[],
): readonly (readonly string[])[] {
  return lists.map((items) => items.map(({ metadata }) => metadata.name))
}

/** What each kind's objects are owned by. */
const OWNERS: Readonly<Record<string, string>> = {
  certificaterequests: 'certificates',
  orders: 'certificaterequests',
  challenges: 'orders',
}

/** Each Certificate has had a try, with all that hangs on it, under one name. */
function clusterOf(
  certificates: readonly { readonly name: string; readonly status: JsonObject }[],
): { readonly client: KubeClient; readonly asked: readonly string[] } {
  const asked: string[] = []
  const client: KubeClient = {
    ...scriptedClient({}).client,
    get: async () => ({ kind: 'missing' }),
    list: async ({ resource: { plural } }) => {
      asked.push(plural)
      const owner = OWNERS[plural]
      const items = certificates.map(({ name, status }) => ({
        metadata: {
          name,
          namespace: 'team',
          uid: `${plural} ${name}`,
          annotations: { 'cert-manager.io/certificate-revision': '1' },
          ownerReferences: [{ uid: `${owner} ${name}` }],
        },
        spec: {},
        status,
      }))
      const isTry = owner !== undefined || plural === 'certificates'
      return { items: isTry ? items : [], resourceVersion: '1', next: undefined }
    },
  }
  return { client, asked }
}

/** The challenge turns invalid and the Certificate fails of it when the Certificates are read: what
 * is asked for in the same moment, or before, knows nothing of it yet. */
function clusterWhereOneFailsMeanwhile(): KubeClient {
  let failed = false
  const metadata = { name: 'x', namespace: 'team', uid: 'x', ownerReferences: [{ uid: 'x' }] }
  const objects: Readonly<Record<string, () => JsonObject>> = {
    certificates: () => ({ metadata, spec: {}, status: { failedIssuanceAttempts: 1 } }),
    certificaterequests: () => ({
      metadata: { ...metadata, annotations: { 'cert-manager.io/certificate-revision': '1' } },
    }),
    orders: () => ({ metadata }),
    challenges: () => ({ metadata, spec: {}, status: { state: failed ? 'invalid' : 'pending' } }),
  }
  return {
    ...scriptedClient({}).client,
    list: async ({ resource }) => {
      const object = objects[resource.plural]?.()
      if (resource.plural === 'certificates') setImmediate(() => (failed = true))
      await new Promise(setImmediate)
      return { items: object === undefined ? [] : [object], resourceVersion: '1', next: undefined }
    },
  }
}
