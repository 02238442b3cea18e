import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { exitCode } from '../../../plugin/status/exit-code.ts'
import type { StatusItem } from '../../../plugin/status/report.ts'
import type { State } from '../../../shared/status/status.ts'

const ROWS: readonly (readonly [State, number])[] = [
  ['issued', 0],
  ['renewing', 0],
  ['pending', 0],
  ['unmanaged', 0],
  ['failed', 1],
  ['expired', 1],
  ['conflict', 1],
  ['rate-limited', 1],
  ['renew-failing', 1],
  ['stuck', 1],
]

suite('the exit code of status', () => {
  for (const [state, want] of ROWS) {
    test(`of a domain that is ${state}, beside one that is issued`, () => {
      assert.equal(exitCode([item('issued'), item(state)]), want)
    })
  }

  test('of none', () => assert.equal(exitCode([]), 0))
})

function item(state: State): StatusItem {
  return {
    namespace: 'team',
    kind: 'IngressRoute',
    route: 'shop',
    domain: 'shop.example.com',
    app: 'shop',
    tlsStatus: null,
    state,
    reason: null,
    message: null,
    cause: null,
    whatToDo: null,
    certificate: null,
    secret: null,
    issuer: null,
    notAfter: null,
    nextRetry: null,
    dnsConfigured: null,
  }
}
