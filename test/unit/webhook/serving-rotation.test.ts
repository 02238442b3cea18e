import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { isSame, isSignedBy, readMaterial, textsOf } from '../../../webhook/serving/material.ts'
import type { ServingMaterial } from '../../../webhook/serving/material.ts'
import { nextStep, type Facts, type Step } from '../../../webhook/serving/rotation.ts'
import { materialAfter } from '../../../webhook/serving/step.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const START = new Date('2030-01-01T00:00:00Z')
const LIFETIME = 90 * DAY
const OVERLAP = 60_000
const NAMES = ['tlsauto.tlsauto.svc']

/** So many days after the start. */
function day(days: number): Date {
  return new Date(START.getTime() + days * DAY)
}

// A is made at the start, B beside it after 600 days, and a stranger has a CA of his own.
const a = await made(START)
const ofB = await materialAfter({ kind: 'newCa', of: a, why: '' }, making(day(600)))
const b = await materialAfter({ kind: 'newLeaf', of: ofB, names: NAMES, why: '' }, making(day(600)))
const stranger = await made(START)
const KNOWN = { A: a.bundle[0], B: b.bundle[0], S: stranger.bundle[0] }

const [first, second] = [b.bundle[0], a.bundle[0]]
const carriedLong = { ca: first, time: OVERLAP }

type Row = {
  readonly name: string
  /** In the Secret. */
  readonly stored: ServingMaterial | readonly string[]
  readonly facts?: Partial<Facts>
  readonly want: string
}

const ROWS: readonly Row[] = [
  { name: 'at rest, nothing', stored: a, want: 'keep [A] leaf of A' },
  {
    name: 'at the first start, all',
    stored: ['there is no Secret'],
    want: 'newAll: there is no Secret',
  },
  {
    name: 'a Secret that is gone is put back by who has it',
    stored: ['there is no Secret'],
    facts: { held: a },
    want: 'store [A] leaf of A: there is no Secret',
  },
  {
    name: 'and so is one that is damaged',
    stored: ['ca.crt holds no certificate', 'tls.crt holds no certificate'],
    facts: { held: b },
    want: 'store [B A] leaf of B: ca.crt holds no certificate; tls.crt holds no certificate',
  },
  {
    name: 'but not with a leaf that has run out',
    stored: ['there is no Secret'],
    facts: { held: a, now: day(91) },
    want: 'newAll: there is no Secret',
  },
  {
    name: 'a Secret of somebody else does not end what is trusted',
    stored: stranger,
    facts: { held: a },
    want: 'store [S A] leaf of A: its CAs did not sign what is being served',
  },
  {
    name: 'unless that has run out',
    stored: { ...stranger, leaf: b.leaf, bundle: [first] },
    facts: { held: a, now: day(601) },
    want: 'keep [B] leaf of B',
  },
  {
    name: 'up to two thirds of its life a leaf stays',
    stored: a,
    facts: { now: day(60) },
    want: 'keep [A] leaf of A',
  },
  {
    name: 'and then it is renewed, by the same CA and at once',
    stored: a,
    facts: { now: day(60.1) },
    want: 'newLeaf [A] for tlsauto.tlsauto.svc: the leaf is aged',
  },
  {
    name: 'a new leaf is made where it is asked for',
    stored: a,
    facts: { asked: 'leaf' },
    want: 'newLeaf [A] for tlsauto.tlsauto.svc: it was asked for',
  },
  {
    name: 'a name that is missing comes to those that are there',
    stored: a,
    facts: { names: ['127.0.0.1', '::1'] },
    want: 'newLeaf [A] for tlsauto.tlsauto.svc,127.0.0.1,::1: the leaf lacks a name',
  },
  {
    name: 'a CA is renewed after two thirds of its life, before its leaf',
    stored: a,
    facts: { now: day(600.1) },
    want: 'newCa [A]: the CA is aged',
  },
  {
    name: 'a new CA is made where it is asked for',
    stored: a,
    facts: { asked: 'ca' },
    want: 'newCa [A]: it was asked for',
  },
  {
    name: 'a new CA does not sign while nobody is seen to carry it',
    stored: ofB,
    facts: { now: day(1) },
    want: 'keep [B A] leaf of A',
  },
  {
    name: 'nor because the old one has been carried for long',
    stored: ofB,
    facts: { now: day(1), carried: { ca: second, time: DAY } },
    want: 'keep [B A] leaf of A',
  },
  {
    name: 'nor too early',
    stored: ofB,
    facts: { now: day(1), carried: { ca: first, time: OVERLAP - 1 } },
    want: 'keep [B A] leaf of A',
  },
  {
    name: 'not even when a leaf is asked for, or aged, or lacks a name',
    stored: ofB,
    facts: { now: day(61), asked: 'leaf', names: ['other'] },
    want: 'keep [B A] leaf of A',
  },
  {
    name: 'after the overlap it signs',
    stored: ofB,
    facts: { now: day(1), carried: carriedLong },
    want: 'newLeaf [B A] for tlsauto.tlsauto.svc: the CA is new',
  },
  {
    name: 'or when the old leaf is refused anyway',
    stored: ofB,
    facts: { now: day(600) },
    want: 'newLeaf [B A] for tlsauto.tlsauto.svc: the CA is new',
  },
  {
    name: 'the old CA stays as long as a leaf of it may be served',
    stored: b,
    facts: { now: day(659) },
    want: 'keep [B A] leaf of B',
  },
  {
    name: 'and goes when the last one has run out',
    stored: { ...b, leaf: (await renewed(b, day(660))).leaf },
    facts: { now: day(690.1) },
    want: 'store [B] leaf of B: no leaf of the old CA is valid any more',
  },
  {
    name: 'a clock that is behind finds nothing wrong',
    stored: b,
    facts: { held: b, now: START },
    want: 'keep [B A] leaf of B',
  },
  {
    name: 'a clock that is ahead by a week makes nothing too early',
    stored: a,
    facts: { held: a, now: day(53 + 7) },
    want: 'keep [A] leaf of A',
  },
]

