import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createTcpServer, type Server } from 'node:net'
import { test } from 'node:test'
import { resolveCaa, resolveName, type DnsClient } from '../../../plugin/probe/dns.ts'
import { endpointsOf, endpointText, parseEndpoint } from '../../../plugin/probe/endpoint.ts'
import { probeHttp } from '../../../plugin/probe/http.ts'
import { probeTls } from '../../../plugin/probe/tls.ts'
import { UsageError } from '../../../plugin/command-line/usage-error.ts'

const REFUSED = 'connect ECONNREFUSED'

type Zone = { readonly a?: Answer; readonly aaaa?: Answer; readonly cname?: Answer }
type Answer = readonly string[] | string

/** A DNS server that answers each name alike: records, or an error's code. */
function client({ a = 'ENODATA', aaaa = 'ENODATA', cname = 'ENODATA' }: Zone): DnsClient {
  return {
    resolve4: async () => answer(a),
    resolve6: async () => answer(aaaa),
    resolveCname: async () => answer(cname),
    resolveCaa: async (name) => {
      if (name === 'example.com') return [{ critical: 0, issue: 'pki.example' }]
      throw Object.assign(new Error(name), { code: 'ENODATA' })
    },
  }
}

async function answer(records: Answer): Promise<readonly string[]> {
  if (typeof records === 'string') throw Object.assign(new Error(records), { code: records })
  return records
}

const answers: readonly (readonly [string, Zone, unknown])[] = [
  [
    'an IPv4 and an IPv6 address',
    { a: ['192.0.2.1'], aaaa: ['2001:db8::1'] },
    { kind: 'found', addresses: ['192.0.2.1', '2001:db8::1'], alias: null },
  ],
  [
    'an alias',
    { a: ['192.0.2.1'], cname: ['lb.example.net'] },
    { kind: 'found', addresses: ['192.0.2.1'], alias: 'lb.example.net' },
  ],
  [
    'IPv4 while IPv6 fails',
    { a: ['192.0.2.1'], aaaa: 'ESERVFAIL' },
    { kind: 'found', addresses: ['192.0.2.1'], alias: null },
  ],
  [
    'no such name',
    { a: 'ENOTFOUND', aaaa: 'ENOTFOUND', cname: 'ENOTFOUND' },
    { kind: 'missing', code: 'NXDOMAIN' },
  ],
  ['a name without addresses', {}, { kind: 'missing', code: 'NODATA' }],
  ['servers that fail', { a: 'ESERVFAIL' }, { kind: 'failed', code: 'SERVFAIL' }],
  [
    'a server that is silent',
    { a: 'ETIMEOUT', aaaa: 'ETIMEOUT' },
    { kind: 'silent', code: 'TIMEOUT' },
  ],
]

for (const [name, zone, want] of answers) {
  test(`DNS: ${name}`, async () => {
    assert.deepEqual(await resolveName(client(zone), 'shop.example.com'), want)
  })
}

test('CAA records are looked for up the tree', async () => {
  assert.deepEqual(await resolveCaa(client({}), '*.shop.example.com'), [
    { at: 'example.com', tag: 'issue', value: 'pki.example' },
  ])
  assert.deepEqual(await resolveCaa(client({}), 'example.net'), [])
})

const endpoints: readonly (readonly [text: string, want: string | undefined])[] = [
  ['shop.example.com', 'shop.example.com:443'],
  ['shop.example.com:8443', 'shop.example.com:8443'],
  ['192.0.2.1', '192.0.2.1:443'],
  ['2001:db8::1', '[2001:db8::1]:443'],
  ['[2001:db8::1]:8443', '[2001:db8::1]:8443'],
  ['a:b', undefined],
  ['a:99999', undefined],
  ['https://a', undefined],
]

for (const [text, want] of endpoints) {
  test(`--address ${text} is ${want ?? 'a mistake'}`, () => {
    if (want === undefined) assert.throws(() => parseEndpoint(text, 443), UsageError)
    else assert.equal(endpointText(parseEndpoint(text, 443)), want)
  })
}

test('plain HTTP: the host that was asked for, the status, the redirect, the first characters', async () => {
  const server = createServer((request, response) => {
    response.writeHead(302, { location: `https://${request.headers.host}${request.url}` })
    response.end('x'.repeat(100_000))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = portOf(server)
  const options = { host: 'shop.example.com', path: '/a', timeout: 1000 }
  assert.deepEqual(await probeHttp({ host: '127.0.0.1', port }, options), {
    kind: 'answered',
    status: 302,
    location: 'https://shop.example.com/a',
    body: 'x'.repeat(512),
  })
  const tls = { name: 'shop.example.com', ca: undefined, timeout: 1000 }
  assert.equal((await probeTls({ host: '127.0.0.1', port }, tls)).kind, 'silent')
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
  const gone = await probeHttp({ host: '127.0.0.1', port }, options)
  assert.deepEqual(gone, { kind: 'silent', error: `${REFUSED} 127.0.0.1:${port}` })
})

test('a server that sends byte by byte holds up no look', async () => {
  const record = Buffer.from([0x16, 0x03, 0x03, 0x40, 0x00, 0x02])
  const server = createTcpServer((socket) => {
    socket.on('error', () => undefined).resume()
    socket.write(record)
    const timer = setInterval(() => socket.write('\0'), 20)
    socket.once('close', () => clearInterval(timer))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const place = { host: '127.0.0.1', port: portOf(server) }
  assert.deepEqual(await probeTls(place, { name: 'x', ca: undefined, timeout: 300 }), {
    kind: 'silent',
    error: 'no answer in time',
  })
  server.close()
})

test('of thousands of addresses a few are looked at', () => {
  const addresses = Array.from({ length: 4000 }, (_, at) => `192.0.2.${at % 256}`)
  const answer = { kind: 'found', addresses, alias: null } as const
  assert.equal(endpointsOf({ address: undefined, answer, traefik: [] }).length, 16)
})

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
