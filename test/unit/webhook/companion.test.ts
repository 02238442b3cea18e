import assert from 'node:assert/strict'
import { test } from 'node:test'
import { objectAt, stringsAt, type JsonObject } from '../../../shared/json/json.ts'
import { parseLossless } from '../../../shared/json/lossless-json.ts'
import { parseRoute } from '../../../shared/traefik/route.ts'
import {
  companionObject,
  isCompanionAsDesired,
} from '../../../webhook/controller/plan/companion-object.ts'
import { cluster, route, routeJson } from '../../fixtures/routes.ts'

const ACME = '!PathPrefix(`/.well-known/acme-challenge/`)'
const REDIRECT = { name: 'tlsauto-http-shop' }
const services = [{ name: 'shop', port: 80 }]

type Row = {
  readonly name: string
  readonly entry: JsonObject
  readonly redirects?: readonly string[]
  readonly want: readonly JsonObject[]
}

const ROWS: readonly Row[] = [
  {
    name: 'serves what the route serves, at its priority, and leaves ACME its path',
    entry: { kind: 'Rule', match: 'Host(`a.org`) && Path(`/x`)', services },
    want: [
      {
        kind: 'Rule',
        match: `(Host(\`a.org\`) && Path(\`/x\`)) && ${ACME}`,
        services,
        priority: 'Host(`a.org`) && Path(`/x`)'.length,
      },
    ],
  },
  {
    name: 'reads the rule: what is pasted would break on a comment or a line',
    entry: { match: 'Host(`a.org`) // why\n', services },
    want: [{ match: `Host(\`a.org\`) && ${ACME}`, services, priority: 21 }],
  },
  {
    name: 'counts bytes, as Traefik does',
    entry: { match: 'Host(`a.org`) || Path(`/ü`)', services },
    want: [{ match: `(Host(\`a.org\`) || Path(\`/ü\`)) && ${ACME}`, services, priority: 28 }],
  },
  {
    name: 'keeps a priority, middlewares and fields that nobody knows yet',
    entry: {
      match: 'Host(`a.org`)',
      priority: 7,
      middlewares: [{ name: 'auth' }],
      moon: 1,
      services,
    },
    want: [
      {
        match: `Host(\`a.org\`) && ${ACME}`,
        priority: 7,
        middlewares: [{ name: 'auth' }],
        moon: 1,
        services,
      },
    ],
  },
  {
    name: 'redirects a host, and keeps its services and middlewares',
    entry: { match: 'Host(`a.org`)', middlewares: [{ name: 'auth' }], services },
    redirects: ['a.org'],
    want: [
      {
        match: `Host(\`a.org\`) && ${ACME}`,
        middlewares: [REDIRECT, { name: 'auth' }],
        services,
        priority: 13,
      },
    ],
  },
  {
    name: 'redirects one host and serves the other',
    entry: { match: 'Host(`a.org`) || Host(`b.org`)', services },
    redirects: ['b.org'],
    want: [
      {
        match: `(Host(\`a.org\`) || Host(\`b.org\`)) && Host(\`b.org\`) && ${ACME}`,
        middlewares: [REDIRECT],
        services,
        priority: 30,
      },
      {
        match: `(Host(\`a.org\`) || Host(\`b.org\`)) && !Host(\`b.org\`) && ${ACME}`,
        services,
        priority: 30,
      },
    ],
  },
  {
    name: 'redirects no more than the hosts: others may come under the rule too',
    entry: { match: 'Host(`a.org`) || Path(`/x`)', services },
    redirects: ['a.org'],
    want: [
      {
        match: `(Host(\`a.org\`) || Path(\`/x\`)) && Host(\`a.org\`) && ${ACME}`,
        middlewares: [REDIRECT],
        services,
        priority: 27,
      },
      {
        match: `(Host(\`a.org\`) || Path(\`/x\`)) && !Host(\`a.org\`) && ${ACME}`,
        services,
        priority: 27,
      },
    ],
  },
  {
    name: 'needs no condition where the rule has it',
    entry: { match: '(Host(`a.org`) || Host(`b.org`)) && Path(`/x`)', services },
    redirects: ['a.org', 'b.org'],
    want: [
      {
        match: `((Host(\`a.org\`) || Host(\`b.org\`)) && Path(\`/x\`)) && ${ACME}`,
        middlewares: [REDIRECT],
        services,
        priority: 46,
      },
    ],
  },
  {
    name: 'speaks syntax v2 where the route does',
    entry: { match: 'Host(`a.org`, `b.org`)', syntax: 'v2', services },
    redirects: ['a.org'],
    want: [
      {
        match: `Host(\`a.org\`, \`b.org\`) && Host(\`a.org\`) && ${ACME}`,
        syntax: 'v2',
        middlewares: [REDIRECT],
        services,
        priority: 22,
      },
      {
        match: `Host(\`a.org\`, \`b.org\`) && !Host(\`a.org\`) && ${ACME}`,
        syntax: 'v2',
        services,
        priority: 22,
      },
    ],
  },
  {
    name: 'has no router for a rule that Traefik refuses',
    entry: { match: 'Host(', services },
    want: [],
  },
]

for (const { name, entry, redirects = [], want } of ROWS) {
  test(`a companion ${name}`, () => {
    const it = route({}, { entryPoints: [], routes: [entry] })
    const wish = { route: it, cluster, redirects: new Set(redirects) }
    const object = companionObject(wish, undefined)
    assert.deepEqual(objectAt(object, 'spec'), { entryPoints: ['web'], routes: want })
    const stored = parseRoute(object)
    assert.ok(stored !== undefined && isCompanionAsDesired(stored, wish))
    assert.ok(!isCompanionAsDesired(stored, { ...wish, redirects: new Set(['other.org']) }))
  })
}

test('a companion is of its route: class, owner, and what it redirects', () => {
  const annotations = { 'kubernetes.io/ingress.class': 'traefik', other: 'no' }
  const it = route({ annotations }, { entryPoints: ['web', 'websecure'] })
  const wish = { route: it, cluster, redirects: new Set(['shop.example.com', 'a.org']) }
  const metadata = objectAt(companionObject(wish, undefined), 'metadata')
  assert.deepEqual(stringsAt(metadata, 'annotations'), {
    'kubernetes.io/ingress.class': 'traefik',
    'tlsauto.dev/redirects': 'a.org,shop.example.com',
  })
  assert.deepEqual(metadata['ownerReferences'], [
    {
      apiVersion: 'traefik.io/v1alpha1',
      kind: 'IngressRoute',
      name: 'shop',
      uid: it.metadata.uid,
    },
  ])
})

test('a companion keeps numbers that JavaScript has none for', () => {
  const match = 'Host(`a.org`)'
  const routes = [{ match, priority: 0, services: [{ name: 'a', weight: 1 }] }]
  const text = JSON.stringify(routeJson({}, { entryPoints: [], routes }))
    .replace('"priority":0', '"priority":9223372036854774000')
    .replace('"weight":1', '"weight":9007199254740993')
  const it = parseRoute(parseLossless(text))
  assert.ok(it !== undefined)
  const wish = { route: it, cluster, redirects: new Set<string>() }
  const object = companionObject(wish, undefined)
  const written = JSON.stringify(object)
  assert.match(written, /"priority":9223372036854774000,/)
  assert.match(written, /"weight":9007199254740993\}/)
  const stored = parseRoute(parseLossless(written))
  assert.ok(stored !== undefined && isCompanionAsDesired(stored, wish))
})
