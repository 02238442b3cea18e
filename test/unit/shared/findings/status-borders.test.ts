import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StatusInput } from '../../../../shared/status/status-words.ts'
import { domainStatus, type State } from '../../../../shared/status/status.ts'
import type { JsonObject } from '../../../../shared/json/json.ts'
import {
  certificate,
  challenge,
  condition,
  order,
  request,
} from '../../../fixtures/certificates.ts'

const CREATED = '2026-03-01T10:00:00Z'
const NOON = '2026-03-01T12:00:00Z'

const READY = condition('Ready', 'True', { lastTransitionTime: CREATED })
const NOT_READY = condition('Ready', 'False', { lastTransitionTime: CREATED })
const FAILED = condition('Issuing', 'False', { reason: 'Failed', lastTransitionTime: NOON })

function issuingSince(lastTransitionTime: string): JsonObject {
  return condition('Issuing', 'True', { lastTransitionTime })
}

type Row = {
  readonly name: string
  readonly status: JsonObject
  readonly chain?: Partial<StatusInput>
  readonly want: State
}

const FAILURE = { conditions: [NOT_READY, FAILED], lastFailureTime: NOON }

const rows: readonly Row[] = [
  {
    name: 'under way for five minutes is pending',
    status: { conditions: [NOT_READY, issuingSince('2026-03-01T11:55:00Z')] },
    want: 'pending',
  },
  {
    name: 'a second more is stuck',
    status: { conditions: [NOT_READY, issuingSince('2026-03-01T11:54:59Z')] },
    want: 'stuck',
  },
  {
    name: 'without a try, being not Ready for five minutes is pending, however old it is',
    status: {
      conditions: [{ ...NOT_READY, lastTransitionTime: '2026-03-01T11:55:00Z' }],
    },
    want: 'pending',
  },
  {
    name: 'a second more is stuck, and a try that ended long ago does not count',
    status: {
      conditions: [
        { ...NOT_READY, lastTransitionTime: '2026-03-01T11:54:59Z' },
        condition('Issuing', 'False', { reason: 'Issued', lastTransitionTime: CREATED }),
      ],
    },
    want: 'stuck',
  },
  {
    name: 'a new try after a failure is pending',
    status: { ...FAILURE, conditions: [NOT_READY, issuingSince(NOON)] },
    want: 'pending',
  },
  {
    name: 'a new try after a rate limit is pending',
    status: { ...FAILURE, conditions: [NOT_READY, issuingSince(NOON)] },
    chain: { order: order('errored', '429 urn:ietf:params:acme:error:rateLimited: too many') },
    want: 'pending',
  },
  {
    name: 'a failure before there is a Ready condition is failed',
    status: { ...FAILURE, conditions: [FAILED] },
    want: 'failed',
  },
  {
    name: 'a 429 that gives no type is a rate limit',
    status: FAILURE,
    chain: { order: order('errored', 'Failed to create Order: 429 : Too Many Requests') },
    want: 'rate-limited',
  },
  {
    name: "a 429 of the user's own server is none",
    status: FAILURE,
    chain: { challenges: [challenge('invalid', 'Invalid response from http://a.example: 429')] },
    want: 'failed',
  },
  {
    name: 'neither is a 429 in a name',
    status: FAILURE,
    chain: { challenges: [challenge('invalid', 'no A records for 429.example.com')] },
    want: 'failed',
  },
  {
    name: 'a conflict comes before a rate limit',
    status: FAILURE,
    chain: { rival: 'other', order: order('errored', '429 : too many') },
    want: 'conflict',
  },
  {
    name: 'a rate limit of a renewal comes after what is still good',
    status: { ...FAILURE, conditions: [READY, FAILED] },
    chain: { order: order('errored', '429 : too many') },
    want: 'renew-failing',
  },
  {
    name: 'a certificate is good until the second of its end',
    status: { conditions: [READY], notAfter: '2026-03-01T12:00:01Z' },
    want: 'issued',
  },
  {
    name: 'in that second it is expired',
    status: { conditions: [READY], notAfter: NOON },
    want: 'expired',
  },
  {
    name: 'a renewal is not overdue for an hour',
    status: { conditions: [READY], renewalTime: '2026-03-01T11:00:00Z' },
    want: 'issued',
  },
  {
    name: 'a second more is overdue',
    status: { conditions: [READY], renewalTime: '2026-03-01T10:59:59Z' },
    want: 'renew-failing',
  },
  {
    name: 'an overdue renewal that began within the hour is renewing',
    status: {
      conditions: [READY, issuingSince('2026-03-01T11:00:00Z')],
      renewalTime: '2026-02-01T00:00:00Z',
    },
    want: 'renewing',
  },
  {
    name: 'one that began a second before fails',
    status: {
      conditions: [READY, issuingSince('2026-03-01T10:59:59Z')],
      renewalTime: '2026-02-01T00:00:00Z',
    },
    want: 'renew-failing',
  },
  {
    name: 'Issuing False, as server-side apply leaves it after a success, is issued',
    status: { conditions: [READY, condition('Issuing', 'False', { reason: 'Issued' })] },
    want: 'issued',
  },
]

for (const { name, status, chain, want } of rows) {
  test(name, () => assert.equal(domainStatus({ ...inputWith(status), ...chain }).state, want))
}

const waits: readonly (readonly [number, string])[] = [
  [0, '2026-03-01T13:00:00Z'],
  [1, '2026-03-01T13:00:00Z'],
  [2, '2026-03-01T14:00:00Z'],
  [5, '2026-03-02T04:00:00Z'],
  [6, '2026-03-02T20:00:00Z'],
  [7, '2026-03-02T20:00:00Z'],
  [2000, '2026-03-02T20:00:00Z'],
]

for (const [failedIssuanceAttempts, want] of waits) {
  test(`after ${failedIssuanceAttempts} failures at noon the next try is at ${want}`, () => {
    const status = { ...FAILURE, failedIssuanceAttempts }
    assert.equal(domainStatus(inputWith(status)).nextRetry, want)
  })
}

test('of several failed challenges the first that says why is told', () => {
  const challenges = [
    challenge('valid', 'fine'),
    challenge('invalid', ''),
    challenge('expired', 'it took too long'),
  ]
  const input = { ...inputWith(FAILURE), challenges, order: order('invalid', 'the order') }
  assert.equal(domainStatus(input).message, 'it took too long')
})

test('what waits is told by the challenge, then the order, then the request', () => {
  const pending = condition('Ready', 'False', { reason: 'Pending', message: 'the request' })
  const chain = { request: request(pending), order: order('pending', 'the order') }
  const challenges = [challenge('pending', ''), challenge('pending', 'the challenge')]
  const earlier = { challenges: [challenge('invalid', 'earlier')] }
  assert.deepEqual(
    [
      told({ ...chain, challenges }),
      told({ ...chain, ...earlier }),
      told({ ...chain, ...earlier, order: order('invalid', 'earlier') }),
      told({ ...chain, challenges: [challenge('pending', '')] }),
    ],
    [
      'the challenge',
      'the order',
      'the request',
      'the challenge for shop.example.com is being presented',
    ],
  )
})

function inputWith(status: JsonObject): StatusInput {
  return {
    certificate: certificate(status),
    request: undefined,
    order: undefined,
    challenges: [],
    rival: undefined,
    now: new Date(NOON),
  }
}

function told(chain: Partial<StatusInput>): string | null {
  const status = { conditions: [NOT_READY, issuingSince(NOON)] }
  return domainStatus({ ...inputWith(status), ...chain }).message
}
