import assert from 'node:assert/strict'
import { test } from 'node:test'
import { appOf, decide, type Verdict } from '../../../shared/route/decide.ts'
import { namesOurSecret } from '../../../shared/route/our-choice.ts'
import type { Route } from '../../../shared/traefik/route.ts'
import type { Finding, Reason } from '../../../shared/findings/reasons.ts'
import type { JsonObject } from '../../../shared/json/json.ts'
import type { ClusterSettings, NamespaceSettings } from '../../../shared/settings/settings.ts'
import { cluster, route, rules, settingsOf, wildcardCluster } from '../../fixtures/routes.ts'

type Row = {
  readonly name: string
  readonly metadata?: JsonObject
  readonly spec?: JsonObject
  readonly cluster?: ClusterSettings
  readonly namespace?: Partial<NamespaceSettings>
  readonly want: unknown
}

function unmanaged(...findings: readonly [Finding, ...Finding[]]): Verdict {
  return { kind: 'unmanaged', reason: findings[0].reason, findings }
}

/** The whole route is meant, or the field at `path`. */
function finding(reason: Reason, about = '', path = ''): Finding {
  return { reason, path, about }
}

/** Some rule's host is meant. */
function inRule(reason: Reason, about: string, index = 0): Finding {
  return { reason, about, path: `spec.routes[${index}].match` }
}

function inAnnotation(reason: Reason, key: string, about: string): Finding {
  return { reason, about, path: `metadata.annotations[cert-manager.io/${key}]` }
}

/** What differs from a managed route for shop.example.com of which there is nothing to say. */
function managed(differs: Readonly<Record<string, unknown>> = {}): unknown {
  return {
    kind: 'managed',
    secret: 'tls-shop-shop-example-com',
    hosts: ['shop.example.com'],
    named: false,
    attach: 'inject',
    findings: [],
    ...differs,
  }
}

const allAnnotations: ClusterSettings = { ...cluster, annotations: 'all' }
const ownSecret = { tls: { secretName: 'mine' } }
const bothIssuers = { 'cert-manager.io/issuer': 'a', 'cert-manager.io/cluster-issuer': 'b' }

