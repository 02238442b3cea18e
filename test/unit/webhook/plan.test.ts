import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import {
  CERT_MANAGER_API,
  parseCertificate,
  type Certificate,
} from '../../../shared/certmanager/certificate.ts'
import type { DesiredCertificate } from '../../../shared/certificates/desired.ts'
import type { Verdict } from '../../../shared/route/decide.ts'
import type { JsonObject } from '../../../shared/json/json.ts'
import { TRAEFIK_API, type Route } from '../../../shared/traefik/route.ts'
import type { Action, Observed, RouteName } from '../../../webhook/controller/plan/action.ts'
import { planLeftover } from '../../../webhook/controller/plan/plan-leftover.ts'
import { planCertificate } from '../../../webhook/controller/plan/plan-certificate.ts'
import { dnsName, route, rules } from '../../fixtures/routes.ts'

const NAME = 'cert-shop-shop-example-com'
const SECRET = 'tls-shop-shop-example-com'
const labels = { 'app.kubernetes.io/managed-by': 'tlsauto' }
const issuerRef = { name: 'letsencrypt-prod', kind: 'ClusterIssuer', group: 'cert-manager.io' }
const spec = { secretName: SECRET, dnsNames: ['shop.example.com'], issuerRef }

const serving = route({ uid: 'one' }, { tls: { secretName: SECRET } })
const other = route({ name: 'other', uid: 'two' }, { tls: { secretName: 'tls-other' } })
const owner = ownerOf(serving)
/** Its own Secret is another host's. */
const leaving = route({ uid: 'one' }, { tls: { secretName: 'tls-other' } })
const redirecting = route({
  name: 'tlsauto-http-shop',
  labels,
  annotations: { 'tlsauto.dev/redirects': 'other.example.com,shop.example.com' },
})

function ownerOf({ metadata }: Route): JsonObject {
  return { apiVersion: TRAEFIK_API, kind: 'IngressRoute', name: metadata.name, uid: metadata.uid }
}

function desired(owners: readonly Route[]): DesiredCertificate {
  return {
    namespace: 'team',
    name: NAME,
    secretName: SECRET,
    dnsNames: [dnsName('shop.example.com')],
    issuerRef,
    options: { annotations: {}, spec: {} },
    owners,
  }
}

function certificate(metadata: JsonObject = {}, more: JsonObject = {}): Certificate {
  const made = parseCertificate({
    metadata: {
      namespace: 'team',
      name: NAME,
      uid: 'cert',
      resourceVersion: '7',
      labels,
      ownerReferences: [owner],
      ...metadata,
    },
    spec,
    ...more,
  })
  if (made === undefined) throw new Error('the fixture is no Certificate')
  return made
}

function carrier(metadata: JsonObject = {}, more: JsonObject = {}): Route {
  return route(
    { name: NAME, uid: 'carrier', resourceVersion: '8', labels, ...metadata },
    { entryPoints: [], routes: rules(), tls: { secretName: SECRET }, ...more },
  )
}

function observed(seen: {
  readonly certificate?: Certificate
  readonly carrier?: Route
  readonly routes?: readonly Route[]
  readonly verdict?: Verdict
  readonly hasGuests?: boolean
}): Observed {
  const routes = [...(seen.routes ?? []), ...(seen.carrier === undefined ? [] : [seen.carrier])]
  return {
    certificate: (name) => (name === NAME ? seen.certificate : undefined),
    route: (at) => routes.find((one) => isNamed(one, at)),
    hasGuests: () => seen.hasGuests === true,
    verdict: (at) => (routes.some((one) => isNamed(one, at)) ? seen.verdict : undefined),
  }
}

function isNamed({ kind, metadata }: Route, at: RouteName): boolean {
  return kind === at.kind && metadata.name === at.name
}

const ADOPT = { 'tlsauto.dev/adopt': 'true' }
const FORMER = [{ apiVersion: 'paas.org/v1', kind: 'App', name: 'shop', uid: 'app' }]
const ISSUED = { status: { notAfter: '2026-06-01T10:00:00Z' } }
const seenCertificate = { uid: 'cert', resourceVersion: '7' }
const seenCarrier = { uid: 'carrier', resourceVersion: '8' }

function applyCertificate(owners: readonly Route[], seen: JsonObject | undefined): Action {
  const ownerReferences = owners.map(ownerOf)
  return {
    kind: 'apply',
    resource: 'certificates',
    object: {
      apiVersion: CERT_MANAGER_API,
      kind: 'Certificate',
      metadata: { namespace: 'team', name: NAME, ...seen, labels, ownerReferences },
      spec,
    },
    force: seen !== undefined,
  }
}

