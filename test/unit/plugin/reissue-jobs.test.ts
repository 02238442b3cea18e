import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import {
  reissueJobs,
  type ReissueJobs,
  type ReissueJobsInput,
} from '../../../plugin/reissue/reissue-jobs.ts'
import type { RecreationPreview } from '../../../plugin/reissue/recreation-preview.ts'
import type { Target } from '../../../plugin/reissue/targets.ts'
import type { CertificateRequest } from '../../../shared/certmanager/acme.ts'
import type { ObjectMeta } from '../../../shared/kube/object.ts'
import { certificate, condition, request } from '../../fixtures/certificates.ts'

const LETS_ENCRYPT = 'https://acme-v02.api.letsencrypt.org/directory'
const STAGING = 'https://acme-staging-v02.api.letsencrypt.org/directory'

const LIMIT =
  'Failed to create Order: 429 urn:ietf:params:acme:error:rateLimited: too many new orders, retry after 2026-03-01 14:00:00 UTC'

const NOT_ANEW =
  'tlsauto would not create cert-shop-shop-example-com again: without it its route shop counts as older than tlsauto; set tlsauto.dev/enabled: "true" on the route first'

const NOW = new Date('2026-03-01T12:00:00Z')
const TARGET: Target = { namespace: 'team', name: 'cert-shop-shop-example-com', refusal: undefined }

const READY = {
  revision: 2,
  conditions: [condition('Ready', 'True')],
  notAfter: '2026-05-30T10:00:00Z',
  renewalTime: '2026-04-30T10:00:00Z',
}
const OLD = { creationTimestamp: '2026-01-01T10:00:00Z' }

const SAME: RecreationPreview = { kind: 'certificate', secret: 'tls-shop-shop-example-com' }
const NOTHING: RecreationPreview = { kind: 'nothing', routes: ['shop'] }

