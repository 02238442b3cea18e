import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Finding } from '../../../shared/findings/reasons.ts'
import {
  isAllowed,
  resolveSettings,
  type ClusterSettings,
  type NamespaceSettings,
  type Settings,
} from '../../../shared/settings/settings.ts'
import { cluster, wildcardCluster } from '../../fixtures/routes.ts'

type Row = {
  readonly name: string
  readonly cluster?: ClusterSettings
  readonly namespace?: Partial<NamespaceSettings>
  readonly route?: Readonly<Record<string, string>>
  /** What differs from the settings of a route about which only the flags speak. */
  readonly want: Partial<Settings>
}

const issuer = { kind: 'Issuer', group: 'cert-manager.io' }
const clusterIssuer = { kind: 'ClusterIssuer', group: 'cert-manager.io' }
const plain: Settings = {
  cluster,
  app: undefined,
  enabled: undefined,
  attach: 'inject',
  http: 'redirect',
  issuer: { ...clusterIssuer, name: 'letsencrypt-prod' },
  wildcardIssuer: undefined,
  routeNamesIssuer: false,
  spec: { every: {}, primary: {}, annotations: {} },
  refused: [],
  allowedDomains: undefined,
  findings: [],
}

function unreadable(key: string, about: string): readonly Finding[] {
  return [{ reason: 'UnreadableSetting', path: `metadata.annotations[${key}]`, about }]
}

function unreadableOfNamespace(key: string, about: string): readonly Finding[] {
  return [{ reason: 'UnreadableSetting', path: '', about: `the namespace's ${key}: ${about}` }]
}

function twoIssuers(other: string): readonly Finding[] {
  const path = 'metadata.annotations[cert-manager.io/cluster-issuer]'
  return [{ reason: 'TwoIssuers', path, about: `stands beside ${other}` }]
}

function bothIssuers(ref: Settings['issuer']): Pick<Settings, 'issuer' | 'wildcardIssuer'> {
  return { issuer: ref, wildcardIssuer: ref }
}

