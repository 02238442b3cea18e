import assert from 'node:assert/strict'
import { test } from 'node:test'
import { statusTable } from '../../../plugin/printers/status-table.ts'
import { structured } from '../../../plugin/printers/structured.ts'
import { tableLines } from '../../../plugin/printers/table.ts'
import { createTerminal, type Terminal } from '../../../plugin/command-line/terminal.ts'
import type { StatusItem } from '../../../plugin/status/report.ts'

const issued: StatusItem = {
  namespace: 'shops',
  kind: 'IngressRoute',
  route: 'shop',
  domain: 'shop.example.com',
  app: 'shop',
  tlsStatus: 'issued',
  state: 'issued',
  reason: null,
  message: null,
  cause: null,
  whatToDo: null,
  certificate: 'cert-shop-shop-example-com',
  secret: 'tls-shop-shop-example-com',
  issuer: 'ClusterIssuer/letsencrypt-prod',
  notAfter: '2026-05-30T11:59:59Z',
  nextRetry: null,
  dnsConfigured: null,
}

const failed: StatusItem = {
  ...issued,
  route: 'blog-of-the-team',
  domain: 'b.example.com',
  tlsStatus: 'failed',
  state: 'rate-limited',
  reason: 'RateLimited',
  message: 'too many certificates',
  certificate: 'cert-b',
  secret: 'tls-b',
  notAfter: null,
  nextRetry: '2026-03-01T12:59:59Z',
}

const pending: StatusItem = {
  ...issued,
  namespace: 'a',
  route: 'new',
  domain: 'new.example.com',
  tlsStatus: 'pending',
  state: 'pending',
  reason: 'NoCertificate',
  message: 'not yet',
  certificate: null,
  secret: null,
  issuer: null,
  notAfter: null,
}

const unmanaged: StatusItem = {
  ...pending,
  route: 'own',
  domain: null,
  tlsStatus: null,
  state: 'unmanaged',
  reason: 'NoHost',
  message: 'no rule names a host',
}

const all = [issued, failed, pending, unmanaged]
const file = { interactive: false, columns: Infinity }

type Options = Partial<Parameters<typeof statusTable>[1]>

test('status --dns has a column for what DNS says', () => {
  const dns = [true, false, null].map((dnsConfigured) => ({ ...issued, dnsConfigured }))
  const options = { now: new Date('2026-03-01T12:00:00Z'), terminal: file, headers: true }
  assert.deepEqual(
    statusTable(dns, { ...options, wide: false, allNamespaces: false, dns: true }).map((line) =>
      line.split(/ {3,}/).slice(0, 5).join('|'),
    ),
    [
      'ROUTE|DOMAIN|STATUS|DNS|EXPIRES',
      'shop|shop.example.com|issued|ok|89d',
      'shop|shop.example.com|issued|wrong|89d',
      'shop|shop.example.com|issued|?|89d',
    ],
  )
})

