import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Certificate } from '../../../shared/certmanager/certificate.ts'
import { hostClaims } from '../../../shared/certificates/desired.ts'
import { decide } from '../../../shared/route/decide.ts'
import { objectAt, textAt, type JsonObject } from '../../../shared/json/json.ts'
import type { ClusterSettings } from '../../../shared/settings/settings.ts'
import { parseRoute } from '../../../shared/traefik/route.ts'
import type { Action } from '../../../webhook/controller/plan/action.ts'
import { companionObject } from '../../../webhook/controller/plan/companion-object.ts'
import type { StoredCompanion } from '../../../webhook/controller/plan/plan-companion.ts'
import { planRoute } from '../../../webhook/controller/plan/plan-route.ts'
import {
  parseMiddleware,
  redirectMiddleware,
} from '../../../webhook/controller/plan/redirect-middleware.ts'
import { certificate, cluster, route, settingsOf } from '../../fixtures/routes.ts'

const ANNOTATION = 'tlsauto.dev/secret'
const SECRET = 'tls-shop-shop-example-com'
const COMPANION = 'tlsauto-http-shop'

type Row = {
  readonly name: string
  readonly metadata?: JsonObject
  readonly spec?: JsonObject
  readonly flags?: Partial<ClusterSettings>
  /** The Certificate that stands for shop.example.com. */
  readonly existing?: Certificate
  /** What the companion that is stored redirects; `stranger`: it is not ours. */
  readonly companion?: string
  /** What is to be done, a line each. */
  readonly want: readonly string[]
}

/** A route that says what we once gave it. */
function naming(name: string, more: JsonObject = {}): Required<Pick<Row, 'metadata' | 'spec'>> {
  return {
    metadata: { resourceVersion: '7', annotations: { [ANNOTATION]: name } },
    spec: { tls: { secretName: name }, ...more },
  }
}

function shop(status: JsonObject, name = 'shop'): Certificate {
  const made = certificate(
    { name: `cert-${name}-shop-example-com` },
    { secretName: `tls-${name}-shop-example-com`, dnsNames: ['shop.example.com'] },
  )
  return { ...made, status: { ...made.status, ...status } }
}

const ISSUED = { notAfter: '2026-06-01T10:00:00Z' }
const PENDING = { notAfter: undefined }
const BOTH = { entryPoints: ['web', 'websecure'] }
const ATTACHED = `patch {"metadata":{"resourceVersion":"7","annotations":{"${ANNOTATION}":"${SECRET}"}},"spec":{"tls":{"secretName":"${SECRET}"}}}`
const DETACHED = `patch {"metadata":{"resourceVersion":"7","annotations":{"${ANNOTATION}":null}},"spec":{"tls":null}}`
const APPLIED = [`apply middlewares ${COMPANION}`, `apply ingressRoutes ${COMPANION}`]
const REMOVED = [`delete ingressRoutes ${COMPANION}`, `delete middlewares ${COMPANION}`]
const NAMED = `event SecretNamed ${SECRET}`
const TAKEN_BACK = `event SecretTakenBack ${SECRET}`
const OPTED_OUT = { 'tlsauto.dev/enabled': 'false' }