const leftAlone: readonly Row[] = [
  {
    name: "tlsauto's own carrier is left alone",
    metadata: { labels: { 'app.kubernetes.io/managed-by': 'tlsauto' } },
    spec: { tls: { secretName: 'tls-shop-shop-example-com' } },
    want: unmanaged(finding('Carrier', 'tls-shop-shop-example-com')),
  },
  {
    name: 'a route that is being deleted is left alone',
    metadata: { deletionTimestamp: '2026-03-02T10:00:00Z' },
    want: unmanaged(finding('BeingDeleted')),
  },
  {
    name: 'a route opts out',
    metadata: { annotations: { 'tlsauto.dev/enabled': 'false' } },
    want: unmanaged(finding('OptedOut', 'tlsauto.dev/enabled')),
  },
  {
    name: 'a namespace opts its routes out',
    namespace: { labels: { 'tlsauto.dev/enabled': 'false' } },
    want: unmanaged(finding('OptedOut', 'its namespace: tlsauto.dev/enabled')),
  },
  {
    name: 'a route with parents is left alone',
    spec: { parentRefs: [{ name: 'parent' }] },
    want: unmanaged(finding('HasParents', '', 'spec.parentRefs')),
  },
  {
    name: 'a class by field is left alone where no class is served',
    spec: { ingressClassName: 'internal' },
    want: unmanaged(finding('OtherIngressClass', 'internal')),
  },
  {
    name: 'a class by annotation is left alone where no class is served',
    metadata: { annotations: { 'kubernetes.io/ingress.class': 'nginx' } },
    want: unmanaged(finding('OtherIngressClass', 'nginx')),
  },
  {
    name: 'a route without a class is left alone where one is served',
    cluster: { ...cluster, ingressClass: 'internal' },
    want: unmanaged(finding('OtherIngressClass', '(none)')),
  },
  {
    name: 'the field counts, not the annotation beside it',
    metadata: { annotations: { 'kubernetes.io/ingress.class': 'internal' } },
    spec: { ingressClassName: 'public' },
    cluster: { ...cluster, ingressClass: 'internal' },
    want: unmanaged(finding('OtherIngressClass', 'public')),
  },
  {
    name: "Traefik's own resolver makes the certificate",
    spec: { tls: { certResolver: 'le' } },
    want: unmanaged(finding('CertResolver', 'le', 'spec.tls.certResolver')),
  },
  {
    name: "a resolver is the reason, even beside our Secret's name",
    metadata: { annotations: { 'tlsauto.dev/secret': 'tls-a' } },
    spec: { tls: { certResolver: 'le', secretName: 'tls-a' } },
    want: unmanaged(finding('CertResolver', 'le', 'spec.tls.certResolver')),
  },
  {
    name: 'a route brings its own Secret',
    spec: ownSecret,
    want: unmanaged(finding('OwnSecret', 'mine', 'spec.tls.secretName')),
  },
  {
    name: 'a Secret other than the annotated one is its own',
    metadata: { annotations: { 'tlsauto.dev/secret': 'tls-a' } },
    spec: ownSecret,
    want: unmanaged(finding('OwnSecret', 'mine', 'spec.tls.secretName')),
  },
  {
    name: "the namespace's issuer does not make a route's own Secret ours",
    spec: ownSecret,
    namespace: { annotations: { 'cert-manager.io/issuer': 'team-ca' } },
    want: unmanaged(finding('OwnSecret', 'mine', 'spec.tls.secretName')),
  },
  {
    name: 'both issuers are a mistake, and told beside an own Secret too',
    metadata: { annotations: bothIssuers },
    spec: ownSecret,
    want: unmanaged(
      finding(
        'TwoIssuers',
        'stands beside cert-manager.io/issuer',
        'metadata.annotations[cert-manager.io/cluster-issuer]',
      ),
    ),
  },
  {
    name: 'both issuers are a mistake on the namespace',
    namespace: { annotations: bothIssuers },
    want: unmanaged(
      finding(
        'TwoIssuers',
        "the namespace's cert-manager.io/cluster-issuer: stands beside cert-manager.io/issuer",
      ),
    ),
  },
  {
    name: "a setting that can't be read leaves the route alone",
    metadata: { annotations: { 'tlsauto.dev/app': 'My App' } },
    want: unmanaged(
      finding(
        'UnreadableSetting',
        '"My App" is not lower-case letters, digits, - and .',
        'metadata.annotations[tlsauto.dev/app]',
      ),
    ),
  },
  {
    name: "a list of allowed domains that can't be read gives nobody a certificate",
    namespace: { annotations: { 'tlsauto.dev/allowed-domains': '*' } },
    want: unmanaged(
      finding(
        'UnreadableSetting',
        'the namespace\'s tlsauto.dev/allowed-domains: "*" is not domains with commas between',
      ),
    ),
  },
  {
    name: 'entry points without HTTPS are told',
    spec: { entryPoints: ['web', 'metrics'] },
    want: unmanaged(finding('NoTlsEntryPoint', 'web, metrics', 'spec.entryPoints')),
  },
  {
    name: 'default entry points without HTTPS are told',
    spec: { entryPoints: [] },
    cluster: { ...cluster, defaultEntryPoints: ['web'] },
    want: unmanaged(finding('NoTlsEntryPoint', 'web', 'spec.entryPoints')),
  },
  {
    name: 'a route that opted out is not told of its mistakes',
    metadata: { annotations: { 'tlsauto.dev/enabled': 'false', ...bothIssuers } },
    spec: { entryPoints: ['web'], routes: [] },
    want: unmanaged(finding('OptedOut', 'tlsauto.dev/enabled')),
  },
]

