import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import jsonPatch, { type Operation } from 'fast-json-patch'
import { attachPatch } from '../../../shared/route/attach-patch.ts'
import { attachmentFor, type Attachment } from '../../../shared/route/attach.ts'
import { decide } from '../../../shared/route/decide.ts'
import { isJsonObject, type JsonObject } from '../../../shared/json/json.ts'
import { parseRoute } from '../../../shared/traefik/route.ts'
import { cluster, routeJson, settingsOf } from '../../fixtures/routes.ts'

type Row = {
  readonly name: string
  readonly metadata?: JsonObject
  readonly spec?: JsonObject
  readonly options?: string
  readonly want: readonly Operation[]
}

const annotation = { 'tlsauto.dev/secret': 'tls-a' }
const addAnnotation: Operation = {
  op: 'add',
  path: '/metadata/annotations/tlsauto.dev~1secret',
  value: 'tls-a',
}
const addSecretName: Operation = { op: 'add', path: '/spec/tls/secretName', value: 'tls-a' }

const rows: readonly Row[] = [
  {
    name: 'a plain route gets its annotations and its tls',
    want: [
      { op: 'add', path: '/spec/tls', value: { secretName: 'tls-a' } },
      { op: 'add', path: '/metadata/annotations', value: annotation },
    ],
  },
  {
    name: 'null is as good as absent',
    metadata: { annotations: null },
    spec: { tls: null },
    want: [
      { op: 'add', path: '/spec/tls', value: { secretName: 'tls-a' } },
      { op: 'add', path: '/metadata/annotations', value: annotation },
    ],
  },
  {
    name: 'what stands beside is not touched',
    metadata: { annotations: { team: 'a', 'a/b~c': 'd' } },
    spec: { tls: { domains: [{ main: 'a.example.com' }], store: null } },
    want: [addSecretName, addAnnotation],
  },
  {
    name: 'empty texts are filled',
    metadata: { annotations: { 'tlsauto.dev/secret': '' } },
    spec: { tls: { secretName: '' } },
    want: [addSecretName, addAnnotation],
  },
  {
    name: 'nulls are filled',
    metadata: { annotations: { 'tlsauto.dev/secret': null, team: null } },
    spec: { tls: { secretName: null, store: null } },
    want: [addSecretName, addAnnotation],
  },
  {
    name: 'a missing annotation is added alone',
    spec: { tls: { secretName: 'tls-a' } },
    want: [{ op: 'add', path: '/metadata/annotations', value: annotation }],
  },
  {
    name: 'a missing secretName is added alone',
    metadata: { annotations: annotation },
    spec: { tls: {} },
    want: [addSecretName],
  },
  {
    name: 'a route that has it all gets nothing',
    metadata: { annotations: annotation },
    spec: { tls: { secretName: 'tls-a', options: { name: 'mtls@file' } } },
    options: 'mtls@file',
    want: [],
  },
  {
    name: 'default TLS options come with the tls',
    metadata: { annotations: annotation },
    options: 'mtls@file',
    want: [
      {
        op: 'add',
        path: '/spec/tls',
        value: { secretName: 'tls-a', options: { name: 'mtls@file' } },
      },
    ],
  },
  {
    name: 'default TLS options are added to the tls that is there',
    metadata: { annotations: annotation },
    spec: { tls: { secretName: 'tls-a', options: null } },
    options: 'mtls@file',
    want: [{ op: 'add', path: '/spec/tls/options', value: { name: 'mtls@file' } }],
  },
  {
    name: 'options that only name a namespace keep it',
    metadata: { annotations: annotation },
    spec: { tls: { secretName: 'tls-a', options: { name: '', namespace: 'team' } } },
    options: 'mtls@file',
    want: [{ op: 'add', path: '/spec/tls/options/name', value: 'mtls@file' }],
  },
]

for (const row of rows) {
  test(row.name, () => {
    const attachment = { secretName: 'tls-a', options: row.options }
    const json = routeJson(row.metadata, row.spec)
    assert.deepEqual(attachPatch(json, attachment), row.want)
    assert.deepEqual(attachPatch(apply(json, row.want), attachment), [])
  })
}

const text = fc.option(fc.constantFrom('', 'tls-a', 'tls-b', 'mtls'))
const annotations = fc.option(
  fc.tuple(
    fc.dictionary(fc.string(), fc.option(fc.string())),
    fc.record({ 'tlsauto.dev/secret': text, 'tlsauto.dev/app': text }, { requiredKeys: [] }),
  ),
)
const tls = fc.option(
  fc.record(
    {
      secretName: text,
      certResolver: fc.option(fc.constant('')),
      options: fc.option(
        fc.record(
          { name: fc.constantFrom('', 'mtls'), namespace: text },
          { requiredKeys: ['name'] },
        ),
      ),
      domains: fc.constant([{ main: 'a.example.com', sans: null }]),
    },
    { requiredKeys: [] },
  ),
)
const json = fc
  .record({ annotations, tls }, { requiredKeys: [] })
  .map(({ annotations, tls }) =>
    routeJson(
      annotations === undefined
        ? {}
        : { annotations: annotations === null ? null : { ...annotations[0], ...annotations[1] } },
      tls === undefined ? {} : { tls },
    ),
  )
const attachment: fc.Arbitrary<Attachment> = fc.record({
  secretName: fc.constantFrom('tls-a', 'tls-c'),
  options: fc.option(fc.constant('mtls@file'), { nil: undefined }),
})

test('any patch only adds, and adding twice changes nothing', () => {
  fc.assert(
    fc.property(json, attachment, (json, attachment) => {
      const patch = attachPatch(json, attachment)
      assert.ok(patch.every(({ op }) => op === 'add'))
      assert.deepEqual(attachPatch(apply(json, patch), attachment), [])
    }),
  )
})

test('what a new route says is never changed, and a second admission has nothing to add', () => {
  fc.assert(
    fc.property(json, (json) => {
      const after = apply(json, admit(json))
      assertKept(json, after)
      assert.deepEqual(admit(after), [])
    }),
  )
})

/** What the webhook answers to a new route. */
function admit(json: JsonObject): readonly Operation[] {
  const route = parseRoute(json)
  assert.ok(route !== undefined)
  const settings = settingsOf(route, { ...cluster, defaultTlsOptions: 'mtls@file' })
  const attachment = attachmentFor({ route, settings, verdict: decide(route, settings) })
  return attachment === undefined ? [] : attachPatch(json, attachment)
}

function apply(json: JsonObject, patch: readonly Operation[]): JsonObject {
  return jsonPatch.applyPatch<JsonObject>(json, patch, true, false).newDocument
}

/** Everything of `before` is in `after`, but for null and empty texts. */
function assertKept(before: unknown, after: unknown): void {
  if (before === null || before === '') return
  if (!isJsonObject(before)) {
    assert.deepEqual(after, before)
    return
  }
  assert.ok(isJsonObject(after))
  for (const [key, member] of Object.entries(before)) assertKept(member, after[key])
}