const goldens: readonly {
  readonly name: string
  readonly items: readonly StatusItem[]
  readonly options?: Options
  readonly want: readonly string[]
}[] = [
  {
    name: 'columns are as wide as their widest cell, and no line ends in spaces',
    items: all,
    want: [
      'ROUTE              DOMAIN             STATUS                  EXPIRES   NEXT TRY   MESSAGE',
      'shop               shop.example.com   issued                  89d       -',
      'blog-of-the-team   b.example.com      failed (rate-limited)   -         59m        too many certificates',
      'new                new.example.com    pending                 -         -          not yet',
      'own                -                  unmanaged               -         -          no rule names a host',
    ],
  },
  {
    name: '--no-headers leaves the heads out, and their width',
    items: [{ ...issued, message: 'fine' }],
    options: { headers: false },
    want: ['shop   shop.example.com   issued   89d   -   fine'],
  },
  {
    name: '-A shows the namespace first',
    items: [issued, pending],
    options: { allNamespaces: true },
    want: [
      'NAMESPACE   ROUTE   DOMAIN             STATUS    EXPIRES   NEXT TRY   MESSAGE',
      'shops       shop    shop.example.com   issued    89d       -',
      'a           new     new.example.com    pending   -         -          not yet',
    ],
  },
  {
    name: '-o wide shows Certificate, Secret, issuer and reason',
    items: [failed, pending],
    options: { wide: true },
    want: [
      'ROUTE              DOMAIN            STATUS                  EXPIRES   NEXT TRY   CERTIFICATE   SECRET   ISSUER                           REASON          MESSAGE',
      'blog-of-the-team   b.example.com     failed (rate-limited)   -         59m        cert-b        tls-b    ClusterIssuer/letsencrypt-prod   RateLimited     too many certificates',
      'new                new.example.com   pending                 -         -          -             -        -                                NoCertificate   not yet',
    ],
  },
  {
    name: 'on a terminal the status has its colour, and padding has none',
    items: all,
    options: { terminal: { interactive: true, columns: 200 }, headers: false },
    want: [
      'shop               shop.example.com   \u001B[32missued\u001B[0m                  89d   -',
      'blog-of-the-team   b.example.com      \u001B[31mfailed (rate-limited)\u001B[0m   -     59m   too many certificates',
      'new                new.example.com    \u001B[33mpending\u001B[0m                 -     -     not yet',
      'own                -                  \u001B[2munmanaged\u001B[0m               -     -     no rule names a host',
    ],
  },
  {
    name: 'on a terminal a long message is cut to the line',
    items: [failed],
    options: { terminal: { interactive: false, columns: 90 }, headers: false },
    want: [
      'blog-of-the-team   b.example.com   failed (rate-limited)   -   59m   too many certificates',
    ],
  },
  {
    name: 'by one character if need be',
    items: [failed],
    options: { terminal: { interactive: false, columns: 89 }, headers: false },
    want: [
      'blog-of-the-team   b.example.com   failed (rate-limited)   -   59m   too many certificat…',
    ],
  },
  {
    name: 'but twenty characters of it are always shown',
    items: [failed],
    options: { terminal: { interactive: false, columns: 30 }, headers: false },
    want: [
      'blog-of-the-team   b.example.com   failed (rate-limited)   -   59m   too many certificat…',
    ],
  },
  {
    name: 'never within a character',
    items: [{ ...failed, message: 'eighteen of these 🎉🎉' }],
    options: { terminal: { interactive: false, columns: 30 }, headers: false },
    want: [
      'blog-of-the-team   b.example.com   failed (rate-limited)   -   59m   eighteen of these …',
    ],
  },
  {
    name: 'control characters never get through, and do not shift what follows',
    items: [
      {
        ...failed,
        route: 'r\u001B[31m',
        domain: '\u009B2Jd\u202E\u{E0001}',
        message: 'a\nb\r\u0007c\u2028d\u200B',
      },
      pending,
    ],
    options: { terminal: { interactive: true, columns: 200 }, headers: false },
    want: [
      'r?[31m   ?2Jd??            \u001B[31mfailed (rate-limited)\u001B[0m   -   59m   a?b??c?d?',
      'new      new.example.com   \u001B[33mpending\u001B[0m                 -   -     not yet',
    ],
  },
]

for (const { name, items, options, want } of goldens) {
  test(name, () => assert.deepEqual(table(items, options), want))
}

const distances: readonly (readonly [string, string])[] = [
  ['2026-03-03T12:00:00Z', '2d'],
  ['2026-03-03T11:59:59Z', '1d'],
  ['2026-03-02T12:00:00Z', '1d'],
  ['2026-03-02T11:59:59Z', '23h'],
  ['2026-03-01T13:00:00Z', '1h'],
  ['2026-03-01T12:59:59Z', '59m'],
  ['2026-03-01T12:00:59Z', '59s'],
  ['2026-03-01T12:00:00Z', 'now'],
  ['2026-02-01T12:00:00Z', 'now'],
]

