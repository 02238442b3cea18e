import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { orphans, type JsonUser } from '../../../plugin/prune/orphans.ts'
import { orphanTable } from '../../../plugin/printers/orphan-table.ts'
import type { JsonObject } from '../../../shared/json/json.ts'
import { parseMeta, type ObjectMeta } from '../../../shared/kube/object.ts'

const SECRET = meta({
  name: 'tls-old-old-example-com',
  annotations: {
    'cert-manager.io/certificate-name': 'cert-old-old-example-com',
    'cert-manager.io/alt-names': 'old.example.com,www.old.example.com',
  },
})
const ITEM = {
  namespace: 'team',
  secret: 'tls-old-old-example-com',
  certificate: 'cert-old-old-example-com',
  domains: ['old.example.com', 'www.old.example.com'],
  creationTimestamp: '2026-03-01T10:00:00Z',
}

const NAMED = { name: 'tls-old-old-example-com' }

const ROWS: readonly {
  readonly name: string
  readonly secret?: ObjectMeta
  readonly certificates?: readonly ObjectMeta[]
  readonly users?: readonly JsonUser[]
  readonly goes: boolean
}[] = [
  { name: 'whose Certificate is gone goes', goes: true },
  {
    name: 'whose Certificate is there stays',
    certificates: [meta({ name: 'cert-old-old-example-com' })],
    goes: false,
  },
  {
    name: 'whose Certificate is there in another namespace goes',
    certificates: [meta({ name: 'cert-old-old-example-com', namespace: 'other' })],
    goes: true,
  },
  {
    name: 'that cert-manager did not issue stays',
    secret: meta({ name: 'tls-old-old-example-com' }),
    goes: false,
  },
  {
    name: 'that cert-manager issued for a Certificate under another name stays',
    secret: issued({ secret: 'tls-old-old-example-com', certificate: 'cert-old-2' }),
    goes: false,
  },
  {
    name: 'whose name a user chose stays',
    secret: issued({ secret: 'shop-tls', certificate: 'shop-tls' }),
    goes: false,
  },
  {
    name: 'that is called like its Certificate stays, also where that begins with tls-',
    secret: issued({ secret: 'tls-shop', certificate: 'tls-shop' }),
    goes: false,
  },
  {
    name: 'that a Middleware shows to an authentication server stays',
    users: [user({ forwardAuth: { tls: { certSecret: 'tls-old-old-example-com' } } })],
    goes: false,
  },
  {
    name: 'that is owned is the garbage collector’s',
    secret: { ...SECRET, ownerReferences: [{ apiVersion: 'v1', kind: 'x', name: 'x', uid: 'x' }] },
    goes: false,
  },
  {
    name: 'that is being deleted is none any more',
    secret: { ...SECRET, deletionTimestamp: '2026-03-01T10:00:00Z' },
    goes: false,
  },
  {
    name: 'in a namespace whose Secrets Gateways of others may name stays',
    users: [user({ spec: { from: [], to: [{ group: '', kind: 'Secret' }] } })],
    goes: false,
  },
  {
    name: 'in a namespace of which they may name another Secret goes',
    users: [user({ spec: { from: [], to: [{ group: '', kind: 'Secret', name: 'other' }] } })],
    goes: true,
  },
  {
    name: 'that they may name stays',
    users: [
      user({ spec: { to: [{ group: '', kind: 'Secret', name: 'tls-old-old-example-com' }] } }),
    ],
    goes: false,
  },
  {
    name: 'that a route names stays',
    users: [user({ routes: [], tls: { secretName: 'tls-old-old-example-com' } })],
    goes: false,
  },
  {
    name: 'that a TLSStore names as its default stays',
    users: [user({ defaultCertificate: { secretName: 'tls-old-old-example-com' } })],
    goes: false,
  },
  {
    name: 'that a TLSStore lists stays',
    users: [user({ certificates: [{ secretName: 'tls-old-old-example-com' }] })],
    goes: false,
  },
  {
    name: 'that a TLSOption trusts stays',
    users: [user({ clientAuth: { secretNames: ['tls-old-old-example-com'] } })],
    goes: false,
  },
  {
    name: 'that another Certificate names stays',
    users: [user({ dnsNames: [], secretName: 'tls-old-old-example-com' })],
    goes: false,
  },
  {
    name: 'that a Pod mounts stays',
    users: [user({ volumes: [{ secret: { secretName: 'tls-old-old-example-com' } }] })],
    goes: false,
  },
  {
    name: 'that a template of Pods mounts stays',
    users: [
      user({ template: { spec: { volumes: [{ projected: { sources: [{ secret: NAMED }] } }] } } }),
    ],
    goes: false,
  },
  {
    name: 'that a ClusterIssuer signs with stays, wherever it is',
    users: [{ ...user({ ca: { secretName: 'tls-old-old-example-com' } }), namespace: '' }],
    goes: false,
  },
  {
    name: 'that a route of another namespace names goes: it means another one',
    users: [{ ...user({ tls: { secretName: 'tls-old-old-example-com' } }), namespace: 'other' }],
    goes: true,
  },
  {
    name: 'whose name is only part of a text goes',
    users: [user({ tls: { secretName: 'tls-old-old-example-com-2' } })],
    goes: true,
  },
]

suite('a Secret', () => {
  for (const { name, secret = SECRET, certificates = [], users = [], goes } of ROWS) {
    test(name, () => {
      const want = goes ? [{ item: ITEM, metadata: secret }] : []
      assert.deepEqual(orphans({ secrets: [secret], certificates, users }), want)
    })
  }
})

test('what a user stores may be as deep as it likes', () => {
  let spec: JsonObject = { secretName: 'tls-old-old-example-com' }
  for (let depth = 0; depth < 100_000; depth++) spec = { spec }
  assert.deepEqual(orphans({ secrets: [SECRET], certificates: [], users: [user(spec)] }), [])
})

test('the table of prune', () => {
  const options = {
    headers: true,
    allNamespaces: true,
    now: new Date('2026-03-13T10:00:00Z'),
    terminal: { columns: Infinity, interactive: false },
  }
  assert.deepEqual(orphanTable([ITEM], options), [
    'NAMESPACE   SECRET                    CERTIFICATE                AGE   DOMAINS',
    'team        tls-old-old-example-com   cert-old-old-example-com   12d   old.example.com, www.old.example.com',
  ])
})

function issued({ secret, certificate }: { secret: string; certificate: string }): ObjectMeta {
  return meta({ name: secret, annotations: { 'cert-manager.io/certificate-name': certificate } })
}

function user(spec: JsonObject): JsonUser {
  return { namespace: 'team', spec }
}

function meta(fields: JsonObject): ObjectMeta {
  const parsed = parseMeta({
    namespace: 'team',
    creationTimestamp: '2026-03-01T10:00:00Z',
    ...fields,
  })
  assert.ok(parsed)
  return parsed
}
