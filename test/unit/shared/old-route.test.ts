import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isOld } from '../../../shared/route/old-route.ts'
import { route, settingsOf } from '../../fixtures/routes.ts'

const created = '2026-03-01T10:00:00Z'
const before = '2026-03-01T09:59:59Z'
const after = '2026-03-01T10:00:01Z'

type Row = {
  readonly name: string
  readonly annotations?: Readonly<Record<string, string>>
  readonly enabledNamespace?: string
  readonly installedAt: string | undefined
  readonly owned?: boolean
  readonly old: boolean
}

const rows: readonly Row[] = [
  { name: 'a route from before tlsauto is old', installedAt: after, old: true },
  { name: 'a route of the same second is not', installedAt: created, old: false },
  { name: 'a route from after it is not', installedAt: before, old: false },
  { name: 'any route is old where tlsauto is not installed', installedAt: undefined, old: true },
  {
    name: 'an old route that asks for it is as good as new',
    annotations: { 'tlsauto.dev/enabled': 'true' },
    installedAt: after,
    old: false,
  },
  {
    name: 'so is one whose namespace asks for it',
    enabledNamespace: 'true',
    installedAt: after,
    old: false,
  },
  {
    name: 'so is one that has our Secret',
    annotations: { 'tlsauto.dev/secret': 'tls-shop-shop-example-com' },
    installedAt: after,
    old: false,
  },
  { name: 'so is one that owns our Certificate', installedAt: after, owned: true, old: false },
  {
    name: 'a word that is neither true nor false asks for nothing',
    annotations: { 'tlsauto.dev/enabled': 'yes' },
    installedAt: after,
    old: true,
  },
]

for (const row of rows) {
  test(row.name, () => {
    const it = route({ creationTimestamp: created, annotations: row.annotations ?? {} })
    const { enabledNamespace } = row
    const labels: Readonly<Record<string, string>> =
      enabledNamespace === undefined ? {} : { 'tlsauto.dev/enabled': enabledNamespace }
    const settings = settingsOf(it, undefined, { labels, annotations: {} })
    const { installedAt, owned = false, old } = row
    assert.equal(isOld({ route: it, settings, installedAt, owned }), old)
  })
}
