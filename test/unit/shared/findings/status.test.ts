import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Certificate } from '../../../../shared/certmanager/certificate.ts'
import type { JsonObject } from '../../../../shared/json/json.ts'
import type { StatusInput } from '../../../../shared/status/status-words.ts'
import {
  domainStatus,
  parseCertStatus,
  type DomainStatus,
} from '../../../../shared/status/status.ts'
import {
  certificate,
  challenge,
  condition,
  order,
  request,
} from '../../../fixtures/certificates.ts'

const NOON = '2026-03-01T12:00:00Z'

function ready(status: string): Certificate {
  return certificate({ conditions: [condition('Ready', status)] })
}

suite('parseCertStatus is the projection of Ready', () => {
  const rows = [
    { name: 'True is issued', of: ready('True'), want: 'issued' },
    { name: 'False is failed', of: ready('False'), want: 'failed' },
    { name: 'Unknown is pending', of: ready('Unknown'), want: 'pending' },
    { name: 'no Certificate is pending', of: undefined, want: 'pending' },
    { name: 'no conditions are pending', of: certificate(), want: 'pending' },
    {
      name: 'other conditions do not count',
      of: certificate({ conditions: [condition('Issuing', 'True')], lastFailureTime: NOON }),
      want: 'pending',
    },
  ]
  for (const { name, of, want } of rows) test(name, () => assert.equal(parseCertStatus(of), want))
})

const NOW = new Date('2026-03-01T12:30:00Z')
const LATER = '2026-05-30T12:00:00Z'
const EARLIER = '2026-02-28T12:00:00Z'

const READY = condition('Ready', 'True', { reason: 'Ready' })
const NOT_READY = condition('Ready', 'False', {
  reason: 'DoesNotExist',
  message: 'Issuing certificate as Secret does not exist',
})
const ISSUING = condition('Issuing', 'True', {
  reason: 'DoesNotExist',
  lastTransitionTime: '2026-03-01T12:29:00Z',
})
const ISSUING_LONG = { ...ISSUING, lastTransitionTime: '2026-03-01T12:20:00Z' }
const FAILED = condition('Issuing', 'False', {
  reason: 'Failed',
  message: 'The certificate request has failed to complete and will be retried: order is invalid',
  lastTransitionTime: NOON,
})
const once = { lastFailureTime: NOON, failedIssuanceAttempts: 1 }

const NXDOMAIN =
  'DNS problem: NXDOMAIN looking up A for shop.example.com - check that a DNS record exists'
const DNS_TEXT = `Error accepting authorization: acme: authorization error for shop.example.com: 400 urn:ietf:params:acme:error:dns: ${NXDOMAIN}`
const TOO_MANY =
  'too many certificates (5) already issued for this exact set of identifiers in the last 168h0m0s, retry after 2026-03-02 09:30:00 UTC: see https://letsencrypt.org/docs/rate-limits/'
const LIMIT_TEXT = `Failed to create Order: 429 urn:ietf:params:acme:error:rateLimited: ${TOO_MANY}`

type Row = {
  readonly name: string
  readonly status: JsonObject
  readonly chain?: Partial<StatusInput>
  readonly want: DomainStatus
}

const nothing = { reason: null, message: null, notAfter: null, nextRetry: null }

