import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCertificate } from '../../../../shared/certmanager/certificate.ts'
import { hasOptions, type Options } from '../../../../shared/certmanager/options.ts'
import type { JsonObject } from '../../../../shared/json/json.ts'

type Row = {
  readonly name: string
  readonly annotations?: JsonObject
  readonly spec?: JsonObject
  /** Our managed fields, as the API server writes them. */
  readonly ours?: JsonObject
  readonly desired?: Partial<Options>
  readonly want: boolean
}

const SIZE = { 'f:spec': { 'f:secretName': {}, 'f:privateKey': { 'f:size': {} } } }

const ROWS: readonly Row[] = [
  { name: 'nothing is wanted, nothing is there', want: true },
  {
    name: 'what is wanted is there',
    spec: { privateKey: { size: 4096 }, usages: ['server auth'] },
    desired: { spec: { privateKey: { size: 4096 }, usages: ['server auth'] } },
    want: true,
  },
  { name: 'a field is missing', desired: { spec: { duration: '2160h0m0s' } }, want: false },
  {
    name: 'a field was changed by hand',
    spec: { privateKey: { size: 2048 } },
    desired: { spec: { privateKey: { size: 4096 } } },
    want: false,
  },
  {
    name: 'a field was put beside it by somebody else',
    spec: { privateKey: { size: 4096, algorithm: 'RSA' }, duration: '2160h' },
    ours: SIZE,
    desired: { spec: { privateKey: { size: 4096 } } },
    want: true,
  },
  {
    name: 'a field of ours is not wanted any more',
    spec: { privateKey: { size: 4096 } },
    ours: SIZE,
    want: false,
  },
  {
    name: 'one label of two is not wanted any more',
    spec: { secretTemplate: { labels: { a: 'b', 'c.org/d': 'e' } } },
    ours: { 'f:spec': { 'f:secretTemplate': { 'f:labels': { 'f:a': {}, 'f:c.org/d': {} } } } },
    desired: { spec: { secretTemplate: { labels: { a: 'b' } } } },
    want: false,
  },
  {
    name: 'an annotation is missing',
    annotations: { other: 'x' },
    desired: { annotations: { 'tlsauto.dev/alt-names': 'a.com' } },
    want: false,
  },
  {
    name: 'an annotation of ours is not wanted any more',
    annotations: { 'tlsauto.dev/alt-names': 'a.com' },
    ours: { 'f:metadata': { 'f:annotations': { '.': {}, 'f:tlsauto.dev/alt-names': {} } } },
    want: false,
  },
  {
    name: 'what else is ours does not count',
    ours: {
      'f:metadata': { 'f:labels': { 'f:app': {} } },
      'f:spec': { 'f:dnsNames': {}, 'f:issuerRef': { 'f:name': {} } },
    },
    want: true,
  },
]

for (const { name, annotations, spec, ours, desired, want } of ROWS) {
  test(name, () => {
    const managedFields = [
      { manager: 'paas', fieldsV1: { 'f:spec': { 'f:duration': {} } } },
      ...(ours === undefined ? [] : [{ manager: 'tlsauto', fieldsV1: ours }]),
    ]
    const stored = parseCertificate({ metadata: { annotations, managedFields }, spec })
    assert.ok(stored !== undefined)
    const options = {
      annotations: stored.metadata.annotations,
      spec: stored.spec.options,
      owned: stored.owned,
    }
    assert.equal(hasOptions(options, { annotations: {}, spec: {}, ...desired }), want)
  })
}
