import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { JsonObject } from '../../../shared/json.ts'
import type { NamespaceSettings } from '../../../shared/settings.ts'
import { validate } from '../../../webhook/admission/validate.ts'
import { cluster, routeJson, rules } from '../../fixtures/routes.ts'

type Row = {
  readonly name: string
  readonly object: JsonObject
  readonly old?: JsonObject
  readonly namespace?: NamespaceSettings
  readonly deny?: boolean
  readonly warnings?: readonly string[]
  readonly denial?: string
}

const held = routeJson({}, { routes: rules('Host(`held.example.com`)') })
const unreadable = routeJson({}, { routes: rules('Host(`') })

const ROWS: readonly Row[] = [
  { name: 'nothing is said of what is well', object: routeJson() },
  {
    name: 'what is wrong is said',
    object: unreadable,
    warnings: [
      'spec.routes[0].match: Traefik refuses this rule at 1:6: this backtick is never closed: put ` after the value',
    ],
  },
  { name: 'and not again for what is stored', object: unreadable, old: unreadable },
  {
    name: 'whose hosts they are is for the host check to say',
    object: routeJson(),
    namespace: { labels: {}, annotations: { 'tlsauto.dev/allowed-domains': 'other.org' } },
  },
  {
    name: 'a host of another namespace, too',
    object: held,
    deny: true,
  },
  { name: 'what is no route is none of ours', object: { ...held, kind: 'Other' }, deny: true },
]

suite('the check of a request', () => {
  for (const { name, object, old, namespace, deny, warnings = [], denial } of ROWS) {
    test(name, () => {
      const operation = old === undefined ? 'CREATE' : 'UPDATE'
      const review = { uid: '1', operation, namespace: 'team', object, oldObject: old }
      const context = {
        cluster,
        namespace,
        hostClaims: deny === true ? ('deny' as const) : ('warn' as const),
        servedByTcp: () => undefined,
        holderOf: (host: string) => (host === 'held.example.com' ? 'another' : 'team'),
      }
      const { verdict: _, ...said } = validate(review, context)
      assert.deepEqual(said, { warnings, denial })
    })
  }
})
