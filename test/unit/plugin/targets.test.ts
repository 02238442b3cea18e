import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { StatusItem } from '../../../plugin/report.ts'
import { targetsOf, type Target } from '../../../plugin/targets.ts'
import { FAILED, ISSUED } from '../../fixtures/status-items.ts'

const UNMADE: StatusItem = {
  ...ISSUED,
  route: 'blog',
  domain: 'blog.example.com',
  tlsStatus: null,
  state: 'unmanaged',
  message: 'opted out',
  certificate: null,
}

const REPAIR: Target = {
  namespace: 'team',
  name: 'cert-shop-shop-example-com',
  refusal: undefined,
}

const FOUND: readonly {
  readonly name: string
  readonly items?: readonly StatusItem[]
  readonly names: readonly string[]
  readonly want: readonly Target[]
}[] = [
  { name: 'a domain', names: ['shop.example.com'], want: [REPAIR] },
  { name: 'a domain in capitals', names: ['Shop.Example.COM'], want: [REPAIR] },
  { name: 'a Certificate', names: ['cert-shop-shop-example-com'], want: [REPAIR] },
  { name: 'a route means those of its hosts that failed', names: ['shop'], want: [REPAIR] },
  { name: 'one that is meant twice is one', names: ['shop', 'shop.example.com'], want: [REPAIR] },
  {
    name: 'what is issued is refused',
    names: ['www.example.com'],
    want: [
      {
        namespace: 'team',
        name: 'cert-shop-www-example-com',
        refusal: 'www.example.com is issued: nothing to repair; it renews by itself',
      },
    ],
  },
  {
    name: 'what two Certificates fight over is refused',
    items: [{ ...FAILED, state: 'conflict', message: 'Certificate b has the same Secret' }],
    names: ['shop'],
    want: [
      {
        ...REPAIR,
        refusal:
          'shop.example.com is conflict (Certificate b has the same Secret): delete one of the two Certificates, or give one another Secret',
      },
    ],
  },
  {
    name: 'a renewal that fails is repaired, while its certificate is still valid',
    items: [{ ...FAILED, tlsStatus: 'issued', state: 'renew-failing' }],
    names: ['shop'],
    want: [REPAIR],
  },
  {
    name: 'one that has expired is repaired',
    items: [{ ...FAILED, state: 'expired' }],
    names: ['shop'],
    want: [REPAIR],
  },
]

suite('the Certificates that a name means', () => {
  for (const { name, items, names, want } of FOUND) {
    test(name, () => {
      assert.deepEqual(targetsOf(items ?? [FAILED, ISSUED, UNMADE], names), want)
    })
  }
})

const REFUSED = [
  {
    name: 'none of that name',
    items: [FAILED],
    named: 'nope',
    message: 'no Certificate, route or domain is called nope here; try -A, or -n NAMESPACE',
  },
  {
    name: 'one that has no Certificate',
    items: [UNMADE],
    named: 'blog',
    message: 'blog has no Certificate to recreate: opted out',
  },
  {
    name: 'one in several namespaces',
    items: [FAILED, { ...FAILED, namespace: 'other' }],
    named: 'shop',
    message: 'shop is in several namespaces (team, other): choose one with -n',
  },
]

suite('a name that means no Certificate, or too many', () => {
  for (const { name, items, named, message } of REFUSED) {
    test(name, () => {
      assert.throws(() => targetsOf(items, [named]), { message })
    })
  }
})
