import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import {
  recreationPreview,
  type RecreationPreview,
} from '../../../plugin/reissue/recreation-preview.ts'
import type { Certificate } from '../../../shared/certmanager/certificate.ts'
import type { Route } from '../../../shared/traefik/route.ts'
import { certificate } from '../../fixtures/certificates.ts'
import { NOTHING_GATHERED } from '../../fixtures/gathered.ts'
import { cluster, route, rules } from '../../fixtures/routes.ts'

const CREATED = '2026-03-01T10:00:00Z'
const OWNERS = { ownerReferences: [{ uid: 'shop' }, { uid: 'web' }] }
const SAME: RecreationPreview = { kind: 'certificate', secret: 'tls-shop-shop-example-com' }
const NOTHING: RecreationPreview = { kind: 'nothing', routes: ['shop'] }

const SHOP = route({ uid: 'shop' })
const ENABLED = route({ uid: 'shop', annotations: { 'tlsauto.dev/enabled': 'true' } })
const WEB = route({ name: 'web', uid: 'web', creationTimestamp: '2026-03-02T10:00:00Z' })

const ROWS: readonly {
  readonly name: string
  readonly routes: readonly Route[]
  readonly installedAt?: string | undefined
  readonly spec?: Readonly<Record<string, unknown>>
  readonly others?: readonly Certificate[]
  readonly deleted?: readonly string[]
  readonly want: RecreationPreview
}[] = [
  { name: 'comes back as it was', routes: [SHOP], want: SAME },
  {
    name: 'does not come back where its route is older than tlsauto',
    routes: [SHOP],
    installedAt: '2026-03-01T10:00:01Z',
    want: NOTHING,
  },
  {
    name: 'nor where there is no tlsauto',
    routes: [SHOP],
    installedAt: undefined,
    want: NOTHING,
  },
  {
    name: 'comes back where an old route asks for it',
    routes: [ENABLED],
    installedAt: '2026-03-01T10:00:01Z',
    want: SAME,
  },
  {
    name: 'comes back where its route names our Secret',
    routes: [route({ uid: 'shop', annotations: { 'tlsauto.dev/secret': 'tls-x' } })],
    installedAt: '2026-03-01T10:00:01Z',
    want: SAME,
  },
  {
    name: 'comes back where its route owns another one of ours, that stays',
    routes: [SHOP],
    installedAt: '2026-03-01T10:00:01Z',
    others: [certificate({}, { name: 'cert-b', uid: 'b', ...OWNERS })],
    want: SAME,
  },
  {
    name: 'but not where that one goes with it',
    routes: [SHOP],
    installedAt: '2026-03-01T10:00:01Z',
    others: [certificate({}, { name: 'cert-b', uid: 'b', ...OWNERS })],
    deleted: ['b'],
    want: NOTHING,
  },
  {
    name: 'comes back under the name of the route that is left, where the first one is too old',
    routes: [SHOP, WEB],
    installedAt: '2026-03-01T10:00:01Z',
    want: { kind: 'certificate', secret: 'tls-web-shop-example-com' },
  },
  {
    name: 'is called after the oldest route, whichever is listed first',
    routes: [WEB, SHOP],
    want: SAME,
  },
  {
    name: 'is called after an app that its route has had since',
    routes: [route({ uid: 'shop', annotations: { 'tlsauto.dev/app': 'app-123' } })],
    want: { kind: 'certificate', secret: 'tls-app-123-shop-example-com' },
  },
  {
    name: 'keeps the name that its user chose for all hosts of a route',
    routes: [
      route(
        { uid: 'shop', annotations: { 'cert-manager.io/cluster-issuer': 'letsencrypt-prod' } },
        { tls: { secretName: 'shop-tls' } },
      ),
    ],
    spec: { secretName: 'shop-tls' },
    want: { kind: 'certificate', secret: 'shop-tls' },
  },
  {
    name: 'may be called otherwise where its route is managed by flags that only the server knows',
    routes: [route({ uid: 'shop' }, { entryPoints: ['https'] })],
    want: { kind: 'certificate', secret: undefined },
  },
  {
    name: 'is not called after another host of its route',
    routes: [
      route(
        { uid: 'shop' },
        { routes: rules('Host(`a.example.com`)', 'Host(`shop.example.com`)') },
      ),
    ],
    want: SAME,
  },
]

suite('a Certificate that is deleted', () => {
  for (const { name, routes, spec = {}, others = [], deleted = [], want, ...row } of ROWS) {
    test(name, () => {
      const installedAt = 'installedAt' in row ? row.installedAt : CREATED
      const one = certificate({}, OWNERS, spec)
      const certificates = [one, ...others]
      const gathered = { ...NOTHING_GATHERED, routes, certificates, installedAt }
      const context = { gathered, cluster, deleted: new Set([one.metadata.uid, ...deleted]) }
      assert.deepEqual(recreationPreview(one, context), want)
    })
  }
})