const ROWS: readonly Row[] = [
  {
    name: 'a route that the webhook missed gets its Secret',
    metadata: { resourceVersion: '7' },
    want: [ATTACHED, NAMED],
  },
  {
    name: 'with the default TLS options',
    metadata: { resourceVersion: '7' },
    flags: { defaultTlsOptions: 'mtls@file' },
    want: [
      ATTACHED.replace(`"${SECRET}"}}}`, `"${SECRET}","options":{"name":"mtls@file"}}}}`),
      NAMED,
    ],
  },
  { name: 'a route that names it is left as it is', ...naming(SECRET), want: [] },
  { name: 'a route that carriers serve is left as it is', flags: { attach: 'carry' }, want: [] },
  {
    name: "a Secret of the user's own is left as it is",
    metadata: { annotations: { 'cert-manager.io/issuer': 'ca' } },
    spec: { tls: { secretName: 'mine' } },
    want: [],
  },
  {
    name: 'a route moves to the Secret that its host has, once there is something in it',
    ...naming(SECRET),
    existing: shop(ISSUED, 'old'),
    want: [
      ATTACHED.replaceAll(SECRET, 'tls-old-shop-example-com'),
      'event SecretNamed tls-old-shop-example-com',
    ],
  },
  {
    name: 'and not before: a valid certificate is never dropped',
    ...naming(SECRET),
    existing: shop(PENDING, 'old'),
    want: [],
  },
  {
    name: "nor where another manager owns the name: a copied manifest's is its user's",
    ...naming(SECRET),
    metadata: { annotations: { [ANNOTATION]: SECRET }, managedFields: [owner('f:secretName')] },
    existing: shop(ISSUED, 'old'),
    want: [],
  },
  {
    name: 'a route that speaks HTTP gets its companion first, and then TLS',
    metadata: { resourceVersion: '7' },
    spec: BOTH,
    want: [...APPLIED, `event HttpKept ${COMPANION}`, ATTACHED, NAMED],
  },
  {
    name: 'one that the webhook has given TLS gets the companion alone',
    ...naming(SECRET, BOTH),
    want: [...APPLIED, `event HttpKept ${COMPANION}`],
  },
  { name: 'and nothing once it is there', ...naming(SECRET, BOTH), companion: '', want: [] },
  {
    name: 'a host is redirected once its certificate is issued',
    ...naming(SECRET, BOTH),
    existing: shop(ISSUED),
    companion: '',
    want: [`apply ingressRoutes ${COMPANION}`, 'event HttpRedirected shop.example.com'],
  },
  {
    name: 'and not before',
    ...naming(SECRET, BOTH),
    existing: shop(PENDING),
    companion: '',
    want: [],
  },
  {
    name: 'it stays redirected whatever becomes of the certificate',
    ...naming(SECRET, BOTH),
    existing: shop(PENDING),
    companion: 'shop.example.com',
    want: [],
  },
  {
    name: 'but not once the route shall serve plain HTTP',
    ...naming(SECRET, BOTH),
    metadata: { annotations: { [ANNOTATION]: SECRET, 'tlsauto.dev/http': 'serve' } },
    existing: shop(ISSUED),
    companion: 'shop.example.com',
    want: [`apply ingressRoutes ${COMPANION}`],
  },
  {
    name: 'a companion goes where HTTP shall end',
    ...naming(SECRET, BOTH),
    metadata: { annotations: { [ANNOTATION]: SECRET, 'tlsauto.dev/http': 'off' } },
    companion: '',
    want: REMOVED,
  },
  {
    name: 'and where the route speaks HTTP no more',
    ...naming(SECRET),
    companion: '',
    want: REMOVED,
  },
  {
    name: "a stranger's route of that name keeps us from adding TLS",
    metadata: { resourceVersion: '7' },
    spec: BOTH,
    companion: 'stranger',
    want: [`event CompanionTaken ${COMPANION}`],
  },
  {
    name: 'and has TLS taken back that would have ended plain HTTP',
    ...naming(SECRET, BOTH),
    companion: 'stranger',
    existing: shop(ISSUED),
    want: [`event CompanionTaken ${COMPANION}`, DETACHED, TAKEN_BACK],
  },
  {
    name: 'not where its user wanted HTTPS alone',
    ...naming(SECRET),
    companion: 'stranger',
    existing: shop(ISSUED),
    want: [],
  },
  {
    name: 'an opt-out: the companion serves, TLS goes, and then the companion',
    ...naming(SECRET, BOTH),
    metadata: { resourceVersion: '7', annotations: { [ANNOTATION]: SECRET, ...OPTED_OUT } },
    existing: shop(ISSUED),
    companion: 'shop.example.com',
    want: [`apply ingressRoutes ${COMPANION}`, DETACHED, TAKEN_BACK, ...REMOVED],
  },
  {
    name: 'an opt-out of a route that spoke HTTPS alone',
    ...naming(SECRET),
    metadata: { resourceVersion: '7', annotations: { [ANNOTATION]: SECRET, ...OPTED_OUT } },
    want: [DETACHED, TAKEN_BACK],
  },
  {
    name: 'an opt-out that was interrupted after TLS had gone',
    metadata: { annotations: OPTED_OUT },
    spec: BOTH,
    companion: '',
    want: REMOVED,
  },
  {
    name: "an opt-out takes no more than was ours: its user's own options stay",
    metadata: {
      resourceVersion: '7',
      annotations: { [ANNOTATION]: SECRET, ...OPTED_OUT },
      managedFields: [owner('f:options')],
    },
    spec: { tls: { secretName: SECRET, options: { name: 'mine' } } },
    want: [DETACHED.replace('"tls":null', '"tls":{"secretName":null}'), TAKEN_BACK],
  },
  {
    name: 'an opt-out takes nothing that a copied manifest says',
    metadata: {
      annotations: { [ANNOTATION]: SECRET, ...OPTED_OUT },
      managedFields: [owner('f:secretName')],
    },
    spec: { tls: { secretName: SECRET } },
    want: [],
  },
  {
    name: 'a route that has no host any more gives TLS back',
    ...naming(SECRET, { routes: [{ match: 'Path(`/`)', services: [{ name: 'a' }] }] }),
    want: [DETACHED, TAKEN_BACK],
  },
  {
    name: 'a route that speaks HTTP alone now gives TLS back',
    ...naming(SECRET, { entryPoints: ['web'] }),
    companion: '',
    want: [DETACHED, TAKEN_BACK, ...REMOVED],
  },
  {
    name: 'but not for a slip in the flags: entry points of another name',
    ...naming(SECRET, { entryPoints: [] }),
    flags: { tlsEntryPoints: ['https'] },
    companion: 'shop.example.com',
    want: [],
  },
  {
    name: 'nor for a class that the server is told to look for now',
    ...naming(SECRET, BOTH),
    flags: { ingressClass: 'public' },
    companion: 'shop.example.com',
    want: [],
  },
  {
    name: 'nor for an issuer of wildcards that it is not told of any more',
    ...naming(SECRET, { routes: [{ match: 'Host(`*.example.com`)', services: [{ name: 'a' }] }] }),
    want: [],
  },
  {
    name: 'an annotation that was lost while nobody looked is given back',
    metadata: { resourceVersion: '7' },
    spec: { tls: { secretName: SECRET } },
    want: [ATTACHED],
  },
  {
    name: "but not beside a Secret of the user's own",
    metadata: { resourceVersion: '7' },
    spec: { tls: { secretName: 'mine' } },
    want: [],
  },
  {
    name: 'nor where the user set the name of ours himself',
    metadata: { resourceVersion: '7', managedFields: [owner('f:secretName')] },
    spec: { tls: { secretName: SECRET } },
    want: [],
  },
  {
    name: 'a slip in a rule costs nobody anything',
    ...naming(SECRET, { ...BOTH, routes: [{ match: 'Host(', services: [{ name: 'a' }] }] }),
    companion: 'shop.example.com',
    want: [],
  },
]

