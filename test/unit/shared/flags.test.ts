import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  clusterSettings,
  defaultTexts,
  SETTINGS_FLAGS,
  type SettingsFlag,
} from '../../../shared/settings/flags.ts'
import type { ClusterSettings } from '../../../shared/settings/settings.ts'
import { cluster } from '../../fixtures/routes.ts'

type Texts = Readonly<Record<SettingsFlag, string>>

const defaults: Texts = defaultTexts()

type Row = {
  readonly name: string
  readonly texts: Partial<Texts>
  readonly want: Partial<ClusterSettings>
}

const rows: readonly Row[] = [
  { name: 'the defaults suit an ordinary Traefik', texts: {}, want: {} },
  {
    name: 'every flag is heard',
    texts: {
      'cluster-issuer': 'own-ca',
      'wildcard-cluster-issuer': 'own-dns',
      'http-entrypoints': 'http',
      'tls-entrypoints': 'https',
      'default-entrypoints': 'https,metrics',
      attach: 'inject',
      'default-tls-options': 'mtls@file',
      'ingress-class': 'internal',
      annotations: 'all',
    },
    want: {
      clusterIssuer: 'own-ca',
      wildcardClusterIssuer: 'own-dns',
      httpEntryPoints: ['http'],
      tlsEntryPoints: ['https'],
      defaultEntryPoints: ['https', 'metrics'],
      attach: 'inject',
      defaultTlsOptions: 'mtls@file',
      ingressClass: 'internal',
      annotations: 'all',
    },
  },
  {
    name: 'spaces and empty places in a list do not count',
    texts: { 'tls-entrypoints': ' websecure ,, internal,' },
    want: { tlsEntryPoints: ['websecure', 'internal'] },
  },
]

for (const { name, texts, want } of rows) {
  test(name, () =>
    assert.deepEqual(clusterSettings({ ...defaults, ...texts }), {
      ...cluster,
      attach: 'carry',
      ...want,
    }),
  )
}

const mistakes: readonly (readonly [name: string, texts: Partial<Texts>, message: string])[] = [
  ['an empty issuer is a mistake', { 'cluster-issuer': '' }, '--cluster-issuer is empty'],
  [
    'a third way to attach is a mistake',
    { attach: 'Carry' },
    '--attach Carry is none of inject, carry',
  ],
  [
    'so is what rules can not be',
    { 'unbounded-rules': 'maybe' },
    '--unbounded-rules maybe is none of deny, warn, allow',
  ],
  [
    'a list of nothing is a mistake',
    { 'tls-entrypoints': ' , ' },
    '--tls-entrypoints names no entry point',
  ],
  [
    'all mistakes are told at once',
    {
      'cluster-issuer': '',
      attach: 'both',
      'http-entrypoints': '',
      'tls-entrypoints': '',
      'default-entrypoints': '',
    },
    `--cluster-issuer is empty
--http-entrypoints names no entry point
--tls-entrypoints names no entry point
--default-entrypoints names no entry point
--attach both is none of inject, carry`,
  ],
]

for (const [name, texts, message] of mistakes) {
  test(name, () => assert.throws(() => clusterSettings({ ...defaults, ...texts }), { message }))
}

test('the default of every flag is among the texts', () => {
  const described = Object.entries(SETTINGS_FLAGS).map(([flag, entry]) => [flag, entry.default])
  assert.deepEqual(defaultTexts(), Object.fromEntries(described))
})
