import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { JsonObject } from '../../../shared/json/json.ts'
import { NOTHING_TAKEN, type TakenNames } from '../../../shared/route/taken-names.ts'
import type { NamespaceSettings } from '../../../shared/settings/settings.ts'
import { validate } from '../../../webhook/admission/validate.ts'
import { cluster, routeJson, rules } from '../../fixtures/routes.ts'

type Row = {
  readonly name: string
  readonly object: JsonObject
  readonly old?: JsonObject
  readonly namespace?: NamespaceSettings
  readonly deny?: boolean
  readonly taken?: Partial<TakenNames>
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
  {
    name: 'a stranger has the name of its companion: TLS would end plain HTTP',
    object: routeJson({}, { entryPoints: [] }),
    taken: { isCompanionTaken: () => true },
    warnings: [
      'no HTTPS, which would end plain HTTP: tlsauto-http-shop exists and is not ours; delete or rename it',
    ],
  },
  {
    name: 'which a route that speaks HTTPS alone does not need',
    object: routeJson(),
    taken: { isCompanionTaken: () => true },
  },
  {
    name: 'a stranger has the name of a carrier that it needs',
    object: routeJson({}, { routes: rules('Host(`a.com`) || Host(`b.com`)') }),
    taken: { isCarrierTaken: () => true },
    warnings: ['IngressRoute cert-shop-b-com exists and is not ours; delete or rename it'],
  },
  { name: 'what is no route is none of ours', object: { ...held, kind: 'Other' }, deny: true },
]

suite('the check of a request', () => {
  for (const { name, object, old, namespace, deny, taken = {}, warnings = [], denial } of ROWS) {
    test(name, () => {
      const operation = old === undefined ? 'CREATE' : 'UPDATE'
      const review = { uid: '1', operation, namespace: 'team', object, oldObject: old }
      const context = {
        cluster,
        namespace,
        hostClaims: deny === true ? ('deny' as const) : ('warn' as const),
        servedByTcp: () => undefined,
        takenNames: { ...NOTHING_TAKEN, ...taken },
        holderOf: (host: string) => (host === 'held.example.com' ? 'another' : undefined),
      }
      const { verdict: _, ...said } = validate(review, context)
      assert.deepEqual(said, { warnings, denial })
    })
  }
})
