import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { appObjects, doubtNote } from '../../../plugin/gather/app-objects.ts'
import { traefikPlace } from '../../../plugin/gather/traefik-addresses.ts'
import type { JsonObject } from '../../../shared/json/json.ts'
import { KubeError } from '../../../shared/kube/kube-error.ts'
import { RESOURCES } from '../../../shared/kube/resources.ts'
import { clusterClient } from '../../fixtures/cluster-client.ts'

const FORBIDDEN = { clusterrolebindings: new KubeError('no', { status: 403 }) }

type Row = {
  readonly name: string
  readonly bindings: readonly JsonObject[] | undefined
  readonly services: readonly string[]
  readonly want: readonly string[]
  readonly doubted: readonly string[]
}

const ROWS: readonly Row[] = [
  {
    name: 'Traefik’s own counts',
    bindings: [binding('traefik')],
    services: ['traefik'],
    want: ['traefik'],
    doubted: [],
  },
  {
    name: 'a tenant’s beside it does not',
    bindings: [binding('traefik')],
    services: ['mallory', 'traefik'],
    want: ['traefik'],
    doubted: ['mallory'],
  },
  {
    name: 'a tenant’s alone does not: Traefik has another label, or none',
    bindings: [],
    services: ['mallory'],
    want: [],
    doubted: ['mallory'],
  },
  {
    name: 'two installations both count',
    bindings: [binding('traefik'), binding('traefik-inside')],
    services: ['traefik', 'traefik-inside'],
    want: ['traefik', 'traefik-inside'],
    doubted: [],
  },
  {
    name: 'a user who is bound, and no ServiceAccount, is in no namespace',
    bindings: [
      { ...binding('x'), subjects: [{ kind: 'User', name: 'mallory', namespace: 'mallory' }] },
    ],
    services: ['mallory'],
    want: [],
    doubted: ['mallory'],
  },
  {
    name: 'who may not list ClusterRoleBindings believes the only one',
    bindings: undefined,
    services: ['traefik'],
    want: ['traefik'],
    doubted: [],
  },
  {
    name: 'and of two none',
    bindings: undefined,
    services: ['mallory', 'traefik'],
    want: [],
    doubted: ['mallory', 'traefik'],
  },
]

suite('which objects with the label of Traefik are believed', () => {
  for (const { name, bindings, services, want, doubted } of ROWS) {
    test(name, async () => {
      const cluster = {
        clusterrolebindings: bindings ?? [],
        services: services.map(service),
      }
      const client = clusterClient(cluster, bindings === undefined ? FORBIDDEN : {})
      const found = await appObjects(client, 'traefik', [RESOURCES.services])
      assert.deepEqual(found, { objects: want.map(service), doubted })
    })
  }
})

test('the operator’s address counts before any Service', async () => {
  const cluster = { clusterrolebindings: [binding('traefik')], services: [service('traefik')] }
  const address = { host: '192.0.2.1', port: 443 }
  const place = await traefikPlace(clusterClient(cluster), dns, address)
  assert.deepEqual(place, { addresses: ['192.0.2.1'], doubted: [] })
  assert.deepEqual(await traefikPlace(clusterClient(cluster), dns, undefined), {
    addresses: ['203.0.113.7'],
    doubted: [],
  })
})

test('what is not believed is said', () => {
  assert.equal(doubtNote([]), undefined)
  assert.match(doubtNote(['mallory', 'team']) ?? '', /in mallory, team; --address says/)
})

const nothing = async (): Promise<never[]> => []
const dns = { resolve4: nothing, resolve6: nothing, resolveCname: nothing, resolveCaa: nothing }

function binding(namespace: string): JsonObject {
  return {
    metadata: { name: `traefik-${namespace}` },
    subjects: [{ kind: 'ServiceAccount', name: 'traefik', namespace }],
  }
}

function service(namespace: string): JsonObject {
  return { metadata: { name: 'traefik', namespace }, spec: { externalIPs: ['203.0.113.7'] } }
}
