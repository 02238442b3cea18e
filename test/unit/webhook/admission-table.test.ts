import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import jsonPatch from 'fast-json-patch'
import type { JsonObject } from '../../../shared/json/json.ts'
import { limitsOf } from '../../../shared/settings/settings.ts'
import { checkHosts } from '../../../webhook/admission/check-hosts.ts'
import { mutate } from '../../../webhook/admission/mutate.ts'
import { validate } from '../../../webhook/admission/validate.ts'
import { ADMISSION_CASES, type AdmissionCase } from '../../fixtures/admission-cases.ts'
import { NOTHING_TAKEN } from '../../../shared/route/taken-names.ts'
import { cluster, routeJson } from '../../fixtures/routes.ts'

const GOLDEN = join(import.meta.dirname, '..', '..', 'golden', 'admission.txt')

test('every kind of request has its patch, its warnings and its reason', async () => {
  const blocks = ADMISSION_CASES.map((one) => `${[one.name, ...answered(one)].join('\n  ')}\n`)
  const text = blocks.join('\n')
  if (process.env['TLSAUTO_GOLDEN'] === 'write') await writeFile(GOLDEN, text)
  const hint = 'if it is meant: TLSAUTO_GOLDEN=write make unit, and read the difference'
  assert.equal(text, await readFile(GOLDEN, 'utf8'), hint)
})

test('no two cases have one name', () => {
  assert.equal(new Set(ADMISSION_CASES.map(({ name }) => name)).size, ADMISSION_CASES.length)
})

/** What comes of a request, a line for each thing; asked twice, nothing is added. */
function answered(one: AdmissionCase): readonly string[] {
  const { held = [], tcpHost } = one
  const context = {
    cluster: { ...cluster, ...one.flags },
    hostClaims: one.denyHeld === true ? ('deny' as const) : ('warn' as const),
    namespace: { labels: {}, annotations: {}, ...one.namespace },
    holderOf: (host: string) => (held.includes(host) ? 'another' : undefined),
    takenNames: NOTHING_TAKEN,
    servedByTcp: (route: { readonly spec: { readonly tls: unknown } }) =>
      route.spec.tls === undefined ? tcpHost : undefined,
  }
  const object = objectOf(one)
  const review = {
    uid: '1',
    operation: one.old === undefined ? 'CREATE' : 'UPDATE',
    namespace: 'team',
    oldObject: one.old === undefined ? undefined : objectOf({ ...one, ...EMPTY, ...one.old }),
  }
  const patch = mutate({ ...review, object }, context)
  const patched: JsonObject = jsonPatch.applyPatch(object, patch, true, false).newDocument
  assert.deepEqual(mutate({ ...review, object: patched }, context), [], one.name)
  const { verdict, ...checked } = validate({ ...review, object: patched }, context)
  const hosts = checkHosts(
    { ...review, object: patched },
    {
      ...context,
      namespace: review.namespace,
      allowed: limitsOf(context.namespace),
      unboundedRules: context.cluster.unboundedRules,
    },
  )
  const denials = [checked.denial, hosts.denial].filter((denial) => denial !== undefined)
  const warnings = [...checked.warnings, ...hosts.warnings]
  return [
    verdict?.kind === 'unmanaged' ? `left alone: ${verdict.reason}` : `managed: ${verdict?.secret}`,
    ...patch.map((operation) => JSON.stringify(operation)),
    ...denials.map((denial) => `denied: ${denial}`),
    ...warnings.map((warning) => `warning: ${warning}`),
  ]
}

const EMPTY = { metadata: {}, annotations: {}, spec: {} }

function objectOf({ kind, metadata, annotations, spec }: AdmissionCase): JsonObject {
  const own = annotations === undefined ? {} : { annotations }
  const json = routeJson({ ...metadata, ...own }, spec)
  return kind === undefined ? json : { ...json, kind }
}
