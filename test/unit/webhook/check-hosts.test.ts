import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { wording } from '../../../shared/findings/reasons.ts'
import type { JsonObject } from '../../../shared/json/json.ts'
import { checkHosts, TOO_LONG } from '../../../webhook/admission/check-hosts.ts'
import type { HostRights } from '../../../shared/route/host-check.ts'
import { routeJson, rules, tcpRouteJson } from '../../fixtures/routes.ts'

const HELD = 'held.example.com'
const LIMITED: Partial<HostRights> = { allowed: new Set(['own.example.com']) }
const DENYING: Partial<HostRights> = { hostClaims: 'deny' }

const notAllowed = (path: string, host: string): string =>
  `${path}: ${host} is not in the namespace's tlsauto.dev/allowed-domains: add it there`
const heldElsewhere = `spec.routes[0].match: another namespace holds ${HELD}, and Traefik may serve either; use another host`

type Row = {
  readonly name: string
  readonly object: JsonObject
  readonly old?: JsonObject
  readonly rights?: Partial<HostRights>
  readonly warnings?: readonly string[]
  /** What each part of the denial is. */
  readonly denial?: readonly string[]
}

const own = on('Host(`own.example.com`)')
const held = on(`Host(\`${HELD}\`)`)
const anything = on('PathPrefix(`/`)')
const LONG_RULES = rules(...Array.from({ length: 11_000 }, (_, at) => `Host(\`h${at}.org\`)`))
const longRoute = routeJson({}, { routes: LONG_RULES })
const hugeRule = on('&'.repeat(9000))

/** A route with that rule. */
function on(match: string, spec: JsonObject = {}, metadata: JsonObject = {}): JsonObject {
  return routeJson(metadata, { routes: rules(match), ...spec })
}

const SHAPES: readonly (readonly [name: string, metadata: JsonObject, spec: JsonObject])[] = [
  ['as it is', {}, {}],
  ['opted out', { annotations: { 'tlsauto.dev/enabled': 'false' } }, {}],
  ['with its own Secret', {}, { tls: { secretName: 'mine' } }],
  ['with a certResolver', {}, { tls: { certResolver: 'le' } }],
  ['of plain HTTP', {}, { entryPoints: ['web'] }],
  ['with our label', { labels: { 'app.kubernetes.io/managed-by': 'tlsauto' } }, {}],
  ['being deleted', { deletionTimestamp: '2026-03-01T10:00:00Z' }, {}],
  ['of another class', {}, { ingressClassName: 'other' }],
  ['with parents', {}, { parentRefs: [{ name: 'parent' }] }],
]

