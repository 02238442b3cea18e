import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import jsonPatch, { type Operation } from 'fast-json-patch'
import type { JsonObject } from '../../../shared/json/json.ts'
import type { ClusterSettings } from '../../../shared/settings/settings.ts'
import { mutate } from '../../../webhook/admission/mutate.ts'
import { NOTHING_TAKEN } from '../../../shared/route/taken-names.ts'
import { cluster, routeJson } from '../../fixtures/routes.ts'

const SECRET = 'tlsauto.dev/secret'
const secretName = 'tls-shop-shop-example-com'
const addAnnotation: Operation = {
  op: 'add',
  path: '/metadata/annotations/tlsauto.dev~1secret',
  value: secretName,
}
const addAnnotations: Operation = {
  op: 'add',
  path: '/metadata/annotations',
  value: { [SECRET]: secretName },
}
const addTls: Operation = { op: 'add', path: '/spec/tls', value: { secretName } }
const addSecretName: Operation = { op: 'add', path: '/spec/tls/secretName', value: secretName }

type Row = {
  readonly name: string
  readonly object: JsonObject
  /** Given: an update of this one. */
  readonly old?: JsonObject
  readonly flags?: Partial<ClusterSettings>
  readonly want: readonly Operation[]
}

/** As it is stored after admission. */
const stored = routeJson({ annotations: { [SECRET]: secretName } }, { tls: { secretName } })

const ROWS: readonly Row[] = [
  {
    name: 'a new route gets annotation and tls, with the parents it lacks',
    object: routeJson(),
    want: [addTls, addAnnotations],
  },
  {
    name: 'parents that are there are added to',
    object: routeJson({ annotations: { a: 'b' } }, { tls: { options: { name: 'x' } } }),
    want: [addSecretName, addAnnotation],
  },
  {
    name: 'parents that are null are replaced',
    object: routeJson({ annotations: null }, { tls: null }),
    want: [addTls, addAnnotations],
  },
  {
    name: 'the default TLS options come with it',
    object: routeJson(),
    flags: { defaultTlsOptions: 'mtls@file' },
    want: [
      { op: 'add', path: '/spec/tls', value: { secretName, options: { name: 'mtls@file' } } },
      addAnnotations,
    ],
  },
  { name: 'carriers need nothing', object: routeJson(), flags: { attach: 'carry' }, want: [] },
  { name: 'another kind is not ours', object: { ...routeJson(), kind: 'TLSStore' }, want: [] },
  { name: 'a spec that is none is not ours', object: { ...routeJson(), spec: 'x' }, want: [] },
  {
    name: 'an update to which nothing was added before gets nothing now',
    object: routeJson(),
    old: routeJson(),
    want: [],
  },
  {
    name: 'an update that lost both gets both back',
    object: routeJson(),
    old: stored,
    want: [addTls, addAnnotations],
  },
  {
    name: 'an update that lost the annotation gets it back',
    object: routeJson({}, { tls: { secretName } }),
    old: stored,
    want: [addAnnotations],
  },
  {
    name: 'an update that lost the annotation gets no default options that it had not',
    object: routeJson({}, { tls: { secretName } }),
    old: stored,
    flags: { defaultTlsOptions: 'mtls@file' },
    want: [addAnnotations],
  },
  { name: 'an update that lost nothing gets nothing', object: stored, old: stored, want: [] },
  {
    name: "a Secret of the user's own is no loss",
    object: routeJson({}, { tls: { secretName: 'mine' } }),
    old: stored,
    want: [],
  },
  {
    name: 'an annotation with another name is no loss',
    object: routeJson({ annotations: { [SECRET]: 'mine' } }),
    old: stored,
    want: [],
  },
]

suite('the patch of a request', () => {
  for (const { name, object, old, flags, want } of ROWS) {
    test(name, () => {
      const context = {
        cluster: { ...cluster, ...flags },
        servedByTcp: () => undefined,
        takenNames: NOTHING_TAKEN,
      }
      const review = {
        uid: '1',
        operation: old === undefined ? 'CREATE' : 'UPDATE',
        namespace: 'team',
        oldObject: old,
      }
      const patch = mutate({ ...review, object }, context)
      assert.deepEqual(patch, want)
      const patched: JsonObject = jsonPatch.applyPatch(object, patch, true, false).newDocument
      assert.deepEqual(mutate({ ...review, object: patched }, context), [], 'asked twice')
    })
  }

  test('is withheld where a stranger has the name of the companion that plain HTTP would need', () => {
    const review = { uid: '1', operation: 'CREATE', namespace: 'team', oldObject: undefined }
    const takenNames = { ...NOTHING_TAKEN, isCompanionTaken: () => true }
    const context = { cluster, servedByTcp: () => undefined, takenNames }
    const both = routeJson({}, { entryPoints: ['web', 'websecure'] })
    assert.deepEqual(mutate({ ...review, object: both }, context), [])
    assert.notDeepEqual(mutate({ ...review, object: routeJson() }, context), [])
  })

  test('a request without an object gets none', () => {
    const review = { uid: '1', operation: 'DELETE', namespace: 'team', oldObject: stored }
    assert.deepEqual(
      mutate(
        { ...review, object: undefined },
        { cluster, servedByTcp: () => undefined, takenNames: NOTHING_TAKEN },
      ),
      [],
    )
  })
})
