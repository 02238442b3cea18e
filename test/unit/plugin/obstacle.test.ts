import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { DomainFacts } from '../../../plugin/doctor/domain-checks.ts'
import { obstacleIn } from '../../../plugin/doctor/obstacle.ts'
import { domainFactsOf } from '../../fixtures/doctor-facts.ts'
import { issuedItem } from '../../fixtures/verify-facts.ts'

const NO_NAME: DomainFacts['answer'] = { kind: 'missing', code: 'NXDOMAIN' }
const ELSEWHERE: DomainFacts['answer'] = {
  kind: 'found',
  addresses: ['198.51.100.1'],
  alias: null,
}

function failed(cause: DomainFacts['item']['cause']): DomainFacts['item'] {
  return { ...issuedItem(), tlsStatus: 'failed', state: 'failed', message: 'x', cause }
}

function acme(solver: object): DomainFacts['issuer'] {
  const status = {
    conditions: [{ type: 'Ready', status: 'True' }],
    acme: { uri: 'https://acme.example/acct/1' },
  }
  return { kind: 'found', object: { spec: { acme: { solvers: [solver] } }, status } }
}

const INTERNAL: DomainFacts['issuer'] = {
  kind: 'found',
  object: { spec: { ca: {} }, status: { conditions: [{ type: 'Ready', status: 'True' }] } },
}

const rows: readonly (readonly [name: string, Partial<DomainFacts>, check: string | undefined])[] =
  [
    ['nothing is wrong but the last failure', { item: failed('WrongStatus') }, undefined],
    ['a rate limit, which is asked for elsewhere', { item: failed('LimitOrders') }, undefined],
    ['no such name', { answer: NO_NAME }, 'dns'],
    ['no such name, and DNS-01', { answer: NO_NAME, issuer: acme({ dns01: {} }) }, undefined],
    ['no such name, and a CA of our own', { answer: NO_NAME, issuer: INTERNAL }, undefined],
    [
      'DNS leads elsewhere, where the challenge was not found',
      { item: failed('WrongStatus'), answer: ELSEWHERE },
      'dns',
    ],
    [
      'DNS leads elsewhere, which may be a CDN',
      { item: failed('AcmeServerFault'), answer: ELSEWHERE },
      undefined,
    ],
    ['the issuer is missing', { issuer: { kind: 'missing' } }, 'issuer'],
    ['another namespace holds the host', { holder: 'other' }, 'host'],
    [
      'more than one: the first in causal order',
      { answer: NO_NAME, rival: 'cert-other' },
      'secret',
    ],
  ]

suite('what stands in the way of a new issuance', () => {
  for (const [name, changes, check] of rows) {
    test(name, () => {
      assert.equal(obstacleIn(domainFactsOf(changes))?.check, check)
    })
  }
})
