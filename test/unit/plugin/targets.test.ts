import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { StatusItem } from '../../../plugin/status/report.ts'
import {
  failedTargets,
  targetsOf,
  type Purpose,
  type Target,
} from '../../../plugin/reissue/targets.ts'
import { FAILED, ISSUED, PENDING } from '../../fixtures/status-items.ts'

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

const LIMITED: StatusItem = {
  ...FAILED,
  state: 'rate-limited',
  reason: 'RateLimited',
  message: 'too many certificates, retry after 2026-03-01 14:00:00 UTC: see the documentation',
}

const RECREATE: Purpose = {
  purpose: 'recreate',
  force: false,
  now: new Date('2026-03-01T12:00:00Z'),
}
const RENEW: Purpose = { ...RECREATE, purpose: 'renew' }
const FORCE: Purpose = { ...RECREATE, force: true }

const FOUND: readonly {
  readonly name: string
  readonly items?: readonly StatusItem[]
  readonly names: readonly string[]
  readonly purpose?: Purpose
  readonly want: readonly Target[]
}[] = [
  { name: 'a domain', names: ['shop.example.com'], want: [REPAIR] },
  { name: 'a domain in capitals', names: ['Shop.Example.COM'], want: [REPAIR] },
  { name: 'a Certificate', names: ['cert-shop-shop-example-com'], want: [REPAIR] },
  { name: 'a route means those of its hosts that failed', names: ['shop'], want: [REPAIR] },
  { name: 'one that is meant twice is one', names: ['shop', 'shop.example.com'], want: [REPAIR] },
  { name: 'without a name those of all items that need repair', names: [], want: [REPAIR] },
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
  {
    name: 'one under a rate limit is left alone until that is over',
    items: [LIMITED],
    names: ['shop'],
    want: [
      {
        ...REPAIR,
        refusal:
          'shop.example.com is rate-limited (too many certificates, retry after 2026-03-01 14:00:00 UTC: see the documentation): a try now would only be refused; --force tries all the same',
      },
    ],
  },
  {
    name: 'and then repaired',
    items: [LIMITED],
    names: ['shop'],
    purpose: { ...RECREATE, now: new Date('2026-03-01T14:00:00Z') },
    want: [REPAIR],
  },
  {
    name: 'or when forced',
    items: [LIMITED],
    names: ['shop'],
    purpose: FORCE,
    want: [REPAIR],
  },
  {
    name: 'a limit whose end nobody tells holds',
    items: [{ ...LIMITED, message: 'paused' }],
    names: ['shop'],
    want: [
      {
        ...REPAIR,
        refusal:
          'shop.example.com is rate-limited (paused): a try now would only be refused; --force tries all the same',
      },
    ],
  },
  {
    name: 'so is a renewal under a rate limit',
    items: [{ ...LIMITED, tlsStatus: 'issued', state: 'renew-failing' }],
    names: ['shop'],
    purpose: RENEW,
    want: [
      {
        ...REPAIR,
        refusal:
          'shop.example.com is renew-failing (too many certificates, retry after 2026-03-01 14:00:00 UTC: see the documentation): a try now would only be refused; --force tries all the same',
      },
    ],
  },
  {
    name: 'one that is stuck goes on by itself',
    items: [{ ...PENDING, state: 'stuck', message: 'no such host' }],
    names: ['new.example.com'],
    want: [
      {
        namespace: 'team',
        name: 'cert-shop-new-example-com',
        refusal:
          'new.example.com is stuck (no such host): fix what it waits for, and it goes on by itself; --force starts again',
      },
    ],
  },
  {
    name: 'what is issued is renewed',
    names: ['www.example.com'],
    purpose: RENEW,
    want: [{ namespace: 'team', name: 'cert-shop-www-example-com', refusal: undefined }],
  },
  {
    name: 'what is under way is not renewed',
    items: [{ ...ISSUED, state: 'renewing' }],
    names: ['www.example.com'],
    purpose: RENEW,
    want: [
      {
        namespace: 'team',
        name: 'cert-shop-www-example-com',
        refusal:
          'www.example.com is renewing: it is under way; kubectl tlsauto status --watch follows it',
      },
    ],
  },
]

suite('the Certificates that a name means', () => {
  for (const { name, items, names, purpose, want } of FOUND) {
    test(name, () => {
      const targets = targetsOf(items ?? [FAILED, ISSUED, UNMADE], names, purpose ?? RECREATE)
      assert.deepEqual(targets, want)
    })
  }
})

suite('the Certificates that have failed', () => {
  const expired: StatusItem = {
    ...FAILED,
    route: 'blog',
    state: 'expired',
    certificate: 'cert-blog-blog-example-com',
  }
  const stuck: StatusItem = { ...PENDING, state: 'stuck' }
  const all = [FAILED, { ...FAILED, route: 'twin' }, expired, ISSUED, PENDING, stuck, UNMADE]
  const blog: Target = { ...REPAIR, name: 'cert-blog-blog-example-com' }

  test('of all domains, each once', () => {
    assert.deepEqual(failedTargets(all, [], RECREATE), [REPAIR, blog])
  })

  test('of a route', () => {
    assert.deepEqual(failedTargets(all, ['blog'], RECREATE), [blog])
  })

  test('in several namespaces at once', () => {
    const other = { ...FAILED, namespace: 'other' }
    assert.deepEqual(failedTargets([FAILED, other], [], RECREATE), [
      REPAIR,
      { ...REPAIR, namespace: 'other' },
    ])
  })
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
    message: 'blog has no Certificate to issue again: opted out',
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
      assert.throws(() => targetsOf(items, [named], RECREATE), { message })
    })
  }
})
