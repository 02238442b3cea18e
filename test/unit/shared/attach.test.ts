import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attachmentFor, type Attachment } from '../../../shared/route/attach.ts'
import { decide } from '../../../shared/route/decide.ts'
import type { JsonObject } from '../../../shared/json/json.ts'
import type { ClusterSettings } from '../../../shared/settings/settings.ts'
import { cluster, route, settingsOf } from '../../fixtures/routes.ts'

type Row = {
  readonly name: string
  readonly metadata?: JsonObject
  readonly spec?: JsonObject
  readonly cluster?: ClusterSettings
  readonly want: Attachment | undefined
}

const secretName = 'tls-shop-shop-example-com'
const mtls: ClusterSettings = { ...cluster, defaultTlsOptions: 'mtls@file' }

const rows: readonly Row[] = [
  { name: 'a managed route gets its Secret', want: { secretName, options: undefined } },
  {
    name: 'it gets the default TLS options with it',
    cluster: mtls,
    want: { secretName, options: 'mtls@file' },
  },
  {
    name: 'TLS options of its own stay',
    spec: { tls: { options: { name: 'own' } } },
    cluster: mtls,
    want: { secretName, options: undefined },
  },
  {
    name: 'TLS options without a name are none',
    spec: { tls: { options: { name: '' } } },
    cluster: mtls,
    want: { secretName, options: 'mtls@file' },
  },
  {
    name: 'a Secret that we named once is put back',
    metadata: { annotations: { 'tlsauto.dev/secret': 'tls-a' } },
    want: { secretName: 'tls-a', options: undefined },
  },
  {
    name: 'a route that names our Secret gets nothing, not even options',
    metadata: { annotations: { 'tlsauto.dev/secret': 'tls-a' } },
    spec: { tls: { secretName: 'tls-a' } },
    cluster: mtls,
    want: undefined,
  },
  {
    name: 'a route under a name of its own gets nothing',
    metadata: { annotations: { 'cert-manager.io/issuer': 'own-ca' } },
    spec: { tls: { secretName: 'mine' } },
    want: undefined,
  },
  {
    name: 'a route that is left alone gets nothing',
    spec: { tls: { certResolver: 'le' } },
    want: undefined,
  },
  {
    name: 'a route whose certificates are carried gets nothing',
    cluster: { ...cluster, attach: 'carry' },
    want: undefined,
  },
  {
    name: 'a route that asks to be injected is',
    metadata: { annotations: { 'tlsauto.dev/attach': 'inject' } },
    cluster: { ...cluster, attach: 'carry' },
    want: { secretName, options: undefined },
  },
  {
    name: 'a route whose annotations are as large as they may be gets nothing',
    metadata: { annotations: { note: 'ü'.repeat(128 * 1024 - 22) } },
    want: undefined,
  },
  {
    name: 'a route whose annotations have just the room gets its Secret',
    metadata: { annotations: { note: `ü${'x'.repeat(256 * 1024 - 49)}` } },
    want: { secretName, options: undefined },
  },
  {
    name: 'a route whose name is still to be generated gets nothing yet',
    metadata: { name: undefined, generateName: 'shop-' },
    want: undefined,
  },
  {
    name: 'a route whose name is still to be generated gets the Secret of its app',
    metadata: {
      name: undefined,
      generateName: 'shop-',
      annotations: { 'tlsauto.dev/app': 'shop' },
    },
    want: { secretName, options: undefined },
  },
]

for (const row of rows) {
  test(row.name, () => {
    const it = route(row.metadata, row.spec)
    const settings = settingsOf(it, row.cluster)
    assert.deepEqual(
      attachmentFor({ route: it, settings, verdict: decide(it, settings) }),
      row.want,
    )
  })
}
