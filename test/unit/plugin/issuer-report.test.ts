import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { issuerItem, usedIssuers, type IssuerItem } from '../../../plugin/issuer/issuer-report.ts'
import { issuerTable } from '../../../plugin/printers/issuer-table.ts'
import type { Lookup } from '../../../shared/kube/kube-client.ts'
import { certificate, condition } from '../../fixtures/certificates.ts'

const SHOP = certificate()
const BLOG = certificate({}, { namespace: 'other' }, { dnsNames: ['blog.example.com'] })
const INTERNAL = certificate(
  {},
  {},
  { dnsNames: ['db.internal'], issuerRef: { name: 'internal-ca', kind: 'Issuer' } },
)

const ACME = {
  spec: { acme: { server: 'https://acme.example/dir', email: 'admin@example.com' } },
  status: {
    acme: { uri: 'https://acme.example/acct/1' },
    conditions: [condition('Ready', 'True', { reason: 'ACMEAccountRegistered' })],
  },
}

const READY: IssuerItem = {
  kind: 'ClusterIssuer',
  namespace: null,
  name: 'letsencrypt-prod',
  group: 'cert-manager.io',
  ready: true,
  reason: 'ACMEAccountRegistered',
  message: null,
  type: 'acme',
  server: 'https://acme.example/dir',
  account: 'https://acme.example/acct/1',
  email: 'admin@example.com',
  domains: ['blog.example.com', 'shop.example.com'],
}
const UNKNOWN = {
  ...READY,
  ready: null,
  type: null,
  server: null,
  account: null,
  email: null,
  domains: ['shop.example.com'],
}

test('the issuers that Certificates use: a ClusterIssuer once, an Issuer for each namespace', () => {
  assert.deepEqual(usedIssuers([SHOP, INTERNAL, BLOG]), [
    { ref: SHOP.spec.issuerRef, namespace: null, certificates: [SHOP, BLOG] },
    { ref: INTERNAL.spec.issuerRef, namespace: 'team', certificates: [INTERNAL] },
  ])
})

test('one that is Ready, with its account and domains', () => {
  const [used] = usedIssuers([SHOP, BLOG])
  assert.ok(used)
  assert.deepEqual(issuerItem(used, { kind: 'found', object: ACME }), READY)
})

const ROWS: readonly {
  readonly name: string
  readonly lookup: Lookup
  readonly want: Partial<IssuerItem>
}[] = [
  {
    name: 'one whose account could not be registered says why',
    lookup: {
      kind: 'found',
      object: {
        spec: { acme: { server: 'https://acme.example/dir' } },
        status: {
          conditions: [
            condition('Ready', 'False', {
              reason: 'ErrRegisterACMEAccount',
              message: 'Failed to register ACME account: no such host',
            }),
          ],
        },
      },
    },
    want: {
      ready: false,
      reason: 'ErrRegisterACMEAccount',
      message: 'Failed to register ACME account: no such host',
      type: 'acme',
      server: 'https://acme.example/dir',
    },
  },
  {
    name: 'one that cert-manager has not looked at',
    lookup: { kind: 'found', object: { spec: { ca: { secretName: 'ca' } } } },
    want: {
      ready: false,
      reason: 'NotBegun',
      message: 'cert-manager has not looked at it yet; is it running?',
      type: 'ca',
    },
  },
  {
    name: 'one that is not there',
    lookup: { kind: 'missing' },
    want: {
      ready: false,
      reason: 'NotFound',
      message:
        'there is no ClusterIssuer letsencrypt-prod: create it, and the domains go on by themselves',
    },
  },
  {
    name: 'one that may not be read',
    lookup: { kind: 'forbidden', message: 'clusterissuers is forbidden' },
    want: {
      reason: 'Forbidden',
      message: 'you are not allowed to read it: clusterissuers is forbidden',
    },
  },
]

suite('an issuer', () => {
  for (const { name, lookup, want } of ROWS) {
    test(name, () => {
      const [used] = usedIssuers([SHOP])
      assert.ok(used)
      assert.deepEqual(issuerItem(used, lookup), { ...UNKNOWN, ...want })
    })
  }
})

test('an issuer of somebody else’s kind is not looked for', () => {
  const issuerRef = { name: 'lb', kind: 'PrivateIssuer', group: 'issuers.example.net' }
  const [used] = usedIssuers([certificate({}, {}, { issuerRef })])
  assert.ok(used)
  assert.deepEqual(issuerItem(used, undefined), {
    ...UNKNOWN,
    ...issuerRef,
    namespace: 'team',
    reason: 'External',
    message: 'it is of issuers.example.net, not of cert-manager',
  })
})

suite('the table of issuers', () => {
  const terminal = { columns: Infinity, interactive: false }

  test('without a word where all are well', () => {
    assert.deepEqual(issuerTable([READY], { wide: false, headers: true, terminal }), [
      'ISSUER                           READY   SERVER                     ACCOUNT             DOMAINS',
      'ClusterIssuer/letsencrypt-prod   True    https://acme.example/dir   admin@example.com   blog.example.com and 1 more',
    ])
  })

  test('wide, with all domains and the account’s address', () => {
    assert.deepEqual(issuerTable([READY], { wide: true, headers: false, terminal }), [
      'ClusterIssuer/letsencrypt-prod   True   https://acme.example/dir   https://acme.example/acct/1   blog.example.com, shop.example.com',
    ])
  })

  test('with the namespaces of Issuers, and what is wrong', () => {
    const bad: IssuerItem = {
      ...UNKNOWN,
      kind: 'Issuer',
      namespace: 'team',
      ready: false,
      reason: 'NotFound',
      message: 'create it',
    }
    assert.deepEqual(issuerTable([bad], { wide: false, headers: true, terminal }), [
      'NAMESPACE   ISSUER                    READY              SERVER   ACCOUNT   DOMAINS            MESSAGE',
      'team        Issuer/letsencrypt-prod   False (NotFound)   -        -         shop.example.com   create it',
    ])
  })
})