const ROWS: readonly Row[] = [
  {
    name: 'issued: Ready',
    status: { conditions: [READY], notAfter: LATER },
    want: { ...nothing, tlsStatus: 'issued', state: 'issued', notAfter: LATER },
  },
  {
    name: 'expired: past its notAfter, whatever Ready says',
    status: { conditions: [READY], notAfter: EARLIER },
    want: {
      ...nothing,
      tlsStatus: 'failed',
      state: 'expired',
      reason: 'Expired',
      message: `the certificate expired on ${EARLIER}`,
      notAfter: EARLIER,
    },
  },
  {
    name: 'expired comes before conflict',
    status: { conditions: [NOT_READY], notAfter: EARLIER },
    chain: { rival: 'by-hand' },
    want: {
      ...nothing,
      tlsStatus: 'failed',
      state: 'expired',
      reason: 'Expired',
      message: `the certificate expired on ${EARLIER}`,
      notAfter: EARLIER,
    },
  },
  {
    name: 'conflict: not Ready, and another Certificate has the Secret',
    status: { conditions: [NOT_READY] },
    chain: { rival: 'by-hand' },
    want: {
      ...nothing,
      tlsStatus: 'failed',
      state: 'conflict',
      reason: 'SecretShared',
      message: 'Certificate by-hand has the same Secret tls-shop-shop-example-com',
    },
  },
  {
    name: 'a rival of a certificate that is Ready is no conflict',
    status: { conditions: [READY], notAfter: LATER },
    chain: { rival: 'by-hand' },
    want: { ...nothing, tlsStatus: 'issued', state: 'issued', notAfter: LATER },
  },
  {
    name: 'rate-limited: the next try is when the ACME server says, where that is later',
    status: { conditions: [NOT_READY, FAILED], ...once },
    chain: { order: order('errored', LIMIT_TEXT) },
    want: {
      ...nothing,
      tlsStatus: 'failed',
      state: 'rate-limited',
      reason: 'RateLimited',
      message: TOO_MANY,
      nextRetry: '2026-03-02T09:30:00Z',
    },
  },
  {
    name: 'rate-limited: the next try is when cert-manager tries, where that is later',
    status: { conditions: [NOT_READY, FAILED], ...once, failedIssuanceAttempts: 6 },
    chain: { order: order('errored', LIMIT_TEXT) },
    want: {
      ...nothing,
      tlsStatus: 'failed',
      state: 'rate-limited',
      reason: 'RateLimited',
      message: TOO_MANY,
      nextRetry: '2026-03-02T20:00:00Z',
    },
  },
  {
    name: 'renew-failing: Ready, and the last renewal failed',
    status: { conditions: [READY, FAILED], notAfter: LATER, ...once },
    chain: { challenges: [challenge('invalid', DNS_TEXT)] },
    want: {
      tlsStatus: 'issued',
      state: 'renew-failing',
      reason: 'Dns',
      message: NXDOMAIN,
      notAfter: LATER,
      nextRetry: '2026-03-01T13:00:00Z',
    },
  },
  {
    name: 'renew-failing: Ready, and a renewal met the rate limit',
    status: { conditions: [READY, FAILED], notAfter: LATER, ...once },
    chain: { order: order('errored', LIMIT_TEXT) },
    want: {
      tlsStatus: 'issued',
      state: 'renew-failing',
      reason: 'RateLimited',
      message: TOO_MANY,
      notAfter: LATER,
      nextRetry: '2026-03-02T09:30:00Z',
    },
  },
  {
    name: 'renew-failing: Ready, and the renewal has not begun for more than an hour',
    status: { conditions: [READY], notAfter: LATER, renewalTime: '2026-03-01T11:29:00Z' },
    want: {
      tlsStatus: 'issued',
      state: 'renew-failing',
      reason: 'RenewalOverdue',
      message:
        'its renewal was due at 2026-03-01T11:29:00Z and has not begun; is cert-manager running?',
      notAfter: LATER,
      nextRetry: null,
    },
  },
  {
    name: 'renew-failing: Ready, and the renewal hangs for more than an hour: what it waits for',
    status: {
      conditions: [READY, { ...ISSUING, lastTransitionTime: '2026-03-01T11:29:00Z' }],
      notAfter: LATER,
      renewalTime: '2026-03-01T11:29:00Z',
    },
    chain: { challenges: [challenge('pending', 'wrong status code 404')] },
    want: {
      tlsStatus: 'issued',
      state: 'renew-failing',
      reason: 'ChallengePending',
      message: 'wrong status code 404',
      notAfter: LATER,
      nextRetry: null,
    },
  },
  {
    name: 'renewing: Ready, and a renewal is under way, also after one that failed',
    status: { conditions: [READY, ISSUING], notAfter: LATER, ...once },
    want: { ...nothing, tlsStatus: 'issued', state: 'renewing', notAfter: LATER },
  },
  {
    name: "failed: the ACME server's words about the challenge come first",
    status: { conditions: [NOT_READY, FAILED], ...once },
    chain: {
      request: request(condition('Ready', 'False', { reason: 'Failed', message: 'order failed' })),
      order: order('invalid'),
      challenges: [challenge('invalid', DNS_TEXT)],
    },
    want: {
      ...nothing,
      tlsStatus: 'failed',
      state: 'failed',
      reason: 'Dns',
      message: NXDOMAIN,
      nextRetry: '2026-03-01T13:00:00Z',
    },
  },
  {
    name: "failed: then the Order's",
    status: { conditions: [NOT_READY, FAILED], ...once },
    chain: {
      request: request(condition('Ready', 'False', { reason: 'Failed', message: 'order failed' })),
      order: order('errored', 'Failed to finalize Order: 500'),
    },
    want: {
      ...nothing,
      tlsStatus: 'failed',
      state: 'failed',
      reason: 'Failed',
      message: 'Failed to finalize Order: 500',
      nextRetry: '2026-03-01T13:00:00Z',
    },
  },
  {
    name: "failed: then the CertificateRequest's",
    status: {
      conditions: [NOT_READY, { ...FAILED, reason: 'Denied' }],
      lastFailureTime: NOON,
    },
    chain: {
      request: request(
        condition('Ready', 'False', { reason: 'Denied', message: 'denied by RBAC' }),
      ),
    },
    want: {
      ...nothing,
      tlsStatus: 'failed',
      state: 'failed',
      reason: 'Denied',
      message: 'denied by RBAC',
      nextRetry: '2026-03-01T13:00:00Z',
    },
  },
  {
    name: "failed: and at last the Certificate's own",
    status: { conditions: [NOT_READY, FAILED], ...once },
    want: {
      ...nothing,
      tlsStatus: 'failed',
      state: 'failed',
      reason: 'Failed',
      message:
        'The certificate request has failed to complete and will be retried: order is invalid',
      nextRetry: '2026-03-01T13:00:00Z',
    },
  },
  {
    name: 'failed: the wait doubles with each failure',
    status: { conditions: [NOT_READY, FAILED], ...once, failedIssuanceAttempts: 3 },
    chain: { challenges: [challenge('invalid', DNS_TEXT)] },
    want: {
      ...nothing,
      tlsStatus: 'failed',
      state: 'failed',
      reason: 'Dns',
      message: NXDOMAIN,
      nextRetry: '2026-03-01T16:00:00Z',
    },
  },
  {
    name: 'failed: but never above 32 hours',
    status: { conditions: [NOT_READY, FAILED], ...once, failedIssuanceAttempts: 90 },
    chain: { challenges: [challenge('invalid', DNS_TEXT)] },
    want: {
      ...nothing,
      tlsStatus: 'failed',
      state: 'failed',
      reason: 'Dns',
      message: NXDOMAIN,
      nextRetry: '2026-03-02T20:00:00Z',
    },
  },
  {
    name: 'pending: a new try is under way; what the old one left does not count',
    status: { conditions: [NOT_READY, ISSUING], ...once },
    chain: {
      request: request(condition('Ready', 'False', { reason: 'Failed', message: 'order failed' })),
      order: order('invalid'),
      challenges: [challenge('invalid', DNS_TEXT)],
    },
    want: {
      ...nothing,
      tlsStatus: 'pending',
      state: 'pending',
      reason: 'DoesNotExist',
      message: 'Issuing certificate as Secret does not exist',
    },
  },
  {
    name: 'pending: Ready is False, but nothing has failed yet',
    status: { conditions: [NOT_READY, ISSUING] },
    chain: {
      request: request(
        condition('Approved', 'True'),
        condition('Ready', 'False', { reason: 'Pending', message: 'Created Order resource' }),
      ),
    },
    want: {
      ...nothing,
      tlsStatus: 'pending',
      state: 'pending',
      reason: 'Pending',
      message: 'Created Order resource',
    },
  },
  {
    name: 'stuck: for more than five minutes, on its challenge',
    status: { conditions: [NOT_READY, ISSUING_LONG] },
    chain: { order: order('pending'), challenges: [challenge('pending', 'wrong status code 404')] },
    want: {
      ...nothing,
      tlsStatus: 'pending',
      state: 'stuck',
      reason: 'ChallengePending',
      message: 'wrong status code 404',
    },
  },
  {
    name: 'stuck: on an order for which nobody made a challenge',
    status: { conditions: [NOT_READY, ISSUING_LONG] },
    chain: { order: order('pending') },
    want: {
      ...nothing,
      tlsStatus: 'pending',
      state: 'stuck',
      reason: 'OrderPending',
      message: 'the order is pending and has no challenge yet; has the issuer a solver for it?',
    },
  },
  {
    name: 'stuck: on the approval of its request',
    status: { conditions: [NOT_READY, ISSUING_LONG] },
    chain: { request: request() },
    want: {
      ...nothing,
      tlsStatus: 'pending',
      state: 'stuck',
      reason: 'WaitingForApproval',
      message: 'CertificateRequest cert-shop-shop-example-com-1 waits for approval',
    },
  },
  {
    name: 'stuck: on a Secret that cert-manager does not write',
    status: { conditions: [NOT_READY, ISSUING_LONG] },
    chain: { request: request(condition('Ready', 'True', { reason: 'Issued' })) },
    want: {
      ...nothing,
      tlsStatus: 'pending',
      state: 'stuck',
      reason: 'SecretUnwritten',
      message:
        "the certificate is issued, but Secret tls-shop-shop-example-com is not written: is it another's, or immutable?",
    },
  },
  {
    name: 'stuck: on an issuer that is not there',
    status: { conditions: [NOT_READY, ISSUING_LONG] },
    chain: {
      request: request(
        condition('Approved', 'True'),
        condition('Ready', 'False', {
          reason: 'Pending',
          message: 'Referenced "ClusterIssuer" not found: clusterissuer "nope" not found',
        }),
      ),
    },
    want: {
      ...nothing,
      tlsStatus: 'pending',
      state: 'stuck',
      reason: 'Pending',
      message: 'Referenced "ClusterIssuer" not found: clusterissuer "nope" not found',
    },
  },
  {
    name: 'stuck: cert-manager has not looked at it, hours after it was made',
    status: {},
    want: {
      ...nothing,
      tlsStatus: 'pending',
      state: 'stuck',
      reason: 'NotBegun',
      message: 'cert-manager has not looked at it yet',
    },
  },
]

suite('domainStatus', () => {
  for (const { name, status, chain, want } of ROWS) {
    test(name, () => {
      const input: StatusInput = {
        certificate: certificate(status),
        request: undefined,
        order: undefined,
        challenges: [],
        rival: undefined,
        now: NOW,
        ...chain,
      }
      assert.deepEqual(domainStatus(input), want)
    })
  }
})