for (const [nextRetry, want] of distances) {
  test(`at noon the next try at ${nextRetry} is ${want}`, () => {
    const [row = ''] = table([{ ...failed, nextRetry }], { headers: false })
    assert.equal(row.split(/ {2,}/)[4], want)
  })
}

const streams: readonly {
  readonly name: string
  readonly tty: boolean
  readonly columns?: number
  readonly env?: Readonly<Record<string, string>>
  readonly want: Pick<Terminal, 'interactive' | 'columns'>
}[] = [
  { name: 'a terminal', tty: true, columns: 100, want: { interactive: true, columns: 100 } },
  { name: 'a terminal of no known width', tty: true, want: { interactive: true, columns: 80 } },
  { name: 'a pipe', tty: false, want: { interactive: false, columns: Infinity } },
  {
    name: 'a terminal with NO_COLOR',
    tty: true,
    columns: 100,
    env: { NO_COLOR: '1' },
    want: { interactive: false, columns: 100 },
  },
  {
    name: 'a terminal with an empty NO_COLOR',
    tty: true,
    columns: 100,
    env: { NO_COLOR: '' },
    want: { interactive: true, columns: 100 },
  },
  {
    name: 'a dumb terminal',
    tty: true,
    columns: 100,
    env: { TERM: 'dumb' },
    want: { interactive: false, columns: 100 },
  },
]

for (const { name, tty, columns, env = {}, want } of streams) {
  test(`colours and width of ${name}`, () => {
    const stream = { write: () => true, isTTY: tty, ...(columns === undefined ? {} : { columns }) }
    const { interactive, columns: width } = createTerminal({ stdout: stream, stderr: stream, env })
    assert.deepEqual({ interactive, columns: width }, want)
  })
}

test('columns stand below each other whatever letters there are, and a line ends where the terminal does', () => {
  const rows = ['ab', '漢字', 'e\u0301', '😀'].map((text) => [
    { text },
    { text: '漢字'.repeat(20) },
  ])
  const lines = tableLines({ heads: ['NAME', 'TEXT'], rows }, { interactive: false, columns: 40 })
  const end = `${'漢字'.repeat(8)}…`
  assert.deepEqual(lines, [
    'NAME   TEXT',
    `ab     ${end}`,
    `漢字   ${end}`,
    `e\u0301      ${end}`,
    `😀     ${end}`,
  ])
})

test('a text that is longer than any name stands out of its column, and widens no other line', () => {
  const longest = 'x'.repeat(300)
  const rows = [longest, 'y'.repeat(301), 'z'].map((text) => [{ text }, { text: 'end' }])
  const lines = tableLines({ heads: [], rows }, { interactive: false, columns: 400 })
  assert.deepEqual(lines, [
    `${longest}   end`,
    `${'y'.repeat(301)}   end`,
    `z${' '.repeat(302)}end`,
  ])
})

const hostile = { text: 'a\u001B[31m\u009B2J\u007F\u2028\nb' }

test('JSON escapes every control character, and says the same', () => {
  const json = structured(hostile, 'json')
  assert.equal(json, '{\n  "text": "a\\u001b[31m\\u009b2J\\u007f\\u2028\\nb"\n}\n')
  assert.deepEqual(JSON.parse(json), hostile)
})

test('YAML does too', () => {
  assert.equal(structured(hostile, 'yaml'), 'text: "a\\e[31m\\x9B2J\\x7F\\L\\nb"\n')
})

function table(items: readonly StatusItem[], options: Options = {}): readonly string[] {
  const now = new Date('2026-03-01T12:00:00Z')
  const plain = {
    now,
    terminal: file,
    headers: true,
    wide: false,
    allNamespaces: false,
    dns: false,
  }
  return statusTable(items, { ...plain, ...options })
}