const hostless: readonly Row[] = [
  {
    name: 'a route without rules has no host',
    spec: { routes: [] },
    want: unmanaged(finding('NoHost', 'Host(`shop.example.com`)', 'spec.routes')),
  },
  {
    name: 'a rule without a host matcher has none',
    spec: { routes: rules('PathPrefix(`/api`)') },
    want: unmanaged(finding('NoHost', 'Host(`shop.example.com`)', 'spec.routes')),
  },
  {
    name: 'a negated host is none',
    spec: { routes: rules('!Host(`shop.example.com`) && PathPrefix(`/`)') },
    want: unmanaged(finding('NoHost', 'Host(`shop.example.com`)', 'spec.routes')),
  },
  {
    name: 'a pattern of hosts is none',
    spec: { routes: rules('HostRegexp(`.+\\.example\\.com`)') },
    want: unmanaged(finding('NoHost', 'Host(`shop.example.com`)', 'spec.routes')),
  },
  {
    name: 'addresses get no certificate',
    spec: { routes: rules('Host(`10.0.0.1`) || Host(`2001:db8::1`)') },
    want: unmanaged(inRule('AddressHost', '10.0.0.1'), inRule('AddressHost', '2001:db8::1')),
  },
  {
    name: 'a lone star names no host',
    spec: { routes: rules('Host(`*`)') },
    want: unmanaged(inRule('EveryHost', '*')),
  },
  {
    name: 'what is no DNS name gets no certificate',
    spec: { routes: rules('Host(`my_shop.example.com`)') },
    want: unmanaged(inRule('MalformedHost', 'my_shop.example.com')),
  },
  {
    name: 'a name that DNS has no room for gets no certificate',
    spec: { routes: rules(`Host(\`${'a'.repeat(64)}.com\`)`) },
    want: unmanaged(inRule('TooLongHost', `${'a'.repeat(64)}.com`)),
  },
  {
    name: 'a host that the namespace may not have gets no certificate',
    namespace: { annotations: { 'tlsauto.dev/allowed-domains': '*.team-a.example.com' } },
    want: unmanaged(inRule('HostNotAllowed', 'shop.example.com')),
  },
  {
    name: 'a wildcard gets no certificate where nobody can sign it',
    spec: { routes: rules('Host(`*.example.com`)') },
    want: unmanaged(inRule('WildcardIssuerMissing', '*.example.com')),
  },
  {
    name: 'a rule that Traefik refuses is told with its place',
    spec: { routes: rules('Host(`a.example.com`)\n&& Path(`/`)') },
    want: unmanaged(
      inRule(
        'UnreadableRule',
        "2:1: a line can't start with &&: put it at the end of the line before",
      ),
    ),
  },
  {
    name: 'a matcher that nobody knows is told',
    spec: { routes: rules('Hots(`shop.example.com`)') },
    want: unmanaged(
      inRule(
        'UnknownMatcher',
        '1:1: Hots is no matcher that Traefik 3.7 knows: check its spelling',
      ),
    ),
  },
  {
    name: 'a rule that is nested too deep is told',
    spec: { routes: rules(`${'('.repeat(1001)}Host(\`shop.example.com\`)${')'.repeat(1001)}`) },
    want: unmanaged(
      inRule(
        'RuleTooDeep',
        '1:1001: parentheses and ! nest more than 1,000 deep here: write the rule flatter',
      ),
    ),
  },
  {
    name: 'every rule says what is wrong with it; the first is the reason',
    spec: { routes: rules('Host(`*`)', 'PathPrefix(`/`)', 'Host(`10.0.0.1`)', 'Host(`*`)') },
    want: unmanaged(
      inRule('EveryHost', '*'),
      inRule('AddressHost', '10.0.0.1', 2),
      inRule('EveryHost', '*', 3),
    ),
  },
]