function applyCarrier(
  owners: readonly Route[],
  {
    seen,
    ingressClassName,
  }: { readonly seen?: JsonObject; readonly ingressClassName?: string } = {},
): Action {
  return {
    kind: 'apply',
    resource: 'ingressRoutes',
    object: {
      apiVersion: TRAEFIK_API,
      kind: 'IngressRoute',
      metadata: {
        namespace: 'team',
        name: NAME,
        ...seen,
        labels,
        ownerReferences: owners.map(ownerOf),
      },
      spec: {
        ...(ingressClassName === undefined ? {} : { ingressClassName }),
        routes: [],
        tls: { secretName: SECRET },
      },
    },
    force: seen !== undefined,
  }
}

const removeCertificate: Action = {
  kind: 'delete',
  resource: 'certificates',
  namespace: 'team',
  name: NAME,
  preconditions: seenCertificate,
}
const removeCarrier: Action = {
  ...removeCertificate,
  resource: 'ingressRoutes',
  preconditions: seenCarrier,
}

function event(
  reason:
    | 'CertificateAdopted'
    | 'CertificateCreated'
    | 'CertificateDeleted'
    | 'NameTaken'
    | 'CarrierTaken',
  about: string,
): Action {
  const on = {
    apiVersion: TRAEFIK_API,
    kind: 'IngressRoute',
    name: 'shop',
    uid: 'one',
    namespace: 'team',
  }
  return { kind: 'event', note: { on, reason, about } }
}

type Row = {
  readonly name: string
  readonly owners?: readonly Route[]
  readonly seen: Parameters<typeof observed>[0]
  readonly want: readonly Action[]
}

const created = event(
  'CertificateCreated',
  `${NAME} for shop.example.com from ClusterIssuer letsencrypt-prod`,
)

const WANTED: readonly Row[] = [
  {
    name: 'nothing is there: the Certificate is applied, not forced, and told',
    seen: {},
    want: [applyCertificate([serving], undefined), created],
  },
  {
    name: 'all is right: nothing is done',
    seen: { certificate: certificate({}, ISSUED) },
    want: [],
  },
  {
    name: 'the order of the names does not matter, nor what others wrote',
    seen: { certificate: certificate({}, { spec: { ...spec, renewBefore: '720h' } }) },
    want: [],
  },
  {
    name: 'an owner is missing: applied with uid and version',
    owners: [serving, other],
    seen: { certificate: certificate() },
    want: [applyCertificate([serving, other], seenCertificate)],
  },
  {
    name: 'an owner is too many',
    seen: { certificate: certificate({ ownerReferences: [owner, ownerOf(other)] }) },
    want: [applyCertificate([serving], seenCertificate)],
  },
  {
    name: 'the issuer is another one',
    seen: { certificate: certificate({}, { spec: { ...spec, issuerRef: { name: 'old' } } }) },
    want: [applyCertificate([serving], seenCertificate)],
  },
  {
    name: 'a host is missing',
    seen: { certificate: certificate({}, { spec: { ...spec, dnsNames: [] } }) },
    want: [applyCertificate([serving], seenCertificate)],
  },
  {
    name: "somebody else's is left alone",
    seen: { certificate: certificate({ labels: {} }) },
    want: [event('NameTaken', NAME)],
  },
  {
    name: 'one that was handed over is taken over, whatever else it says',
    seen: {
      certificate: certificate(
        { labels: {}, ownerReferences: [], annotations: ADOPT },
        { ...ISSUED, spec: { ...spec, privateKey: { algorithm: 'ECDSA' } } },
      ),
    },
    want: [applyCertificate([serving], seenCertificate), event('CertificateAdopted', NAME)],
  },
  {
    name: 'its former owner goes first',
    seen: { certificate: certificate({ labels: {}, ownerReferences: FORMER, annotations: ADOPT }) },
    want: [
      {
        kind: 'disown',
        certificate: certificate({ labels: {}, ownerReferences: FORMER, annotations: ADOPT })
          .metadata,
      },
    ],
  },
  {
    name: 'one that comes back later is nothing to us',
    seen: { certificate: certificate({ ownerReferences: [owner, ...FORMER], annotations: ADOPT }) },
    want: [],
  },
  {
    name: 'a route that names another Secret needs a carrier, once there is something in it',
    owners: [serving, other],
    seen: { certificate: certificate({ ownerReferences: [owner, ownerOf(other)] }) },
    want: [],
  },
  {
    name: 'and then it is made',
    owners: [serving, other],
    seen: { certificate: certificate({ ownerReferences: [owner, ownerOf(other)] }, ISSUED) },
    want: [applyCarrier([serving, other])],
  },
  {
    name: "of the oldest one's ingress class",
    owners: [route({ uid: 'one' }, { ingressClassName: 'internal' })],
    seen: { certificate: certificate({}, ISSUED) },
    want: [applyCarrier([serving], { ingressClassName: 'internal' })],
  },
  {
    name: 'a carrier stays though its Certificate is not ready any more',
    owners: [other],
    seen: {
      certificate: certificate({ ownerReferences: [ownerOf(other)] }),
      carrier: carrier({ ownerReferences: [ownerOf(other)] }),
    },
    want: [],
  },
  {
    name: 'a carrier with other owners is put right',
    owners: [other],
    seen: {
      certificate: certificate({ ownerReferences: [ownerOf(other)] }, ISSUED),
      carrier: carrier({ ownerReferences: [owner] }),
    },
    want: [applyCarrier([other], { seen: seenCarrier })],
  },
  {
    name: 'a carrier goes once every route names the Secret',
    seen: { certificate: certificate({}, ISSUED), carrier: carrier({ ownerReferences: [owner] }) },
    want: [removeCarrier],
  },
  {
    name: "somebody else's route of that name is left alone",
    owners: [route({ uid: 'one' })],
    seen: { certificate: certificate({}, ISSUED), carrier: carrier({ labels: {} }) },
    want: [event('CarrierTaken', NAME)],
  },
]

