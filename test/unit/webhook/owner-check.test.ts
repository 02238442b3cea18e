import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Certificate } from '../../../shared/certmanager/certificate.ts'
import type { JsonObject } from '../../../shared/json/json.ts'
import type { Lookup, Target } from '../../../shared/kube/kube-client.ts'
import { createOwnerCheck } from '../../../webhook/controller/owner-check.ts'
import { certificate } from '../../fixtures/routes.ts'
import { scriptedClient } from '../../fixtures/scripted-client.ts'

const [NAME, UID] = ['cert-shop', 'uid-of-shop']
const SPEC = { secretName: 'tls-shop', dnsNames: ['shop.example.com'] }

/** A Certificate as it is applied, owned by the routes of these names. */
function toMake(...routes: readonly string[]): JsonObject {
  const ownerReferences = routes.map((name) => ({ kind: 'IngressRoute', name, uid: UID }))
  return { metadata: { namespace: 'team', name: NAME, ownerReferences } }
}

function found(metadata: JsonObject): Lookup {
  return { kind: 'found', object: { metadata } }
}

/** What becomes of making it again so many milliseconds after it went, and who was asked for. */
async function again(
  object: JsonObject,
  cluster: Readonly<Record<string, Lookup>>,
  after = 0,
): Promise<readonly [string, readonly string[]]> {
  const asked: string[] = []
  const get = async ({ name }: Target): Promise<Lookup> => {
    asked.push(name)
    return cluster[name] ?? { kind: 'missing' }
  }
  let time = 0
  const check = createOwnerCheck({ ...scriptedClient({}).client, get }, () => time)
  check.gone('certificates', certificate({ name: NAME }, SPEC))
  time = after
  // Something else goes: what went long ago is forgotten then.
  check.gone('certificates', certificate({ name: 'another' }, SPEC))
  const outcome = await check.confirm('certificates', object).then(
    () => 'made',
    (error: unknown) => String(error),
  )
  return [outcome, asked]
}

const REFUSED = 'Error: certificates team/cert-shop lost shop, of whose end nothing was heard yet'

test('what went with its route is not made again', async () => {
  assert.deepEqual(await again(toMake('shop'), {}), [REFUSED, ['shop']])
})

test('what somebody deleted is made again for a route that is there', async () => {
  const cluster = { shop: found({ uid: UID }) }
  assert.deepEqual(await again(toMake('shop'), cluster), ['made', ['shop']])
})

test('it is not made again for routes of which one has gone: that one is about to be heard of', async () => {
  const cluster = { blog: found({ uid: UID }) }
  assert.deepEqual(await again(toMake('blog', 'shop'), cluster), [REFUSED, ['blog', 'shop']])
})

test('a route under the old name is another route', async () => {
  assert.deepEqual(await again(toMake('shop'), { shop: found({ uid: 'new' }) }), [
    REFUSED,
    ['shop'],
  ])
})

test('a route that is being deleted has gone', async () => {
  const cluster = { shop: found({ uid: UID, deletionTimestamp: '2026-11-25T20:00:00Z' }) }
  assert.deepEqual(await again(toMake('shop'), cluster), [REFUSED, ['shop']])
})

test('who may not look believes what was heard', async () => {
  const cluster: Record<string, Lookup> = { shop: { kind: 'forbidden', message: '' } }
  assert.deepEqual(await again(toMake('shop'), cluster), ['made', ['shop']])
})

test('nobody is asked about what went more than a minute ago', async () => {
  assert.deepEqual(await again(toMake('shop'), {}, 60_000), ['made', []])
  assert.deepEqual(await again(toMake('shop'), {}, 59_999), [REFUSED, ['shop']])
})

test('nor about what is new, or of another kind', async () => {
  const { client } = scriptedClient({})
  const check = createOwnerCheck(client)
  check.gone('ingressRoutes', certificate({ name: NAME }, SPEC))
  await check.confirm('certificates', toMake('shop'))
})

/** The Certificate owned by the routes of these uids, `uid-1` that of `r-1`. */
function owned(...uids: readonly string[]): Certificate {
  const ownerReferences = uids.map((uid) => {
    const name = uid.replace('uid', 'r')
    return { apiVersion: 'traefik.io/v1alpha1', kind: 'IngressRoute', name, uid }
  })
  return certificate({ name: NAME, ownerReferences }, SPEC)
}

/** What becomes of writing a Certificate for these owners after it had lost `uid-2`, and who was asked for. */
async function writing(uids: readonly string[], there: readonly string[]) {
  const asked: string[] = []
  const get = async ({ name }: Target): Promise<Lookup> => {
    asked.push(name)
    return there.includes(name) ? found({ uid: name.replace('r', 'uid') }) : { kind: 'missing' }
  }
  const check = createOwnerCheck({ ...scriptedClient({}).client, get })
  check.changed(owned('uid-1', 'uid-2'), owned('uid-1'))
  const { metadata } = owned(...uids)
  const outcome = await check
    .confirm('certificates', { metadata: { ...metadata } })
    .then(() => 'written', String)
  return [outcome, asked]
}

test('an owner that was taken off is not written again while it is not there', async () => {
  assert.deepEqual(await writing(['uid-1', 'uid-2'], ['r-1']), [
    'Error: certificates team/cert-shop lost r-2, of whose end nothing was heard yet',
    ['r-2'],
  ])
})

test('one that is there is written again, and nobody is asked for the others', async () => {
  assert.deepEqual(await writing(['uid-1', 'uid-2'], ['r-2']), ['written', ['r-2']])
  assert.deepEqual(await writing(['uid-1'], []), ['written', []])
})

test('it is asked again at every try', async () => {
  const { client } = scriptedClient({})
  const check = createOwnerCheck(client)
  check.gone('certificates', certificate({ name: NAME }, SPEC))
  await assert.rejects(check.confirm('certificates', toMake('shop')))
  await assert.rejects(check.confirm('certificates', toMake('shop')))
})