const cared: readonly Row[] = [
  { name: 'a plain route is taken care of', want: managed() },
  {
    name: 'a route without tls is, and so is one whose tls is null or empty',
    spec: { tls: null },
    want: managed(),
  },
  { name: 'an empty secretName is none', spec: { tls: { secretName: '' } }, want: managed() },
  {
    name: 'TLS options of its own do not matter',
    spec: { tls: { options: { name: 'mtls' } } },
    want: managed(),
  },
  {
    name: 'the annotated app names the Secret',
    metadata: { annotations: { 'tlsauto.dev/app': 'app-123' } },
    want: managed({ secret: 'tls-app-123-shop-example-com' }),
  },
  {
    name: 'class traefik is served where no class is asked for',
    spec: { ingressClassName: 'traefik' },
    want: managed(),
  },
  {
    name: 'the class that is asked for is served, by annotation too',
    metadata: { annotations: { 'kubernetes.io/ingress.class': 'internal' } },
    cluster: { ...cluster, ingressClass: 'internal' },
    want: managed(),
  },
  {
    name: 'an empty list of parents is none',
    spec: { parentRefs: [] },
    want: managed(),
  },
  {
    name: 'one HTTPS entry point is enough',
    spec: { entryPoints: ['metrics', 'websecure'] },
    want: managed(),
  },
  { name: 'empty entry points are the default ones', spec: { entryPoints: [] }, want: managed() },
  {
    name: 'a router whose children serve can have no companion, and so no TLS',
    spec: { entryPoints: [], routes: [{ match: 'Host(`shop.example.com`)' }] },
    want: managed({
      attach: 'carry',
      findings: [finding('ParentRouter', '', 'spec.routes[0]')],
    }),
  },
  {
    name: 'but TLS where it speaks no HTTP',
    spec: { routes: [{ match: 'Host(`shop.example.com`)' }] },
    want: managed(),
  },
  {
    name: 'or where HTTP shall end',
    metadata: { annotations: { 'tlsauto.dev/http': 'off' } },
    spec: { entryPoints: [], routes: [{ match: 'Host(`shop.example.com`)' }] },
    want: managed(),
  },
  {
    name: "or has ended by its user's own tls",
    spec: { entryPoints: [], routes: [{ match: 'Host(`shop.example.com`)' }], tls: {} },
    want: managed(),
  },
  {
    name: 'a rule of a newer Traefik can have no companion either',
    spec: { entryPoints: [], routes: rules('Host(`shop.example.com`)', 'Moon(`full`)') },
    want: managed({
      attach: 'carry',
      findings: [
        finding(
          'UnknownMatcher',
          '1:1: Moon is no matcher that Traefik 3.7 knows: check its spelling',
          'spec.routes[1].match',
        ),
        finding('StrangeRouter', '', 'spec.routes[1].match'),
      ],
    }),
  },
  {
    name: 'carriers need no companion',
    metadata: { annotations: { 'tlsauto.dev/attach': 'carry' } },
    spec: { entryPoints: [], routes: [{ match: 'Host(`shop.example.com`)' }] },
    want: managed({ attach: 'carry' }),
  },
  {
    name: 'the hosts of all rules count once each, in order; the first names the Secret',
    spec: {
      routes: rules(
        'Host(`b.example.com`) && PathPrefix(`/`)',
        '(Host(`a.example.com`) || Host(`b.example.com`)) && !Host(`c.example.com`)',
        'Host(`A.example.com.`)',
      ),
    },
    want: managed({
      secret: 'tls-shop-b-example-com',
      hosts: ['b.example.com', 'a.example.com'],
    }),
  },
  {
    name: 'a host negated twice is one',
    spec: { routes: rules('!(!Host(`shop.example.com`) || Path(`/`))') },
    want: managed(),
  },
  {
    name: 'a rule in v2 syntax lists its hosts',
    spec: {
      routes: [{ match: 'Host(`a.example.com`, `b.example.com`)', syntax: 'v2' }],
    },
    want: managed({
      secret: 'tls-shop-a-example-com',
      hosts: ['a.example.com', 'b.example.com'],
    }),
  },
  {
    name: 'the same list is refused in v3 syntax',
    spec: { routes: rules('Host(`a.example.com`, `b.example.com`)') },
    want: unmanaged(
      inRule(
        'UnreadableRule',
        '1:23: Host takes 1 value in v3 syntax, not 2: join several matchers with ||',
      ),
    ),
  },
  {
    name: 'hosts that can have no certificate do not keep the others from theirs',
    spec: {
      routes: rules('Host(`*.example.com`) || Host(`shop.example.com`)', 'Host(', 'Host(`*`)'),
    },
    want: managed({
      findings: [
        inRule('WildcardIssuerMissing', '*.example.com'),
        inRule('UnreadableRule', '1:6: a ( is never closed: put ) at the end', 1),
        inRule('EveryHost', '*', 2),
      ],
    }),
  },
  {
    name: 'a single label gets a certificate, with a word about public CAs',
    spec: { routes: rules('Host(`nas`)') },
    want: managed({
      secret: 'tls-shop-nas',
      hosts: ['nas'],
      findings: [inRule('PrivateHost', 'nas')],
    }),
  },
  {
    name: 'a wildcard gets one where an issuer for wildcards is configured',
    spec: { routes: rules('Host(`*.example.com`)') },
    cluster: wildcardCluster,
    want: managed({ secret: 'tls-shop-wildcard-example-com', hosts: ['*.example.com'] }),
  },
  {
    name: 'a wildcard gets one where the route names its issuer',
    metadata: { annotations: { 'cert-manager.io/issuer': 'own-ca' } },
    spec: { routes: rules('Host(`*.example.com`)') },
    want: managed({ secret: 'tls-shop-wildcard-example-com', hosts: ['*.example.com'] }),
  },
  {
    name: 'a wildcard gets one where the namespace names its issuer',
    spec: { routes: rules('Host(`*.example.com`)') },
    namespace: { annotations: { 'cert-manager.io/cluster-issuer': 'team-ca' } },
    want: managed({ secret: 'tls-shop-wildcard-example-com', hosts: ['*.example.com'] }),
  },
  {
    name: 'of several hosts those are cared for that the namespace may have',
    spec: { routes: rules('Host(`evil.example.com`) || Host(`shop.example.com`)') },
    namespace: { annotations: { 'tlsauto.dev/allowed-domains': 'shop.example.com' } },
    want: managed({ findings: [inRule('HostNotAllowed', 'evil.example.com')] }),
  },
  {
    name: 'names beside the hosts are checked like them',
    metadata: {
      annotations: {
        'cert-manager.io/alt-names': 'a.evil.com,-x.com,*.shop.com',
        'cert-manager.io/common-name': 'Evil.com',
      },
    },
    namespace: { annotations: { 'tlsauto.dev/allowed-domains': 'shop.example.com,*.shop.com' } },
    want: managed({
      findings: [
        inAnnotation('HostNotAllowed', 'alt-names', 'a.evil.com'),
        inAnnotation('MalformedHost', 'alt-names', '-x.com'),
        inAnnotation('WildcardIssuerMissing', 'alt-names', '*.shop.com'),
        inAnnotation('HostNotAllowed', 'common-name', 'Evil.com'),
      ],
    }),
  },
  {
    name: 'a common name that is no host is not allowed, since it can be the name of a user',
    metadata: { annotations: { 'cert-manager.io/common-name': 'an admin' } },
    want: managed({ findings: [inAnnotation('CommonNameNotAllowed', 'common-name', 'an admin')] }),
  },
  {
    name: 'nor is one without a dot, though it is a host of the certificate',
    metadata: { annotations: { 'cert-manager.io/common-name': 'an admin' } },
    spec: { routes: rules('Host(`admin`)') },
    want: managed({
      secret: 'tls-shop-admin',
      hosts: ['admin'],
      findings: [
        inRule('PrivateHost', 'admin'),
        inAnnotation('CommonNameNotAllowed', 'common-name', 'an admin'),
      ],
    }),
  },
  {
    name: 'with all annotations it is, but not where a namespace has allowed domains',
    cluster: allAnnotations,
    metadata: { annotations: { 'cert-manager.io/common-name': 'an admin' } },
    want: managed(),
  },
  {
    name: 'a common name that is a host of the certificate is fine',
    metadata: { annotations: { 'cert-manager.io/common-name': 'Shop.example.com' } },
    namespace: { annotations: { 'tlsauto.dev/allowed-domains': 'shop.example.com' } },
    want: managed(),
  },
  {
    name: 'where a namespace has allowed domains, every kind of name is one of these, whatever the flag',
    cluster: allAnnotations,
    metadata: {
      annotations: {
        'cert-manager.io/common-name': 'an admin',
        'cert-manager.io/ip-sans': '10.0.0.1,::1',
        'cert-manager.io/email-sans': 'me@shop.example.com,ceo@evil.com,x@evil.com',
      },
    },
    namespace: { annotations: { 'tlsauto.dev/allowed-domains': 'shop.example.com' } },
    want: managed({
      findings: [
        inAnnotation('CommonNameNotAllowed', 'common-name', 'an admin'),
        inAnnotation('AddressNotAllowed', 'ip-sans', '10.0.0.1'),
        inAnnotation('AddressNotAllowed', 'ip-sans', '::1'),
        inAnnotation('HostNotAllowed', 'email-sans', 'ceo@evil.com'),
        inAnnotation('HostNotAllowed', 'email-sans', 'x@evil.com'),
      ],
    }),
  },
  {
    name: 'what a route has no right to is said, and the route is cared for without it',
    metadata: {
      annotations: {
        'cert-manager.io/subject-organizations': 'Shop Inc.',
        'cert-manager.io/usages': 'cert sign',
      },
    },
    want: managed({
      findings: [
        finding('AnnotationNotAllowed', 'cert-manager.io/subject-organizations'),
        finding('AnnotationNeverAllowed', 'cert-manager.io/usages'),
      ],
    }),
  },
  {
    name: 'an issuer that the namespace does not allow signs nothing',
    metadata: { annotations: { 'cert-manager.io/cluster-issuer': 'corporate-ca' } },
    namespace: { annotations: { 'tlsauto.dev/allowed-issuers': 'Issuer/*' } },
    want: unmanaged(
      inAnnotation('IssuerNotAllowed', 'cluster-issuer', 'ClusterIssuer/corporate-ca'),
    ),
  },
  {
    name: 'a Secret that we named stays, whatever the primary host is by now',
    metadata: { annotations: { 'tlsauto.dev/secret': 'tls-shop-old-example-com' } },
    spec: { tls: { secretName: 'tls-shop-old-example-com' } },
    want: managed({ secret: 'tls-shop-old-example-com' }),
  },
  {
    name: 'the annotated name is put back where only the secretName is gone',
    metadata: { annotations: { 'tlsauto.dev/secret': 'tls-shop-old-example-com' } },
    want: managed({ secret: 'tls-shop-old-example-com' }),
  },
  {
    name: 'an annotation that names nothing names no Secret',
    metadata: { annotations: { 'tlsauto.dev/secret': '' } },
    want: managed(),
  },
  {
    name: 'a pair copied from another route is still taken care of',
    metadata: { name: 'copy', annotations: { 'tlsauto.dev/secret': 'tls-shop-shop-example-com' } },
    spec: {
      routes: rules('Host(`copy.example.com`)'),
      tls: { secretName: 'tls-shop-shop-example-com' },
    },
    want: managed({ hosts: ['copy.example.com'] }),
  },
  {
    name: 'a Secret of its own under an issuer of its own is taken care of under that name',
    metadata: { annotations: { 'cert-manager.io/cluster-issuer': 'own-ca' } },
    spec: { ...ownSecret, routes: rules('Host(`a.example.com`) || Host(`*.example.com`)') },
    want: managed({ secret: 'mine', hosts: ['a.example.com', '*.example.com'], named: true }),
  },
  {
    name: 'a Secret of ours under an issuer of its own is not a name of its own',
    metadata: {
      annotations: { 'cert-manager.io/issuer': 'own-ca', 'tlsauto.dev/secret': 'tls-a' },
    },
    spec: { tls: { secretName: 'tls-a' } },
    want: managed({ secret: 'tls-a' }),
  },
  {
    name: 'an issuer of its own without a Secret of its own names none',
    metadata: { annotations: { 'cert-manager.io/issuer': 'own-ca' } },
    want: managed(),
  },
]

