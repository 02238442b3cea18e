import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Gathered } from '../../../plugin/gather/snapshot.ts'
import { report, type StatusItem } from '../../../plugin/status/report.ts'
import type { DomainClaim } from '../../../shared/claims/domain-claim.ts'
import type { ClusterSettings } from '../../../shared/settings/settings.ts'
import { NOTHING_GATHERED } from '../../fixtures/gathered.ts'
import { certificate, challenge, condition, order, request } from '../../fixtures/certificates.ts'
import { claim } from '../../fixtures/domain-claims.ts'
import { cluster, route, rules, tcpRoute, wildcardCluster } from '../../fixtures/routes.ts'

const NOW = new Date('2026-03-01T12:30:00Z')
const LATER = '2026-05-30T12:00:00Z'
const READY = { conditions: [condition('Ready', 'True')], notAfter: LATER }

const NXDOMAIN = 'DNS problem: NXDOMAIN looking up A for shop.example.com'

const NOTHING: Gathered = {
  ...NOTHING_GATHERED,
  installedAt: '2026-01-01T00:00:00Z',
}

const ISSUED: StatusItem = {
  namespace: 'team',
  kind: 'IngressRoute',
  route: 'shop',
  domain: 'shop.example.com',
  app: 'shop',
  tlsStatus: 'issued',
  state: 'issued',
  reason: null,
  message: null,
  cause: null,
  whatToDo: null,
  certificate: 'cert-shop-shop-example-com',
  secret: 'tls-shop-shop-example-com',
  issuer: 'ClusterIssuer/letsencrypt-prod',
  notAfter: LATER,
  nextRetry: null,
  dnsConfigured: null,
}

const UNMADE: StatusItem = {
  ...ISSUED,
  tlsStatus: 'pending',
  state: 'pending',
  reason: 'NoCertificate',
  message: 'tlsauto has not made a Certificate yet; is it running?',
  cause: 'TlsautoSilent',
  whatToDo: 'See that tlsauto runs (kubectl get pods -n tlsauto), and read its log',
  certificate: null,
  secret: null,
  issuer: null,
  notAfter: null,
}

const LIMITED = { labels: {}, annotations: { 'tlsauto.dev/allowed-domains': 'own.example.com' } }

const NOT_ALLOWED: StatusItem = {
  ...UNMADE,
  tlsStatus: 'failed',
  state: 'conflict',
  reason: 'HostNotAllowed',
  message:
    "spec.routes[0].match: shop.example.com is not in the namespace's tlsauto.dev/allowed-domains: add it there",
  cause: null,
  whatToDo: null,
}

const HELD: StatusItem = {
  ...UNMADE,
  tlsStatus: 'failed',
  state: 'conflict',
  reason: 'HostHeldElsewhere',
  message: 'namespace other holds shop.example.com',
  cause: 'HostHeldElsewhere',
  whatToDo:
    'Use another host than shop.example.com, or ask the cluster’s administrator, who can change its DomainClaim: kubectl tlsauto doctor shop.example.com names it',
}

function leftAlone(reason: string, message: string, more: Partial<StatusItem> = {}): StatusItem {
  const told = { reason, message, cause: null, whatToDo: null }
  return { ...UNMADE, tlsStatus: null, state: 'unmanaged', ...told, ...more }
}

type Row = {
  readonly name: string
  readonly gathered: Partial<Gathered>
  readonly claims?: readonly DomainClaim[]
  readonly cluster?: ClusterSettings
  readonly want: readonly StatusItem[]
}