suite('what is done to a stored route', () => {
  for (const row of ROWS) {
    test(row.name, () => {
      const it = route(row.metadata, row.spec)
      const settings = settingsOf(it, { ...cluster, ...row.flags })
      const verdict = decide(it, settings)
      const managed = verdict.kind === 'managed' ? [{ route: it, settings, verdict }] : []
      const actions = planRoute({
        route: it,
        settings,
        verdict,
        claims: hostClaims(managed, () => row.existing),
        companion: storedCompanion(row),
        isHeldElsewhere: () => false,
        isOurSecret: (name) => name === SECRET,
        isCarried: () => false,
      })
      assert.deepEqual(actions.map(line), row.want)
    })
  }
})

/** The companion of the row's route, as it is stored. */
function storedCompanion({ metadata, spec, companion }: Row): StoredCompanion {
  if (companion === undefined) return { route: undefined, middleware: undefined }
  if (companion === 'stranger') return { route: route({ name: COMPANION }), middleware: undefined }
  const it = route(metadata, spec)
  const redirects = new Set(companion === '' ? [] : companion.split(','))
  return {
    route: parseRoute(asStored(companionObject({ route: it, cluster, redirects }, undefined))),
    middleware: parseMiddleware(asStored(redirectMiddleware(it))),
  }
}

function asStored(object: JsonObject): JsonObject {
  return {
    ...object,
    metadata: { ...objectAt(object, 'metadata'), uid: 'x', resourceVersion: '8' },
  }
}

function owner(field: string): JsonObject {
  return { manager: 'kubectl', fieldsV1: { 'f:spec': { 'f:tls': { [field]: {} } } } }
}

function line(action: Action): string {
  switch (action.kind) {
    case 'apply':
      return `apply ${action.resource} ${textAt(objectAt(action.object, 'metadata'), 'name') ?? ''}`
    case 'delete':
      return `delete ${action.resource} ${action.name}`
    case 'patch':
      return `patch ${JSON.stringify(action.patch)}`
    case 'disown':
      return `disown ${action.certificate.name}`
    case 'event':
      return `event ${action.note.reason} ${action.note.about}`
    default:
      return action satisfies never
  }
}