const rows: readonly Row[] = [
  { name: 'the flags speak where nobody else does', want: {} },
  {
    name: 'a wildcard issuer comes from its flag',
    cluster: wildcardCluster,
    want: {
      cluster: wildcardCluster,
      wildcardIssuer: { ...clusterIssuer, name: 'letsencrypt-prod-dns' },
    },
  },
  {
    name: "a namespace's issuer is stronger than the flags', for wildcards too",
    cluster: wildcardCluster,
    namespace: { annotations: { 'cert-manager.io/cluster-issuer': 'team-ca' } },
    want: { cluster: wildcardCluster, ...bothIssuers({ ...clusterIssuer, name: 'team-ca' }) },
  },
  {
    name: "a route's issuer is stronger than its namespace's, of whichever kind",
    namespace: { annotations: { 'cert-manager.io/cluster-issuer': 'team-ca' } },
    route: { 'cert-manager.io/issuer': 'own-ca' },
    want: { ...bothIssuers({ ...issuer, name: 'own-ca' }), routeNamesIssuer: true },
  },
  {
    name: "kind and group of a route's issuer are not mixed with its namespace's",
    namespace: {
      annotations: {
        'cert-manager.io/issuer': 'team-ca',
        'cert-manager.io/issuer-kind': 'AWSPCAIssuer',
        'cert-manager.io/issuer-group': 'awspca.cert-manager.io',
      },
    },
    route: { 'cert-manager.io/issuer': 'own-ca' },
    want: { ...bothIssuers({ ...issuer, name: 'own-ca' }), routeNamesIssuer: true },
  },
  {
    name: 'an external issuer is named by kind and group',
    route: {
      'cert-manager.io/issuer': 'pca',
      'cert-manager.io/issuer-kind': 'AWSPCAClusterIssuer',
      'cert-manager.io/issuer-group': 'awspca.cert-manager.io',
    },
    want: {
      ...bothIssuers({
        name: 'pca',
        kind: 'AWSPCAClusterIssuer',
        group: 'awspca.cert-manager.io',
      }),
      routeNamesIssuer: true,
    },
  },
  {
    name: 'an empty kind or group is the default one, as cert-manager stores it',
    route: {
      'cert-manager.io/issuer': 'own-ca',
      'cert-manager.io/issuer-kind': '',
      'cert-manager.io/issuer-group': '',
    },
    want: { ...bothIssuers({ ...issuer, name: 'own-ca' }), routeNamesIssuer: true },
  },
  {
    name: 'a kind without an issuer names none',
    route: { 'cert-manager.io/issuer-kind': 'AWSPCAIssuer' },
    want: {},
  },
  {
    name: 'both issuers on a route are a mistake',
    route: { 'cert-manager.io/issuer': 'a', 'cert-manager.io/cluster-issuer': 'b' },
    want: { routeNamesIssuer: true, findings: twoIssuers('cert-manager.io/issuer') },
  },
  {
    name: 'both issuers on a namespace are a mistake',
    namespace: {
      annotations: { 'cert-manager.io/issuer': 'a', 'cert-manager.io/cluster-issuer': 'b' },
    },
    want: {
      findings: [
        {
          reason: 'TwoIssuers',
          path: '',
          about:
            "the namespace's cert-manager.io/cluster-issuer: stands beside cert-manager.io/issuer",
        },
      ],
    },
  },
  {
    name: "a namespace's mistake counts for nothing where the route names an issuer",
    namespace: {
      annotations: { 'cert-manager.io/issuer': 'a', 'cert-manager.io/cluster-issuer': 'b' },
    },
    route: { 'cert-manager.io/issuer': 'own-ca' },
    want: { ...bothIssuers({ ...issuer, name: 'own-ca' }), routeNamesIssuer: true },
  },
  {
    name: 'a kind beside a cluster-issuer is a mistake',
    route: { 'cert-manager.io/cluster-issuer': 'a', 'cert-manager.io/issuer-kind': 'Issuer' },
    want: { routeNamesIssuer: true, findings: twoIssuers('cert-manager.io/issuer-kind') },
  },
  {
    name: 'a group beside a cluster-issuer is a mistake',
    route: { 'cert-manager.io/cluster-issuer': 'a', 'cert-manager.io/issuer-group': 'b.io' },
    want: { routeNamesIssuer: true, findings: twoIssuers('cert-manager.io/issuer-group') },
  },
  {
    name: 'an issuer without a name is a mistake',
    route: { 'cert-manager.io/cluster-issuer': '' },
    want: {
      routeNamesIssuer: true,
      findings: unreadable('cert-manager.io/cluster-issuer', '"" is not an issuer\'s name'),
    },
  },
  {
    name: 'the app is an annotation of the route alone',
    namespace: {
      annotations: { 'tlsauto.dev/app': 'team' },
      labels: { 'tlsauto.dev/app': 'team' },
    },
    route: { 'tlsauto.dev/app': 'app-123.v2' },
    want: { app: 'app-123.v2' },
  },
  {
    name: 'an app that no object can be named after is unreadable',
    route: { 'tlsauto.dev/app': 'My App' },
    want: {
      findings: unreadable(
        'tlsauto.dev/app',
        '"My App" is not lower-case letters, digits, - and .',
      ),
    },
  },
  {
    name: 'an app of 254 characters is unreadable',
    route: { 'tlsauto.dev/app': 'a'.repeat(254) },
    want: {
      findings: unreadable('tlsauto.dev/app', `"${'a'.repeat(29)}…" is longer than 253 characters`),
    },
  },
  {
    name: 'a namespace opts out by label',
    namespace: { labels: { 'tlsauto.dev/enabled': 'false' } },
    want: { enabled: false },
  },
  {
    name: 'a namespace does not opt out by annotation, which no namespaceSelector reads',
    namespace: { annotations: { 'tlsauto.dev/enabled': 'false' } },
    want: {},
  },
  {
    name: 'a route opts in against its namespace',
    namespace: { labels: { 'tlsauto.dev/enabled': 'false' } },
    route: { 'tlsauto.dev/enabled': 'true' },
    want: { enabled: true },
  },
  {
    name: 'a yes is neither true nor false',
    route: { 'tlsauto.dev/enabled': 'yes' },
    want: { findings: unreadable('tlsauto.dev/enabled', '"yes" is not "true" or "false"') },
  },
  {
    name: 'a namespace is carried by label',
    namespace: { labels: { 'tlsauto.dev/attach': 'carry' } },
    want: { attach: 'carry' },
  },
  {
    name: 'a route is injected against its namespace and the flag',
    cluster: { ...cluster, attach: 'carry' },
    namespace: { labels: { 'tlsauto.dev/attach': 'carry' } },
    route: { 'tlsauto.dev/attach': 'inject' },
    want: { cluster: { ...cluster, attach: 'carry' }, attach: 'inject' },
  },
  {
    name: 'an attachment of another name is unreadable, and the flag stands',
    route: { 'tlsauto.dev/attach': 'Carry' },
    want: { findings: unreadable('tlsauto.dev/attach', '"Carry" is not inject or carry') },
  },
  {
    name: 'plain HTTP is a setting of the namespace, by annotation',
    namespace: { annotations: { 'tlsauto.dev/http': 'serve' } },
    want: { http: 'serve' },
  },
  {
    name: 'and of the route, which is stronger',
    namespace: { annotations: { 'tlsauto.dev/http': 'serve' } },
    route: { 'tlsauto.dev/http': 'off' },
    want: { http: 'off' },
  },
  {
    name: 'a yes is no answer to what becomes of HTTP',
    route: { 'tlsauto.dev/http': 'yes' },
    want: { findings: unreadable('tlsauto.dev/http', '"yes" is not redirect, serve or off') },
  },
  {
    name: 'allowed domains are a list, in any case and with any spaces',
    namespace: {
      annotations: { 'tlsauto.dev/allowed-domains': 'Shop.example.com , *.team-a.example.com' },
    },
    want: { allowedDomains: new Set(['shop.example.com', '*.team-a.example.com']) },
  },
  {
    name: 'a route does not allow itself domains',
    route: { 'tlsauto.dev/allowed-domains': 'shop.example.com' },
    want: {},
  },
  ...['', '*', 'shop.example.com,', 'shop.*.com', 'https://shop.example.com'].map((text) => ({
    name: `allowed domains can't be ${JSON.stringify(text)}`,
    namespace: { annotations: { 'tlsauto.dev/allowed-domains': text } },
    want: {
      findings: unreadableOfNamespace(
        'tlsauto.dev/allowed-domains',
        `"${text}" is not domains with commas between`,
      ),
    },
  })),
  ...[
    'ClusterIssuer/letsencrypt-*',
    'Issuer/own, ClusterIssuer/letsencrypt-staging',
    'ClusterIssuer.cert-manager.io/letsencrypt-staging',
    '*',
  ].map((text) => ({
    name: `an issuer is allowed by ${text}`,
    namespace: { annotations: { 'tlsauto.dev/allowed-issuers': text } },
    route: { 'cert-manager.io/cluster-issuer': 'letsencrypt-staging' },
    want: {
      ...bothIssuers({ ...clusterIssuer, name: 'letsencrypt-staging' }),
      routeNamesIssuer: true,
    },
  })),
  ...['Issuer/*', 'ClusterIssuer/letsencrypt', 'ClusterIssuer.example.com/*'].map((text) => ({
    name: `an issuer is not allowed by ${text}`,
    namespace: { annotations: { 'tlsauto.dev/allowed-issuers': text } },
    route: { 'cert-manager.io/cluster-issuer': 'letsencrypt-staging' },
    want: {
      routeNamesIssuer: true,
      findings: [
        {
          reason: 'IssuerNotAllowed' as const,
          path: 'metadata.annotations[cert-manager.io/cluster-issuer]',
          about: 'ClusterIssuer/letsencrypt-staging',
        },
      ],
    },
  })),
  {
    name: 'an issuer of another group is not meant by its kind alone',
    namespace: { annotations: { 'tlsauto.dev/allowed-issuers': 'Issuer/*' } },
    route: { 'cert-manager.io/issuer': 'own', 'cert-manager.io/issuer-group': 'example.com' },
    want: {
      routeNamesIssuer: true,
      findings: [
        {
          reason: 'IssuerNotAllowed',
          path: 'metadata.annotations[cert-manager.io/issuer]',
          about: 'Issuer.example.com/own',
        },
      ],
    },
  },
  {
    name: "the flags' issuer is always allowed, asked for by its name",
    namespace: { annotations: { 'tlsauto.dev/allowed-issuers': 'Issuer/none' } },
    route: { 'cert-manager.io/cluster-issuer': 'letsencrypt-prod' },
    want: {
      ...bothIssuers({ ...clusterIssuer, name: 'letsencrypt-prod' }),
      routeNamesIssuer: true,
    },
  },
  {
    name: "and so is the namespace's own",
    namespace: {
      annotations: {
        'tlsauto.dev/allowed-issuers': 'Issuer/none',
        'cert-manager.io/cluster-issuer': 'team-ca',
      },
    },
    route: { 'cert-manager.io/cluster-issuer': 'team-ca' },
    want: { ...bothIssuers({ ...clusterIssuer, name: 'team-ca' }), routeNamesIssuer: true },
  },
  ...['', '**', 'letsencrypt-prod', 'ClusterIssuer/', 'ClusterIssuer/a,', 'a/b/c'].map((text) => ({
    name: `allowed issuers can't be ${JSON.stringify(text)}`,
    namespace: { annotations: { 'tlsauto.dev/allowed-issuers': text } },
    want: {
      findings: unreadableOfNamespace(
        'tlsauto.dev/allowed-issuers',
        `"${text}" is not Kind/name with commas between`,
      ),
    },
  })),
  {
    name: 'what else a route says about its Certificates is read, or said to be unreadable',
    route: { 'cert-manager.io/duration': '90d', 'cert-manager.io/private-key-size': '4096' },
    want: {
      spec: { every: { privateKey: { size: 4096 } }, primary: {}, annotations: {} },
      findings: unreadable(
        'cert-manager.io/duration',
        'not a duration of 1h or more, like 2160h: "90d"',
      ),
    },
  },
  {
    name: 'what is too long to be a setting is not read',
    namespace: { annotations: { 'tlsauto.dev/allowed-domains': 'a.com,'.repeat(50_000) } },
    route: {
      'tlsauto.dev/app': 'a'.repeat(254),
      'tlsauto.dev/http': ' '.repeat(5000),
      'cert-manager.io/duration': '1'.repeat(5000),
      'cert-manager.io/alt-names': 'a.com,'.repeat(11_000),
    },
    want: {
      findings: [
        ...unreadable('tlsauto.dev/app', `"${'a'.repeat(29)}…" is longer than 253 characters`),
        ...unreadable('tlsauto.dev/http', `"${' '.repeat(29)}…" is longer than 4 KiB`),
        ...unreadableOfNamespace(
          'tlsauto.dev/allowed-domains',
          `"${'a.com,'.repeat(5).slice(0, 29)}…" is longer than 256 KiB`,
        ),
        ...unreadable(
          'cert-manager.io/alt-names',
          `longer than 64 KiB: "${'a.com,'.repeat(5).slice(0, 29)}…"`,
        ),
        ...unreadable('cert-manager.io/duration', `longer than 4 KiB: "${'1'.repeat(29)}…"`),
      ],
    },
  },
  {
    name: 'every mistake is found',
    namespace: { annotations: { 'tlsauto.dev/allowed-domains': '*' } },
    route: { 'tlsauto.dev/app': '-', 'tlsauto.dev/enabled': '', 'cert-manager.io/issuer': '' },
    want: {
      routeNamesIssuer: true,
      findings: [
        ...unreadable('tlsauto.dev/app', '"-" is not lower-case letters, digits, - and .'),
        ...unreadable('tlsauto.dev/enabled', '"" is not "true" or "false"'),
        ...unreadableOfNamespace(
          'tlsauto.dev/allowed-domains',
          '"*" is not domains with commas between',
        ),
        ...unreadable('cert-manager.io/issuer', '"" is not an issuer\'s name'),
      ],
    },
  },
]