suite('the next step of the serving certificate', () => {
  for (const { name, stored, facts, want } of ROWS) {
    test(name, () => {
      const reading: Facts['reading'] =
        'leaf' in stored ? { kind: 'good', material: stored } : { kind: 'damaged', faults: stored }
      const step = nextStep({
        reading,
        held: undefined,
        asked: undefined,
        names: NAMES,
        carried: undefined,
        overlap: OVERLAP,
        now: day(1),
        ...facts,
      })
      assert.equal(describe(step), want)
    })
  }
})

test('in two years of three replicas with wrong clocks every handshake succeeds, and little is written', async () => {
  const year = { ...making(START), lifetime: 30 * DAY }
  const start = await materialAfter({ kind: 'newAll', why: '' }, year)
  // The last one has a stale view of the cluster, for days.
  const replicas = [
    { skew: -DAY, looksEvery: 1, held: start },
    { skew: DAY, looksEvery: 1, held: start },
    { skew: 0, looksEvery: 8, held: start },
  ]
  let secret = start
  let carried = { ca: start.bundle[0], since: START.getTime() }
  let writes = 0
  for (let turn = 0; turn < 730; turn += 1) {
    const time = day(turn).getTime()
    // The API server hears of a bundle a day after it has been written.
    const trusted = secret.bundle
    if (!isSame(carried.ca, trusted[0])) carried = { ca: trusted[0], since: time }
    for (const replica of replicas.filter(({ looksEvery }) => turn % looksEvery === 0)) {
      const now = new Date(time + replica.skew)
      const step = nextStep({
        reading: { kind: 'good', material: secret },
        held: replica.held,
        asked: undefined,
        names: NAMES,
        carried: { ca: carried.ca, time: time - carried.since },
        overlap: DAY,
        now,
      })
      if (step.kind !== 'keep') writes += 1
      secret = await materialAfter(step, { ...year, now })
      replica.held = secret
    }
    for (const { leaf } of replicas.map(({ held }) => held)) {
      assert.ok(
        trusted.some((ca) => isSignedBy(leaf, ca)),
        `not trusted on day ${turn}`,
      )
      assert.ok(leaf.validFromDate.getTime() <= time && time <= leaf.validToDate.getTime())
    }
  }
  // A leaf each 20 days; and 3 CAs, each made, put to use and dropped.
  assert.ok(writes > 36 && writes < 46, `${writes} writes`)
})

const GARBAGE = [
  { key: 'ca.crt', faults: ['ca.crt holds no certificate'] },
  { key: 'ca.key', faults: ['ca.key is not the key of the first CA in ca.crt'] },
  { key: 'tls.crt', faults: ['tls.crt holds no certificate'] },
  { key: 'tls.key', faults: ['tls.key is not the key of tls.crt'] },
] as const

suite('a Secret that cannot be served with says why', () => {
  for (const { key, faults } of GARBAGE) {
    test(`garbage in ${key}`, () => {
      const reading = readMaterial({ ...textsOf(a), [key]: 'garbage' })
      assert.deepEqual(reading, { kind: 'damaged', faults })
    })
  }

  test('nothing in it', () => {
    const texts = { 'ca.crt': '', 'ca.key': '', 'tls.crt': '', 'tls.key': '' }
    const faults = ['ca.crt holds no certificate', 'tls.crt holds no certificate']
    assert.deepEqual(readMaterial(texts), { kind: 'damaged', faults })
  })

  test('parts of two that do not belong together', () => {
    const { 'tls.crt': leaf, 'tls.key': key } = textsOf(stranger)
    assert.deepEqual(readMaterial({ ...textsOf(a), 'tls.crt': leaf, 'tls.key': key }), {
      kind: 'damaged',
      faults: ['no CA in ca.crt signed tls.crt'],
    })
  })

  test('what was written can be read', () => {
    const reading = readMaterial(textsOf(b))
    assert.equal(reading.kind === 'good' ? shown(reading.material) : '', '[B A] leaf of B')
  })
})

function making(now: Date): Parameters<typeof materialAfter>[1] {
  return { names: NAMES, lifetime: LIFETIME, now }
}

async function made(now: Date): Promise<ServingMaterial> {
  return materialAfter({ kind: 'newAll', why: '' }, making(now))
}

async function renewed(of: ServingMaterial, now: Date): Promise<ServingMaterial> {
  return materialAfter({ kind: 'newLeaf', of, names: NAMES, why: '' }, making(now))
}

function describe(step: Step): string {
  switch (step.kind) {
    case 'keep':
      return `keep ${shown(step.material)}`
    case 'store':
      return `store ${shown(step.material)}: ${step.why}`
    case 'newAll':
      return `newAll: ${step.why}`
    case 'newCa':
      return `newCa ${bundleOf(step.of)}: ${step.why}`
    case 'newLeaf':
      return `newLeaf ${bundleOf(step.of)} for ${step.names.join()}: ${step.why}`
    default:
      return step satisfies never
  }
}

function shown(material: ServingMaterial): string {
  const signer = Object.entries(KNOWN).find(([, ca]) => isSignedBy(material.leaf, ca))
  return `${bundleOf(material)} leaf of ${signer?.[0]}`
}

function bundleOf({ bundle }: ServingMaterial): string {
  const names = bundle.map((ca) => Object.entries(KNOWN).find(([, one]) => isSame(ca, one))?.[0])
  return `[${names.join(' ')}]`
}