const ROWS: readonly Row[] = [
  {
    name: 'what a route says and may not is told, where its Certificate does not carry it',
    gathered: {
      routes: [
        route({
          annotations: {
            'cert-manager.io/private-key-size': '4096',
            'cert-manager.io/subject-organizations': 'Shop Inc.',
          },
        }),
      ],
      certificates: [certificate(READY)],
    },
    want: [
      {
        ...ISSUED,
        reason: 'AnnotationNotAllowed',
        message:
          'cert-manager.io/subject-organizations is not allowed without --annotations=all of the server; remove it',
      },
    ],
  },
  {
    name: 'a host with a Certificate that is Ready is issued',
    gathered: { routes: [route()], certificates: [certificate(READY)] },
    want: [ISSUED],
  },
  {
    name: 'a managed host without a Certificate is pending',
    gathered: { routes: [route()] },
    want: [UNMADE],
  },
  {
    name: "a Certificate under another route's own Secret name is not this one's",
    gathered: {
      routes: [route()],
      certificates: [certificate(READY, { name: 'own' }, { secretName: 'own' })],
    },
    want: [UNMADE],
  },
  {
    name: 'a host that lives off a wildcard’s Certificate shows that one',
    gathered: {
      routes: [route({ uid: 'shop' }, {}), route({ name: 'stranger', uid: 'stranger' }, {})],
      certificates: [
        certificate(
          READY,
          { name: 'cert-all', ownerReferences: [{ uid: 'all' }, { uid: 'shop' }] },
          { secretName: 'tls-all', dnsNames: ['*.example.com'] },
        ),
      ],
    },
    want: [
      { ...ISSUED, certificate: 'cert-all', secret: 'tls-all' },
      { ...UNMADE, route: 'stranger', app: 'stranger' },
    ],
  },
  {
    name: 'each host of a route is an item, in the order of its rules',
    gathered: {
      routes: [
        route(
          {},
          { routes: rules('Host(`shop.example.com`)', 'Host(`a.example.com`) || Host(`b.org`)') },
        ),
      ],
      certificates: [certificate(READY)],
    },
    want: [ISSUED, { ...UNMADE, domain: 'a.example.com' }, { ...UNMADE, domain: 'b.org' }],
  },
  {
    name: 'a host that can have no certificate is an item too, with the reason',
    gathered: {
      routes: [route({}, { routes: rules('Host(`shop.example.com`) || Host(`10.0.0.1`)') })],
      certificates: [certificate(READY)],
    },
    want: [
      ISSUED,
      leftAlone(
        'AddressHost',
        'spec.routes[0].match: no certificate for the address 10.0.0.1; use a DNS name',
        { domain: '10.0.0.1' },
      ),
    ],
  },
  {
    name: 'a route without a host is one item without a domain',
    gathered: { routes: [route({}, { routes: rules('PathPrefix(`/`)') })] },
    want: [
      leftAlone(
        'NoHost',
        'spec.routes: no certificate: no rule names a host; add Host(`shop.example.com`)',
        { domain: null },
      ),
    ],
  },
  {
    name: 'an IngressRouteTCP is a route too, and shares the Certificate of its host',
    gathered: { routes: [tcpRoute(), route({}, { tls: {} })], certificates: [certificate(READY)] },
    want: [{ ...ISSUED, kind: 'IngressRouteTCP', route: 'db', app: 'db' }, ISSUED],
  },
  {
    name: 'a plain route beside it is left alone, for it would take its host away',
    gathered: { routes: [route(), tcpRoute({}, { tls: { passthrough: true } })] },
    want: [
      leftAlone(
        'Passthrough',
        'spec.tls.passthrough: TLS passes through to the service, with its own certificate',
        { kind: 'IngressRouteTCP', route: 'db', app: 'db' },
      ),
      leftAlone(
        'ServedByTCP',
        'spec.routes: no HTTPS: an IngressRouteTCP serves shop.example.com over TLS; remove it, or give this route tls: {}',
      ),
    ],
  },
  {
    name: 'the domains that a route lists are its items',
    gathered: {
      routes: [route({}, { tls: { domains: [{ main: 'a.org', sans: ['Shop.example.com'] }] } })],
      certificates: [certificate(READY)],
    },
    want: [{ ...UNMADE, domain: 'a.org' }, ISSUED],
  },
  {
    name: 'a route that opted out is left alone, host by host',
    gathered: { routes: [route({ annotations: { 'tlsauto.dev/enabled': 'false' } })] },
    want: [leftAlone('OptedOut', 'opted out by tlsauto.dev/enabled; remove it to opt in')],
  },
  {
    name: 'a namespace can opt out too',
    gathered: {
      routes: [route()],
      namespaces: new Map([
        ['team', { labels: { 'tlsauto.dev/enabled': 'false' }, annotations: {} }],
      ]),
    },
    want: [
      leftAlone('OptedOut', 'opted out by its namespace: tlsauto.dev/enabled; remove it to opt in'),
    ],
  },
  {
    name: "a host with a Certificate of ours is managed, whatever the server's flags",
    gathered: {
      routes: [route({}, { entryPoints: ['public'], routes: rules('Host(`*.example.com`)') })],
      certificates: [certificate(READY, {}, { dnsNames: ['*.example.com'] })],
    },
    want: [{ ...ISSUED, domain: '*.example.com' }],
  },
  {
    name: "somebody else's Certificate for the host does not count",
    gathered: { routes: [route()], certificates: [certificate(READY, { labels: {} })] },
    want: [UNMADE],
  },
  {
    name: 'another namespace holds the host, by its DomainClaim',
    gathered: { routes: [route()] },
    claims: [claim('shop.example.com', 'other')],
    want: [HELD],
  },
  {
    name: 'a wildcard over a host of another namespace is a conflict',
    gathered: { routes: [route({}, { routes: rules('Host(`*.example.com`)') })] },
    cluster: wildcardCluster,
    claims: [claim('shop.example.com', 'other')],
    want: [
      {
        ...HELD,
        domain: '*.example.com',
        message: 'namespace other holds *.example.com, or a host below it',
        whatToDo: HELD.whatToDo?.replaceAll('shop.', '*.') ?? null,
      },
    ],
  },
  {
    name: 'a certificate that serves stays issued, whoever holds the host now',
    gathered: { routes: [route()], certificates: [certificate(READY)] },
    claims: [claim('shop.example.com', 'other')],
    want: [ISSUED],
  },
  {
    name: 'no Certificate of another namespace says whose a host is',
    gathered: { routes: [route()], certificates: [certificate(READY, { namespace: 'other' })] },
    want: [UNMADE],
  },
  {
    name: 'a route from before tlsauto, for which it made nothing, is left alone',
    gathered: { routes: [route()], installedAt: '2026-03-02T00:00:00Z' },
    want: [
      leftAlone(
        'OlderThanTlsauto',
        'older than tlsauto here; annotate tlsauto.dev/enabled: "true"',
      ),
    ],
  },
  {
    name: 'a route from before tlsauto that owns a Certificate of ours is not',
    gathered: {
      routes: [route({}, { routes: rules('Host(`shop.example.com`)', 'Host(`new.example.com`)') })],
      certificates: [certificate(READY, { ownerReferences: [{ uid: route().metadata.uid }] })],
      installedAt: '2026-03-02T00:00:00Z',
    },
    want: [ISSUED, { ...UNMADE, domain: 'new.example.com' }],
  },
  {
    name: 'where the webhook configuration may not be read, no route is called old',
    gathered: { routes: [route()], installedAt: undefined },
    want: [UNMADE],
  },
  {
    name: "tlsauto's own carriers are not listed",
    gathered: { routes: [route({ labels: { 'app.kubernetes.io/managed-by': 'tlsauto' } })] },
    want: [],
  },
  {
    name: 'a route with our label that names hosts which are not its namespace’s is',
    gathered: {
      namespaces: new Map([['team', LIMITED]]),
      routes: [route({ labels: { 'app.kubernetes.io/managed-by': 'tlsauto' } })],
    },
    want: [NOT_ALLOWED],
  },
  {
    name: 'a host that is not allowed is a problem on a route that is opted out, too',
    gathered: {
      namespaces: new Map([['team', LIMITED]]),
      routes: [route({ annotations: { 'tlsauto.dev/enabled': 'false' } })],
    },
    want: [NOT_ALLOWED],
  },
  {
    name: 'so is a rule that is not limited to named hosts, beside those that are well',
    gathered: {
      namespaces: new Map([['team', LIMITED]]),
      routes: [route({}, { routes: rules('Host(`own.example.com`)', 'PathPrefix(`/`)') })],
    },
    want: [
      { ...UNMADE, domain: 'own.example.com' },
      {
        ...NOT_ALLOWED,
        domain: null,
        reason: 'UnboundedRule',
        message:
          'spec.routes[1].match: not limited to named hosts, which is not allowed here: add a Host or HostSNI to PathPrefix(`/`)',
      },
    ],
  },
  {
    name: 'and a host that another namespace holds, on a route with a Secret of its own',
    gathered: {
      routes: [
        route({ namespace: 'other', creationTimestamp: '2026-01-02T00:00:00Z', uid: '2' }),
        route({}, { tls: { secretName: 'own' } }),
      ],
    },
    claims: [claim('shop.example.com', 'other')],
    want: [{ ...UNMADE, namespace: 'other' }, HELD],
  },
  {
    name: 'routes come by namespace, then name',
    gathered: {
      routes: [
        route({ name: 'b' }),
        route({ namespace: 'a-team', name: 'c' }, { routes: rules('Host(`c.example.com`)') }),
        route({ name: 'a' }),
      ],
    },
    want: [
      { ...UNMADE, namespace: 'a-team', route: 'c', app: 'c', domain: 'c.example.com' },
      { ...UNMADE, route: 'a', app: 'a' },
      { ...UNMADE, route: 'b', app: 'b' },
    ],
  },
  {
    name: 'another Certificate with the same Secret is a conflict',
    gathered: {
      routes: [route()],
      certificates: [
        certificate({ conditions: [condition('Ready', 'False')] }),
        certificate({}, { name: 'by-hand', uid: 'other', labels: {} }),
      ],
    },
    want: [
      {
        ...ISSUED,
        tlsStatus: 'failed',
        state: 'conflict',
        reason: 'SecretShared',
        message: 'Certificate by-hand has the same Secret tls-shop-shop-example-com',
        cause: 'SecretShared',
        whatToDo: 'Delete one of the two Certificates, or give one of them another spec.secretName',
        notAfter: null,
      },
    ],
  },
  {
    name: 'the text of a failure is dug out of request, Order and Challenge',
    gathered: {
      routes: [route()],
      certificates: [
        certificate({
          conditions: [condition('Ready', 'False'), condition('Issuing', 'False')],
          lastFailureTime: '2026-03-01T12:00:00Z',
          failedIssuanceAttempts: 1,
        }),
      ],
      requests: [request(condition('Ready', 'False'))],
      orders: [order('invalid')],
      challenges: [challenge('invalid', `400 urn:ietf:params:acme:error:dns: ${NXDOMAIN}`)],
    },
    want: [
      {
        ...ISSUED,
        tlsStatus: 'failed',
        state: 'failed',
        reason: 'Dns',
        message: NXDOMAIN,
        cause: 'DnsNoRecord',
        whatToDo:
          'Create an A or AAAA record for shop.example.com that leads to Traefik, then run kubectl tlsauto recreate shop.example.com',
        notAfter: null,
        nextRetry: '2026-03-01T13:00:00Z',
      },
    ],
  },
]

suite('report', () => {
  for (const { name, gathered, claims = [], want, ...row } of ROWS) {
    test(name, () => {
      const context = { cluster, ...row, now: NOW, claims: { claims, namespaces: new Map() } }
      assert.deepEqual(report({ ...NOTHING, ...gathered }, context), want)
    })
  }

  test('says of a host without a certificate that another namespace may have it, to who may not see that', () => {
    const claims = { claims: [], areHidden: true, namespaces: new Map() }
    const [item] = report({ ...NOTHING, routes: [route()] }, { cluster, now: NOW, claims })
    assert.match(
      item?.message ?? '',
      /belong to another namespace.*not allowed to list DomainClaims/,
    )
  })
})