for (const row of rows) {
  test(row.name, () => {
    const namespace = { labels: {}, annotations: {}, ...row.namespace }
    const flags = row.cluster ?? cluster
    assert.deepEqual(resolveSettings({ cluster: flags, namespace, route: row.route ?? {} }), {
      ...plain,
      ...row.want,
    })
  })
}

test('a namespace that is not known says nothing', () => {
  assert.deepEqual(resolveSettings({ cluster, namespace: undefined, route: {} }), plain)
})

const allowances: readonly (readonly [
  name: string,
  host: string,
  domains: readonly string[] | undefined,
  allowed: boolean,
])[] = [
  ['any host without a list', 'shop.example.com', undefined, true],
  ['no host with an empty list', 'shop.example.com', [], false],
  ['the host itself', 'shop.example.com', ['a.com', 'shop.example.com'], true],
  ['one label below a wildcard', 'shop.example.com', ['*.example.com'], true],
  ['the wildcard itself', '*.example.com', ['*.example.com'], true],
  ['a single label that is listed', 'nas', ['nas'], true],
  ["not the wildcard's own parent", 'example.com', ['*.example.com'], false],
  ['not two labels below a wildcard', 'a.shop.example.com', ['*.example.com'], false],
  ['not a name that only ends alike', 'evil-example.com', ['*.example.com'], false],
  ['not a wildcard for one of its hosts', '*.example.com', ['shop.example.com'], false],
  ['not a wildcard above the one allowed', '*.example.com', ['*.shop.example.com'], false],
  ['not a single label for a wildcard', 'com', ['*.com'], false],
]

for (const [name, host, domains, allowed] of allowances) {
  test(`allowed: ${name}`, () => {
    assert.equal(isAllowed(host, domains && new Set(domains)), allowed)
  })
}