const ROWS: readonly Row[] = [
  ...SHAPES.map(([name, metadata, spec]) => ({
    name: `a host that is not allowed is denied on a route ${name}`,
    object: on('Host(`victim.org`) && PathPrefix(`/`)', spec, metadata),
    rights: LIMITED,
    denial: [notAllowed('spec.routes[0].match', 'victim.org')],
  })),
  ...SHAPES.map(([name, metadata, spec]) => ({
    name: `a host that another namespace holds is denied on a route ${name}`,
    object: on(`Host(\`${HELD}\`)`, spec, metadata),
    rights: DENYING,
    denial: [heldElsewhere],
  })),
  { name: 'a host that is allowed is', object: own, rights: LIMITED },
  { name: 'any host is where the namespace has no list', object: on('Host(`victim.org`)') },
  {
    name: 'a host of TLS that passes through',
    object: tcpRouteJson(
      {},
      { routes: [{ match: 'HostSNI(`victim.org`)' }], tls: { passthrough: true } },
    ),
    rights: LIMITED,
    denial: [notAllowed('spec.routes[0].match', 'victim.org')],
  },
  {
    name: 'a listed name',
    object: on('Host(`own.example.com`)', { tls: { domains: [{ main: 'Victim.org' }] } }),
    rights: LIMITED,
    denial: [notAllowed('spec.tls.domains[0].main', 'victim.org')],
  },
  {
    name: 'a wildcard over what is allowed',
    object: on('Host(`*.example.com`)'),
    rights: LIMITED,
    denial: [notAllowed('spec.routes[0].match', '*.example.com')],
  },
  {
    name: 'an address',
    object: on('Host(`192.0.2.1`)'),
    rights: LIMITED,
    denial: [notAllowed('spec.routes[0].match', '192.0.2.1')],
  },
  {
    name: 'a host that is left out: Traefik counts it for TLS options',
    object: on('Host(`own.example.com`) && !Host(`victim.org`)'),
    rights: LIMITED,
    denial: [notAllowed('spec.routes[0].match', 'victim.org')],
  },
  {
    name: 'but not one that another namespace holds',
    object: on(`Host(\`*.example.com\`) && !Host(\`${HELD}\`)`),
    rights: DENYING,
  },
  {
    name: 'a list that nobody can read allows nothing',
    object: own,
    rights: { allowed: new Set() },
    denial: [notAllowed('spec.routes[0].match', 'own.example.com')],
  },
  ...['HostRegexp(`.*`)', 'PathPrefix(`/`)', 'Host(`*`)', 'Moon(`x`)'].map((match) => ({
    name: `${match} where the namespace has a list`,
    object: on(match),
    rights: LIMITED,
    denial: [unbounded(match)],
  })),
  { name: 'a rule for anything where hosts are not limited', object: anything },
  {
    name: 'or where that is allowed',
    object: anything,
    rights: { ...LIMITED, unboundedRules: 'allow' },
  },
  {
    name: 'or a warning',
    object: anything,
    rights: { ...LIMITED, unboundedRules: 'warn' },
    warnings: [unbounded('PathPrefix(`/`)')],
  },
  {
    name: 'a rule for anything with --host-claims=deny',
    object: anything,
    rights: DENYING,
    denial: [unbounded('PathPrefix(`/`)')],
  },
  { name: 'a held host is a warning otherwise', object: held, warnings: [heldElsewhere] },
  {
    name: 'what is stored passes: nobody could remove a finalizer',
    object: { ...on('Host(`victim.org`) || PathPrefix(`/`)'), spec: {} },
    old: on('Host(`victim.org`) || PathPrefix(`/`)'),
    rights: LIMITED,
  },
  { name: 'the same route again', object: held, old: held, rights: DENYING },
  {
    name: 'one of two stored rules goes',
    object: on('Host(`victim.org`) && Path(`/a`)'),
    old: routeJson({}, { routes: rules('Host(`victim.org`) && Path(`/a`)', 'Host(`victim.org`)') }),
    rights: LIMITED,
  },
  {
    name: 'a stored rule for another’s host that gets wider is news',
    object: on('Host(`victim.org`)'),
    old: on('Host(`victim.org`) && Path(`/never`)'),
    rights: LIMITED,
    denial: [notAllowed('spec.routes[0].match', 'victim.org')],
  },
  {
    name: 'one that gets another priority is news',
    object: ranked('Host(`victim.org`)', 100_000),
    old: ranked('Host(`victim.org`)', 1),
    rights: LIMITED,
    denial: [notAllowed('spec.routes[0].match', 'victim.org')],
  },
  {
    name: 'a stored rule for anything with another priority is news',
    object: ranked('PathPrefix(`/`)', 100_000),
    old: anything,
    rights: LIMITED,
    denial: [unbounded('PathPrefix(`/`)')],
  },
  {
    name: 'a stored rule on another entry point is news',
    object: on('Host(`victim.org`)', { entryPoints: ['web', 'websecure'] }),
    old: on('Host(`victim.org`)', { entryPoints: ['web'] }),
    rights: LIMITED,
    denial: [notAllowed('spec.routes[0].match', 'victim.org')],
  },
  {
    name: 'a listed name that becomes a served one is news',
    object: on('Host(`victim.org`)'),
    old: on('Host(`own.example.com`)', { tls: { domains: [{ main: 'victim.org' }] } }),
    rights: LIMITED,
    denial: [notAllowed('spec.routes[0].match', 'victim.org')],
  },
  {
    name: 'another rule for anything is news',
    object: anything,
    old: on('HostRegexp(`^x$`)'),
    rights: LIMITED,
    denial: [unbounded('PathPrefix(`/`)')],
  },
  {
    name: 'a huge malformed rule, on a route that is being deleted',
    object: on('&'.repeat(9000), {}, { deletionTimestamp: '2026-03-01T10:00:00Z' }),
    old: own,
    denial: [
      'spec.routes[0].match: Traefik refuses this rule of over 8 kB, at the cost of its memory: correct it at 1:1: a matcher i…',
    ],
  },
  { name: 'but not where it is stored', object: hugeRule, old: hugeRule },
  {
    name: 'a route with more values than an update of it could have',
    object: on('Host(`own.example.com`)', { tls: { domains: [{ sans: manyNames(130_000) }] } }),
    denial: ['the route has too many values for its hosts to be checked: make it smaller'],
  },
  {
    name: 'a held host with more dots, which Traefik serves to those who write one',
    object: on(`Host(\`${HELD}..\`)`),
    rights: DENYING,
    denial: [heldElsewhere],
  },
  {
    name: 'a route that would take long to read',
    object: longRoute,
    rights: LIMITED,
    denial: [TOO_LONG],
  },
  {
    name: 'a route that would take long to read for the names that it lists',
    object: on('Host(`own.example.com`)', { tls: { domains: [{ sans: manyNames(12_000) }] } }),
    denial: [TOO_LONG],
  },
  {
    name: 'but not where it is stored, say to take its finalizer away',
    object: longRoute,
    old: routeJson({ finalizers: ['a/b'] }, { routes: LONG_RULES }),
    rights: LIMITED,
  },
  { name: 'what is no route is none of ours', object: { ...held, kind: 'Other' }, rights: DENYING },
]

function ranked(match: string, priority: number): JsonObject {
  return routeJson({}, { routes: rules(match).map((rule) => ({ ...rule, priority })) })
}

function manyNames(count: number): readonly string[] {
  return Array.from({ length: count }, () => 'own.example.com')
}

function unbounded(about: string): string {
  return wording({ reason: 'UnboundedRule', path: 'spec.routes[0].match', about })
}

suite('the check of hosts', () => {
  for (const { name, object, old, rights, warnings = [], denial } of ROWS) {
    test(name, () => {
      const operation = old === undefined ? 'CREATE' : 'UPDATE'
      const review = { uid: '1', operation, namespace: 'team', object, oldObject: old }
      const said = checkHosts(review, {
        namespace: 'team',
        allowed: undefined,
        holderOf: (host) => (host === HELD ? 'another' : undefined),
        hostClaims: 'warn',
        unboundedRules: 'deny',
        ...rights,
      })
      assert.deepEqual(said, { warnings, denial: denial?.join('; ') })
    })
  }

  test('a route that can not be read is nobody’s to allow', () => {
    const review = { uid: '1', operation: 'CREATE', namespace: 'team', oldObject: undefined }
    const object = { ...own, spec: 1 }
    assert.throws(() =>
      checkHosts(
        { ...review, object },
        {
          namespace: 'team',
          allowed: undefined,
          holderOf: () => undefined,
          hostClaims: 'warn',
          unboundedRules: 'deny',
        },
      ),
    )
  })
})