const ROWS: readonly {
  readonly name: string
  readonly status?: typeof READY | { readonly revision: number }
  readonly metadata?: object
  readonly input?: Partial<ReissueJobsInput>
  readonly want: { readonly cost?: string; readonly warning?: string; readonly refusal?: string }
}[] = [
  {
    name: "a first one is, as far as the cluster knows, number 1 of Let's Encrypt's 5 a week",
    status: { revision: 0 },
    want: { cost: "at least number 1 of Let's Encrypt's 5 a week for the same names" },
  },
  {
    name: 'one that is younger than a week counts its revisions',
    want: { cost: "at least number 3 of Let's Encrypt's 5 a week for the same names" },
  },
  {
    name: 'an older one the requests that are left of this week',
    metadata: OLD,
    input: { requests: [issuedOn('2026-02-28T10:00:00Z'), issuedOn('2026-02-01T10:00:00Z')] },
    want: { cost: "at least number 2 of Let's Encrypt's 5 a week for the same names" },
  },
  {
    name: 'requests of other Certificates do not count, nor those that failed',
    metadata: OLD,
    input: {
      requests: [
        issuedOn('2026-02-28T10:00:00Z', { ownerReferences: [] }),
        issuedOn('2026-02-28T10:00:00Z', {}, 'False'),
      ],
    },
    want: { cost: "at least number 1 of Let's Encrypt's 5 a week for the same names" },
  },
  {
    name: 'an issuer that may not be read may be Let’s Encrypt',
    input: { directoryOf: () => undefined },
    want: { cost: "at least number 3 if Let's Encrypt signs, of its 5 a week for the same names" },
  },
  {
    name: 'its staging server counts to no such number',
    input: { directoryOf: () => STAGING },
    want: {},
  },
  { name: 'nor does an issuer without ACME', input: { directoryOf: () => null }, want: {} },
  {
    name: 'a sixth one would be refused',
    status: { revision: 5 },
    want: {
      refusal:
        "cert-shop-shop-example-com would be at least number 6 of Let's Encrypt's 5 a week for the same names, and refused; wait, or --force tries all the same",
    },
  },
  {
    name: 'which is tried when forced',
    status: { revision: 5 },
    input: { force: true },
    want: { cost: "at least number 6 of Let's Encrypt's 5 a week for the same names" },
  },
  {
    name: 'one under a rate limit that holds would be refused, also if it has expired meanwhile',
    input: { failureOf: () => LIMIT },
    want: {
      refusal: `cert-shop-shop-example-com is under a rate limit (${LIMIT}): a try now would only be refused; --force tries all the same`,
    },
  },
  {
    name: 'and is tried when forced',
    input: { failureOf: () => LIMIT, force: true },
    want: { cost: "at least number 3 of Let's Encrypt's 5 a week for the same names" },
  },
  {
    name: 'or once the limit is over',
    input: { failureOf: () => LIMIT, now: new Date('2026-03-01T14:00:00Z') },
    want: { cost: "at least number 3 of Let's Encrypt's 5 a week for the same names" },
  },
  {
    name: 'a Certificate that goes while its Secret is valid brings no new order',
    input: { deletes: 'certificate' },
    want: {
      warning:
        'cert-shop-shop-example-com: its Secret tls-shop-shop-example-com is valid until 2026-05-30T10:00:00Z, so nothing will be ordered; renew issues it again, and --delete-secret deletes the Secret too',
    },
  },
  {
    name: 'but does where its Secret will be another one',
    input: {
      deletes: 'certificate',
      previewOf: () => ({ kind: 'certificate', secret: 'tls-app-shop-example-com' }),
    },
    want: {
      cost: "at least number 3 of Let's Encrypt's 5 a week for the same names",
      warning:
        'cert-shop-shop-example-com: a new certificate will be ordered, since the Secret will be called tls-app-shop-example-com, and no longer tls-shop-shop-example-com',
    },
  },
  {
    name: 'and may where nobody can tell',
    input: {
      deletes: 'certificate',
      previewOf: () => ({ kind: 'certificate', secret: undefined }),
    },
    want: {
      cost: "at least number 3 of Let's Encrypt's 5 a week for the same names",
      warning:
        'cert-shop-shop-example-com: a new certificate may be ordered, since the Secret may no longer be called tls-shop-shop-example-com',
    },
  },
  {
    name: 'one that would not come back is not deleted',
    input: { deletes: 'certificate', previewOf: () => NOTHING },
    want: { refusal: `${NOT_ANEW} (--force deletes it all the same)` },
  },
  {
    name: 'nor with its Secret',
    input: { deletes: 'both', previewOf: () => NOTHING },
    want: { refusal: `${NOT_ANEW} (--force deletes it all the same)` },
  },
  {
    name: 'which is said also when forced',
    input: { deletes: 'both', previewOf: () => NOTHING, force: true },
    want: { warning: NOT_ANEW },
  },
  {
    name: 'and is nothing to one that stays',
    input: { previewOf: () => NOTHING },
    want: { cost: "at least number 3 of Let's Encrypt's 5 a week for the same names" },
  },
  {
    name: 'or where its Secret goes too',
    input: { deletes: 'both' },
    want: { cost: "at least number 3 of Let's Encrypt's 5 a week for the same names" },
  },
  {
    name: 'or where the renewal is due',
    input: { deletes: 'certificate', now: new Date('2026-05-01T10:00:00Z') },
    want: { cost: "at least number 1 of Let's Encrypt's 5 a week for the same names" },
  },
  {
    name: 'or where nothing was issued',
    status: { revision: 0 },
    input: { deletes: 'certificate' },
    want: { cost: "at least number 1 of Let's Encrypt's 5 a week for the same names" },
  },
]

suite('what a new issuance costs', () => {
  for (const { name, status, metadata, input, want } of ROWS) {
    test(name, () => {
      const one = certificate(status ?? READY, { ...metadata })
      const work = reissueJobs([TARGET], { ...INPUT, certificates: [one], ...input })
      const { refusal, cost = '', warning } = want
      const expected: ReissueJobs =
        refusal === undefined
          ? { jobs: [{ certificate: one, cost, warning }], refusals: [] }
          : { jobs: [], refusals: [refusal] }
      assert.deepEqual(work, expected)
    })
  }

  test('what is refused already stays so, and what is gone is said to be', () => {
    const targets = [
      { ...TARGET, refusal: 'no' },
      { ...TARGET, name: 'cert-b' },
    ]
    const want = { jobs: [], refusals: ['no', 'Certificate cert-b is gone'] }
    assert.deepEqual(reissueJobs(targets, { ...INPUT, certificates: [certificate()] }), want)
  })
})

const INPUT: ReissueJobsInput = {
  certificates: [],
  requests: [],
  directoryOf: () => LETS_ENCRYPT,
  failureOf: () => '',
  force: false,
  deletes: 'nothing',
  previewOf: () => SAME,
  now: NOW,
}

function issuedOn(
  creationTimestamp: string,
  metadata: Partial<ObjectMeta> = {},
  ready = 'True',
): CertificateRequest {
  const one = request(condition('Ready', ready))
  return { ...one, metadata: { ...one.metadata, creationTimestamp, ...metadata } }
}
