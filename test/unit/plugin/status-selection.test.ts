import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { statusSummary } from '../../../plugin/printers/status-summary.ts'
import type { StatusItem } from '../../../plugin/status/report.ts'
import { selectItems } from '../../../plugin/status/status-selection.ts'
import { FAILED, ISSUED, PENDING, UNMANAGED } from '../../fixtures/status-items.ts'

const OPTED_OUT: StatusItem = { ...UNMANAGED, route: 'own', domain: null, reason: 'OptedOut' }
const OLD: StatusItem = { ...OPTED_OUT, route: 'old', reason: 'OlderThanTlsauto' }
const EXPIRED: StatusItem = {
  ...FAILED,
  domain: 'expired.example.com',
  state: 'expired',
  notAfter: '2026-02-01T12:00:00Z',
}
const RENEWAL: StatusItem = { ...ISSUED, domain: 'a.example.com', state: 'renew-failing' }
const SOONER: StatusItem = {
  ...RENEWAL,
  domain: 'b.example.com',
  notAfter: '2026-03-02T12:00:00Z',
}

const ALL = [ISSUED, RENEWAL, SOONER, PENDING, FAILED, EXPIRED, UNMANAGED, OPTED_OUT, OLD]
const NOTHING = { names: [], routes: undefined, problems: false, all: false }

const ROWS: readonly {
  readonly name: string
  readonly wanted: Partial<Parameters<typeof selectItems>[1]>
  readonly want: readonly StatusItem[]
}[] = [
  {
    name: 'all but what is left alone on purpose',
    wanted: {},
    want: ALL.filter((item) => item !== OPTED_OUT),
  },
  { name: '--all: that too', wanted: { all: true }, want: ALL },
  {
    name: '--problems: what needs a look, the worst first, then by its end',
    wanted: { problems: true },
    want: [EXPIRED, FAILED, SOONER, RENEWAL],
  },
  {
    name: 'what is named is shown, also if it is left alone',
    wanted: { names: ['own'] },
    want: [OPTED_OUT],
  },
  {
    name: 'domains, in capitals too',
    wanted: { names: ['NEW.example.com', 'expired.example.com'] },
    want: [PENDING, EXPIRED],
  },
  {
    name: 'the routes that a selector has chosen',
    wanted: { routes: new Set(['IngressRoute team/old', 'IngressRoute other/shop']) },
    want: [OLD],
  },
]

suite('what status shows', () => {
  for (const { name, wanted, want } of ROWS) {
    test(name, () => assert.deepEqual(selectItems(ALL, { ...NOTHING, ...wanted }).shown, want))
  }

  test('a name must mean something', () => {
    assert.throws(() => selectItems(ALL, { ...NOTHING, names: ['nope'] }), {
      message: 'no route or domain is called nope here; try -A, or -n NAMESPACE',
    })
  })
})

const SUMMARIES: readonly (readonly [
  wanted: Partial<Parameters<typeof selectItems>[1]>,
  items: readonly StatusItem[],
  want: string,
])[] = [
  [
    {},
    ALL,
    '6 domains: 3 issued, 1 pending, 2 failed; 4 to look at (--problems); 3 left alone (--all shows why)',
  ],
  [
    { all: true },
    ALL,
    '6 domains: 3 issued, 1 pending, 2 failed; 4 to look at (--problems); 3 left alone',
  ],
  [{}, [ISSUED], '1 domain: 1 issued'],
  [{ problems: true }, [ISSUED, PENDING], '2 domains: 1 issued, 1 pending'],
  [{}, [OPTED_OUT], '0 domains; 1 left alone (--all shows why)'],
]

suite('the line below the table', () => {
  for (const [wanted, items, want] of SUMMARIES) {
    test(want, () => {
      assert.equal(statusSummary(selectItems(items, { ...NOTHING, ...wanted })), want)
    })
  }
})