for (const row of [...leftAlone, ...hostless, ...cared]) {
  test(row.name, () => {
    const it = route(row.metadata, row.spec)
    const namespace = { labels: {}, annotations: {}, ...row.namespace }
    assert.deepEqual(decide(it, settingsOf(it, row.cluster ?? cluster, namespace)), row.want)
  })
}

test('reasons to leave a route alone are asked in order: the first that holds is the answer', () => {
  // Each layer takes the reason away that held before it.
  const layers: readonly (readonly [reason: Reason, metadata: JsonObject, spec: JsonObject])[] = [
    ['Carrier', { labels: { 'app.kubernetes.io/managed-by': 'tlsauto' } }, {}],
    ['BeingDeleted', { deletionTimestamp: '2026-03-02T10:00:00Z' }, {}],
    ['OptedOut', { annotations: { 'tlsauto.dev/enabled': 'false' } }, {}],
    ['HasParents', {}, { parentRefs: [{ name: 'parent' }] }],
    ['OtherIngressClass', {}, { ingressClassName: 'internal' }],
    ['CertResolver', {}, { tls: { certResolver: 'le', secretName: 'mine' } }],
    ['OwnSecret', {}, { tls: { secretName: 'mine' } }],
    ['UnreadableSetting', { annotations: { 'tlsauto.dev/attach': 'no' } }, {}],
    ['NoTlsEntryPoint', {}, { entryPoints: ['web'] }],
    ['NoHost', {}, { routes: [] }],
  ]
  for (const [index, [reason]] of layers.entries()) {
    let it = { metadata: {}, spec: {} }
    // Of two layers that set the same field, the earlier one wins.
    for (const [, metadata, spec] of layers.slice(index).toReversed()) {
      it = { metadata: { ...it.metadata, ...metadata }, spec: { ...it.spec, ...spec } }
    }
    const layered = route(it.metadata, it.spec)
    const verdict = decide(layered, settingsOf(layered))
    assert.equal(verdict.kind === 'unmanaged' && verdict.reason, reason)
  }
})

