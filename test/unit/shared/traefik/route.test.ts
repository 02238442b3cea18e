import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRoute } from '../../../../shared/traefik/route.ts'
import { routeJson } from '../../../fixtures/routes.ts'

test('a whole route is read, and what tlsauto has no use for is left out', () => {
  const read = parseRoute({
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'IngressRoute',
    metadata: {
      name: 'shop',
      namespace: 'team',
      uid: 'uid-1',
      resourceVersion: '42',
      generation: 3,
      creationTimestamp: '2026-03-01T10:00:00Z',
      deletionTimestamp: '2026-03-02T10:00:00Z',
      labels: { team: 'a' },
      annotations: { 'tlsauto.dev/secret': 'tls-a', number: 1, nothing: null },
      ownerReferences: [
        { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: 'uid-2', controller: true },
      ],
      managedFields: [
        { manager: 'kubectl', operation: 'Apply', fieldsV1: { 'f:spec': { 'f:tls': {} } } },
      ],
      finalizers: ['a/b'],
    },
    spec: {
      entryPoints: ['web', 'websecure'],
      ingressClassName: 'internal',
      parentRefs: [{ name: 'parent' }],
      routes: [
        { kind: 'Rule', match: 'Host(`a.com`)', priority: 7, services: [{ name: 'a', port: 80 }] },
        { match: 'Host(`b.com`, `c.com`)', syntax: 'v2' },
      ],
      tls: {
        secretName: 'tls-a',
        certResolver: 'le',
        options: { name: 'mtls' },
        domains: [{ main: 'a.com' }, { sans: ['', 'c.com'] }],
      },
    },
    status: { ready: true },
  })
  assert.deepEqual(read, {
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'IngressRoute',
    metadata: {
      name: 'shop',
      namespace: 'team',
      uid: 'uid-1',
      resourceVersion: '42',
      generation: 3,
      creationTimestamp: '2026-03-01T10:00:00Z',
      deletionTimestamp: '2026-03-02T10:00:00Z',
      labels: {},
      annotations: { 'tlsauto.dev/secret': 'tls-a' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: 'uid-2' }],
      managedFields: [{ manager: 'kubectl', fieldsV1: { 'f:spec': { 'f:tls': {} } } }],
    },
    annotationBytes: 23,
    isCut: false,
    spec: {
      entryPoints: ['web', 'websecure'],
      ingressClassName: 'internal',
      hasParents: true,
      routes: [
        {
          match: 'Host(`a.com`)',
          syntax: undefined,
          hasServices: true,
          source: {
            kind: 'Rule',
            match: 'Host(`a.com`)',
            priority: 7,
            services: [{ name: 'a', port: 80 }],
          },
        },
        {
          match: 'Host(`b.com`, `c.com`)',
          syntax: 'v2',
          hasServices: false,
          source: { match: 'Host(`b.com`, `c.com`)', syntax: 'v2' },
        },
      ],
      tls: {
        secretName: 'tls-a',
        certResolver: 'le',
        hasOptions: true,
        passthrough: false,
        domains: [
          { path: 'spec.tls.domains[0].main', name: 'a.com' },
          { path: 'spec.tls.domains[1].sans[1]', name: 'c.com' },
        ],
      },
    },
  })
})

test('of an empty route everything is absent', () => {
  const json = { apiVersion: 'traefik.io/v1alpha1', kind: 'IngressRoute', metadata: {}, spec: {} }
  assert.deepEqual(parseRoute(json), {
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'IngressRoute',
    metadata: {
      name: '',
      namespace: '',
      uid: '',
      resourceVersion: '',
      generation: 0,
      creationTimestamp: '',
      deletionTimestamp: undefined,
      labels: {},
      annotations: {},
      ownerReferences: [],
      managedFields: [],
    },
    annotationBytes: 0,
    isCut: false,
    spec: {
      entryPoints: [],
      ingressClassName: undefined,
      hasParents: false,
      routes: [],
      tls: undefined,
    },
  })
})

const absent = {
  secretName: undefined,
  certResolver: undefined,
  hasOptions: false,
  passthrough: false,
  domains: [],
}

const tlsRows: readonly (readonly [name: string, tls: unknown, want: unknown])[] = [
  ['no tls is none', undefined, undefined],
  ['a null tls is none', null, undefined],
  ['an empty tls is one', {}, absent],
  ['empty texts are absent', { secretName: '', certResolver: '', options: { name: '' } }, absent],
  ['TLS may pass through', { passthrough: true }, { ...absent, passthrough: true }],
  ['domains of another shape are none', { domains: [null, { main: 7, sans: 'a.com' }] }, absent],
  ['nulls are absent', { secretName: null, certResolver: null, options: null }, absent],
]

for (const [name, tls, want] of tlsRows) {
  test(name, () => assert.deepEqual(parseRoute(routeJson({}, { tls }))?.spec.tls, want))
}

const strangers: readonly (readonly [name: string, value: unknown])[] = [
  ['nothing', undefined],
  ['null', null],
  ['a list', [routeJson()]],
  ['another kind', { ...routeJson(), kind: 'IngressRouteUDP' }],
  ['the group of Traefik 2', { ...routeJson(), apiVersion: 'traefik.containo.us/v1alpha1' }],
  ['a route without metadata', { ...routeJson(), metadata: undefined }],
  ['a route without a spec', { ...routeJson(), spec: undefined }],
  ['a route with a null spec', { ...routeJson(), spec: null }],
  // The schema refuses these, and must get to see them.
  ['a route with a list as tls', routeJson({}, { tls: [] })],
  ['a route with a number as secretName', routeJson({}, { tls: { secretName: 5 } })],
  ['a route with a text as TLS options', routeJson({}, { tls: { options: 'mtls' } })],
  ['a route with TLS options of no name', routeJson({}, { tls: { options: {} } })],
]

for (const [name, value] of strangers) {
  test(`${name} is no route`, () => assert.equal(parseRoute(value), undefined))
}

test('a matcher that is missing is an empty one, and keeps its place', () => {
  const routes = [{}, { match: null }, { match: 'Host(`a.com`)', syntax: '' }]
  assert.deepEqual(
    parseRoute(routeJson({}, { routes }))?.spec.routes.map(({ match, syntax }) => [match, syntax]),
    [
      ['', undefined],
      ['', undefined],
      ['Host(`a.com`)', undefined],
    ],
  )
})
