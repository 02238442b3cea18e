import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { parseDnsName } from '../../../shared/names/dns-name.ts'
import {
  certificateNames,
  type CertificateNames,
  isContractSecret,
  namesBeside,
} from '../../../shared/names/names.ts'
import { dnsName } from '../../fixtures/routes.ts'

const a = (count: number): string => 'a'.repeat(count)

type Row = {
  readonly name: string
  readonly app: string
  readonly host: string
  readonly want: CertificateNames
}

const rows: readonly Row[] = [
  {
    name: 'app and host are joined, dots become dashes',
    app: 'app-123',
    host: 'blog.example.com',
    want: {
      certificate: 'cert-app-123-blog-example-com',
      secret: 'tls-app-123-blog-example-com',
    },
  },
  {
    name: 'the star of a wildcard becomes a word',
    app: 'shop',
    host: '*.example.com',
    want: {
      certificate: 'cert-shop-wildcard-example-com',
      secret: 'tls-shop-wildcard-example-com',
    },
  },
  {
    name: 'the dots of an app stay',
    app: 'v1.shop',
    host: 'localhost',
    want: { certificate: 'cert-v1.shop-localhost', secret: 'tls-v1.shop-localhost' },
  },
  {
    name: 'a stem of 239 characters stays whole',
    app: a(222),
    host: 'shop.example.com',
    want: {
      certificate: `cert-${a(222)}-shop-example-com`,
      secret: `tls-${a(222)}-shop-example-com`,
    },
  },
  {
    name: 'a stem of 240 characters is cut to 239, and ends in the hash of all of it',
    app: a(223),
    host: 'shop.example.com',
    want: {
      certificate: `cert-${a(223)}-shop-example-co-c03cc5a2`,
      secret: `tls-${a(223)}-shop-example-co-c03cc5a2`,
    },
  },
  {
    name: 'a host that is cut away still counts in the hash',
    app: a(253),
    host: '*.shop.example.com',
    want: {
      certificate: `cert-${a(239)}-c8f11e02`,
      secret: `tls-${a(239)}-c8f11e02`,
    },
  },
  {
    name: 'a dot before the hash goes, since no label starts with a dash',
    app: `${a(238)}.b`,
    host: 'shop.example.com',
    want: {
      certificate: `cert-${a(238)}-b05c35a1`,
      secret: `tls-${a(238)}-b05c35a1`,
    },
  },
]

for (const { name, app, host, want } of rows) {
  test(name, () => assert.deepEqual(certificateNames(app, dnsName(host)), want))
}

const names = (stem: string): CertificateNames => ({
  certificate: `cert-${stem}`,
  secret: `tls-${stem}`,
})

test('where a host’s plain names are another’s, its own end in a hash of app and host', () => {
  const [first, second] = namesBeside('shop-x', dnsName('example.com'))
  assert.deepEqual(first, names('shop-x-example-com-9a7638b2'))
  assert.deepEqual(second, names('shop-x-example-com-8dc29ded'))
  const [long] = namesBeside(a(253), dnsName('example.com'))
  assert.equal(long?.certificate.length, 'cert-'.length + 239 + '-12345678'.length)
})

test('hosts that differ only in dots and dashes, or in where the app ends, share their names', () => {
  const shared = certificateNames('a', dnsName('b-c.com'))
  assert.deepEqual(certificateNames('a', dnsName('b.c.com')), shared)
  assert.deepEqual(certificateNames('a-b', dnsName('c.com')), shared)
})

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/)
const host = fc
  .tuple(fc.constantFrom('', '*.'), fc.array(label, { minLength: 1, maxLength: 6 }))
  .map(([star, labels]) => `${star}${labels.join('.')}`)
  // Too long, or by chance an address such as 0.0.0.0.
  .filter((text) => parseDnsName(text).kind === 'name')
const app = fc
  .array(fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,248}[a-z0-9])?$/), { minLength: 1, maxLength: 6 })
  .map((labels) => labels.join('.'))
  .filter((text) => text.length <= 253)

test('any app and host give names that Kubernetes takes, with one stem', () => {
  const subdomain = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/
  fc.assert(
    fc.property(app, host, (app, host) => {
      const { certificate, secret } = certificateNames(app, dnsName(host))
      assert.match(certificate, subdomain)
      assert.ok(certificate.length <= 253, `${certificate.length} characters`)
      assert.equal(certificate.replace(/^cert-/, ''), secret.replace(/^tls-/, ''))
      assert.ok(isContractSecret(secret, certificate))
    }),
  )
})