suite('what a Certificate that should be needs', () => {
  for (const { name, owners = [serving], seen, want } of WANTED) {
    test(name, () => assert.deepEqual(planCertificate(desired(owners), observed(seen)), want))
  }
})

const LEFT: readonly Omit<Row, 'owners'>[] = [
  { name: 'nothing is left: nothing is done', seen: {}, want: [] },
  {
    name: 'Certificate and carrier go, and the route that is still there hears it',
    seen: {
      certificate: certificate(),
      carrier: carrier({ ownerReferences: [owner] }),
      routes: [serving],
    },
    want: [removeCertificate, event('CertificateDeleted', NAME), removeCarrier],
  },
  {
    name: 'a route that is gone hears nothing, nor another one of its name',
    seen: { certificate: certificate(), routes: [route({ uid: 'new' })] },
    want: [removeCertificate],
  },
  {
    name: 'a carrier alone goes too: a crash came between the two',
    seen: { carrier: carrier({ ownerReferences: [owner] }) },
    want: [removeCarrier],
  },
  {
    name: "somebody else's stay",
    seen: { certificate: certificate({ labels: {} }), carrier: carrier({ labels: {} }) },
    want: [],
  },
  {
    name: 'what no route owns stays, whatever its label says',
    seen: {
      certificate: certificate({ ownerReferences: [] }),
      carrier: carrier({
        ownerReferences: [{ kind: 'Gateway', apiVersion: 'x/v1', uid: 'g', name: 'g' }],
      }),
    },
    want: [],
  },
  {
    name: 'a Certificate in use stays while a route that opted out still names its Secret',
    seen: {
      certificate: certificate({}, ISSUED),
      routes: [serving],
      verdict: { kind: 'unmanaged', reason: 'OptedOut', findings: [] },
    },
    want: [],
  },
  {
    name: 'and while the companion of a route that opted out still redirects to it',
    seen: {
      certificate: certificate({}, ISSUED),
      carrier: carrier({ ownerReferences: [owner] }),
      routes: [other, leaving, redirecting],
      verdict: { kind: 'unmanaged', reason: 'OptedOut', findings: [] },
    },
    want: [],
  },
  {
    name: 'one that was never issued is no loss',
    seen: {
      certificate: certificate(),
      routes: [serving],
      verdict: { kind: 'unmanaged', reason: 'OptedOut', findings: [] },
    },
    want: [removeCertificate, event('CertificateDeleted', NAME)],
  },
  {
    name: 'a mistake in a route or its settings takes neither Certificate nor carrier away',
    seen: {
      certificate: certificate(),
      carrier: carrier({ ownerReferences: [owner] }),
      routes: [serving],
      verdict: { kind: 'unmanaged', reason: 'UnreadableSetting', findings: [] },
    },
    want: [],
  },
  {
    name: 'a host that its namespace allows no more loses its Certificate',
    seen: {
      certificate: certificate({}, ISSUED),
      routes: [serving],
      verdict: { kind: 'unmanaged', reason: 'HostNotAllowed', findings: [] },
    },
    want: [removeCertificate, event('CertificateDeleted', NAME)],
  },
  {
    name: 'one from an issuer that its namespace allows no more goes, and its carrier stays',
    seen: {
      certificate: certificate({}, ISSUED),
      carrier: carrier({ ownerReferences: [owner] }),
      routes: [serving],
      verdict: refused('ClusterIssuer/letsencrypt-prod'),
    },
    want: [removeCertificate, event('CertificateDeleted', NAME)],
  },
  {
    name: 'one from another issuer than the route asks for in vain stays',
    seen: {
      certificate: certificate({}, ISSUED),
      routes: [serving],
      verdict: refused('ClusterIssuer/corporate-ca'),
    },
    want: [],
  },
  {
    name: 'what is being deleted already is left to go',
    seen: { certificate: certificate({ deletionTimestamp: '2026-03-01T10:00:00Z' }) },
    want: [],
  },
]

function refused(about: string): Verdict {
  const reason = 'IssuerNotAllowed'
  return { kind: 'unmanaged', reason, findings: [{ reason, path: '', about }] }
}

suite('what becomes of a Certificate that no route needs', () => {
  for (const { name, seen, want } of LEFT) {
    test(name, () => assert.deepEqual(planLeftover(NAME, observed(seen)), want))
  }
})
