import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { variableOf } from '../../../shared/settings/flags.ts'
import { readConfig, type Config } from '../../../webhook/config.ts'
import { cluster } from '../../fixtures/routes.ts'

const DEFAULTS: Config = {
  kubeconfig: undefined,
  listen: { host: '', port: 8443 },
  metricsListen: { host: '', port: 9402 },
  clientCa: undefined,
  webhookUrl: undefined,
  namespace: 'tlsauto',
  identity: 'host',
  leaseDuration: 15,
  servingLifetime: 90 * 86_400,
  servingOverlap: 60,
  drainDelay: 5,
  logLevel: 'info',
  hostClaims: 'warn',
  maxCertificates: 300,
  maxClaims: 20_000,
  claimGrace: 86_400,
  stallTimeout: 30,
  relistPeriod: 1800,
  backfill: 0,
  settings: { ...cluster, attach: 'carry' },
}

type Row = {
  readonly name: string
  readonly argv?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly want: Partial<Config>
}

const ROWS: readonly Row[] = [
  { name: 'nothing: the defaults', want: {} },
  {
    name: 'a variable',
    env: { TLSAUTO_CLUSTER_ISSUER: 'ca', TLSAUTO_NAMESPACE: 'tls' },
    want: { namespace: 'tls', settings: { ...DEFAULTS.settings, clusterIssuer: 'ca' } },
  },
  {
    name: 'a flag wins over its variable',
    argv: ['--identity=flag'],
    env: { TLSAUTO_IDENTITY: 'variable' },
    want: { identity: 'flag' },
  },
  { name: 'a rate', argv: ['--backfill=0.5'], want: { backfill: 0.5 } },
  {
    name: 'of two the last one counts',
    argv: ['--identity=a', '--identity=b'],
    want: { identity: 'b' },
  },
  {
    name: 'a port on all addresses',
    argv: ['--listen', ':443'],
    want: { listen: { host: '', port: 443 } },
  },
  { name: 'IPv6', argv: ['--listen=[::1]:8443'], want: { listen: { host: '::1', port: 8443 } } },
  {
    name: 'a URL, without its last slash',
    argv: ['--webhook-url=https://x.org/'],
    want: { webhookUrl: 'https://x.org' },
  },
  {
    name: 'lists, with blanks',
    argv: ['--tls-entrypoints=websecure, internal'],
    want: { settings: { ...DEFAULTS.settings, tlsEntryPoints: ['websecure', 'internal'] } },
  },
  { name: 'a client CA', argv: ['--client-ca=/ca.pem'], want: { clientCa: '/ca.pem' } },
  { name: 'no metrics', argv: ['--metrics-listen='], want: { metricsListen: undefined } },
  { name: 'parts of a second', argv: ['--lease-duration=1.5'], want: { leaseDuration: 1.5 } },
  {
    name: 'durations, each in its unit',
    argv: ['--lease-duration=2m', '--serving-lifetime=36h', '--serving-overlap=90s'],
    want: { leaseDuration: 120, servingLifetime: 129_600, servingOverlap: 90 },
  },
  { name: 'no delay at all', argv: ['--drain-delay=0'], want: { drainDelay: 0 } },
]

suite('what the server is told', () => {
  for (const { name, argv = [], env = {}, want } of ROWS) {
    test(name, () => {
      assert.deepEqual(readConfig({ argv, env, hostname: 'host' }), { ...DEFAULTS, ...want })
    })
  }

  test('the variable of a flag', () => {
    assert.equal(variableOf('default-tls-options'), 'TLSAUTO_DEFAULT_TLS_OPTIONS')
  })
})