test('the app is the annotation, else the name of the route', () => {
  const plain = route()
  const annotated = route({ annotations: { 'tlsauto.dev/app': 'app-123' } })
  assert.equal(appOf(plain, settingsOf(plain)), 'shop')
  assert.equal(appOf(annotated, settingsOf(annotated)), 'app-123')
})

const pairs: readonly (readonly [
  name: string,
  annotation: string | undefined,
  secretName: string | undefined,
  ours: boolean,
])[] = [
  ['the same name twice is ours', 'tls-a', 'tls-a', true],
  ['two names are not', 'tls-a', 'tls-b', false],
  ['a secretName alone is not', undefined, 'tls-a', false],
  ['an annotation alone is not', 'tls-a', undefined, false],
  ['neither is not', undefined, undefined, false],
  ['two empty texts are not', '', '', false],
]

for (const [name, annotation, secretName, ours] of pairs) {
  test(name, () => {
    const annotations = annotation === undefined ? {} : { 'tlsauto.dev/secret': annotation }
    assert.equal(namesOurSecret(route({ annotations }, { tls: { secretName } })), ours)
  })
}

test('a pair whose secretName the user’s own manager owns is told to be a copy', () => {
  assert.deepEqual(reasonsOf(pairOwnedBy('kubectl-client-side-apply')), ['CopiedSecret'])
  assert.deepEqual(reasonsOf(pairOwnedBy('tlsauto')), [])
})

function pairOwnedBy(manager: string): Route {
  const fieldsV1 = { 'f:spec': { 'f:tls': { 'f:secretName': {} } } }
  const managedFields = [{ manager, operation: 'Update', fieldsV1 }]
  const annotations = { 'tlsauto.dev/secret': 'tls-a' }
  return route({ annotations, managedFields }, { tls: { secretName: 'tls-a' } })
}

function reasonsOf(managed: Route): readonly Reason[] {
  return decide(managed, settingsOf(managed)).findings.map(({ reason }) => reason)
}
