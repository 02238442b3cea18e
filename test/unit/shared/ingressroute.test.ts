import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseIngressRoute } from '../../../shared/traefik/ingressroute.ts'
import { routeJson } from '../../fixtures/routes.ts'

test('a whole route is read, and what tlsauto has no use for is left out', () => {
  const read = parseIngressRoute({
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
      tls: { secretName: 'tls-a', certResolver: 'le', options: { name: 'mtls' }, domains: [] },
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
      labels: { team: 'a' },
      annotations: { 'tlsauto.dev/secret': 'tls-a' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: 'uid-2' }],
      managedFields: [{ manager: 'kubectl', fieldsV1: { 'f:spec': { 'f:tls': {} } } }],
    },
    spec: {
      entryPoints: ['web', 'websecure'],
      ingressClassName: 'internal',
      hasParents: true,
      routes: [
        { match: 'Host(`a.com`)', syntax: undefined },
        { match: 'Host(`b.com`, `c.com`)', syntax: 'v2' },
      ],
      tls: { secretName: 'tls-a', certResolver: 'le', hasOptions: true },
    },
  })
})

test('of an empty route everything is absent', () => {
  const json = { apiVersion: 'traefik.io/v1alpha1', kind: 'IngressRoute', metadata: {}, spec: {} }
  assert.deepEqual(parseIngressRoute(json), {
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
    spec: {
      entryPoints: [],
      ingressClassName: undefined,
      hasParents: false,
      routes: [],
      tls: undefined,
    },
  })
})

const absent = { secretName: undefined, certResolver: undefined, hasOptions: false }

const tlsRows: readonly (readonly [name: string, tls: unknown, want: unknown])[] = [
  ['no tls is none', undefined, undefined],
  ['a null tls is none', null, undefined],
  ['an empty tls is one', {}, absent],
  ['empty texts are absent', { secretName: '', certResolver: '', options: { name: '' } }, absent],
  ['nulls are absent', { secretName: null, certResolver: null, options: null }, absent],
]

for (const [name, tls, want] of tlsRows) {
  test(name, () => assert.deepEqual(parseIngressRoute(routeJson({}, { tls }))?.spec.tls, want))
}

const strangers: readonly (readonly [name: string, value: unknown])[] = [
  ['nothing', undefined],
  ['null', null],
  ['a list', [routeJson()]],
  ['another kind', { ...routeJson(), kind: 'IngressRouteTCP' }],
  ['the group of Traefik 2', { ...routeJson(), apiVersion: 'traefik.containo.us/v1alpha1' }],
  ['a route without metadata', { ...routeJson(), metadata: undefined }],
  ['a route without a spec', { ...routeJson(), spec: undefined }],
  ['a route with a null spec', { ...routeJson(), spec: null }],
]

for (const [name, value] of strangers) {
  test(`${name} is no IngressRoute`, () => assert.equal(parseIngressRoute(value), undefined))
}

test('a matcher that is missing is an empty one, and keeps its place', () => {
  const routes = [{}, { match: null }, { match: 'Host(`a.com`)', syntax: '' }]
  assert.deepEqual(parseIngressRoute(routeJson({}, { routes }))?.spec.routes, [
    { match: '', syntax: undefined },
    { match: '', syntax: undefined },
    { match: 'Host(`a.com`)', syntax: undefined },
  ])
})
