import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DnsClient } from '../../../plugin/probe/dns.ts'
import { withDns } from '../../../plugin/status/with-dns.ts'
import { issuedItem } from '../../fixtures/verify-facts.ts'

const ZONE: Readonly<Record<string, readonly string[]>> = {
  'shop.example.com': ['203.0.113.7'],
  'tlsauto-status.wild.example.com': ['203.0.113.7'],
  'elsewhere.example.com': ['198.51.100.1'],
}

async function none(): Promise<never> {
  throw Object.assign(new Error('none'), { code: 'ENODATA' })
}

function client(asked: string[]): DnsClient {
  return {
    resolve4: async (name) => {
      asked.push(name)
      return ZONE[name] ?? none()
    },
    resolve6: none,
    resolveCname: none,
    resolveCaa: none,
  }
}

test('status --dns asks for each name once, and says where it leads', async () => {
  const asked: string[] = []
  const domains = [
    'shop.example.com',
    'shop.example.com',
    '*.wild.example.com',
    'elsewhere.example.com',
    'gone.example.com',
    null,
  ]
  const items = domains.map((domain) => issuedItem({ domain }))
  const answered = await withDns(items, client(asked), ['203.0.113.7'])
  assert.deepEqual(
    answered.map(({ dnsConfigured }) => dnsConfigured),
    [true, true, true, false, false, null],
  )
  assert.deepEqual(asked.sort(), [
    'elsewhere.example.com',
    'gone.example.com',
    'shop.example.com',
    'tlsauto-status.wild.example.com',
  ])
})

test('where Traefik is not known, only a name that is missing says something', async () => {
  const items = ['shop.example.com', 'gone.example.com'].map((domain) => issuedItem({ domain }))
  const answered = await withDns(items, client([]), [])
  assert.deepEqual(
    answered.map(({ dnsConfigured }) => dnsConfigured),
    [null, false],
  )
})
