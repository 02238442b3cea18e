import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseMeta } from '../../../shared/kube/object.ts'
import { LONGEST, lengthProblem } from '../../../shared/json/text-limits.ts'
import { parseRoute } from '../../../shared/traefik/route.ts'
import { routeJson } from '../../fixtures/routes.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')

/** Keys in the sources that are read of no parsed metadata. */
const OTHERS = new Set([
  // Part of a key, completed by a word of a table
  'cert-manager.io/',
  'cert-manager.io/subject-',
  // An API group with its version, a Secret's type, a controller's name, selectors
  'acme.cert-manager.io/v1',
  'cert-manager.io/v1',
  'kubernetes.io/tls',
  'acme.cert-manager.io/http01-solver',
  // On our own serving Secret
  'tlsauto.dev/rotate',
  // On our own webhook configurations
  'tlsauto.dev/webhook-url',
])

test('every annotation and label that the sources name is kept of an object', () => {
  const named = new Set(
    ['shared', 'webhook', 'plugin'].flatMap(keysIn).filter((key) => !OTHERS.has(key)),
  )
  const all = Object.fromEntries([...named].map((key) => [key, 'x']))
  const metadata = parseMeta({ annotations: all, labels: all })
  const kept = new Set(Object.keys({ ...metadata?.annotations, ...metadata?.labels }))
  assert.deepEqual(
    [...named].filter((key) => !kept.has(key)),
    [],
    'add these to shared/kube/kept-keys.ts',
  )
})

test('a list is kept as long as it is read, and of a longer one more than that', () => {
  const key = 'cert-manager.io/alt-names'
  const keptOf = (value: string) => parseMeta({ annotations: { [key]: value } })?.annotations[key]
  const names = Array.from({ length: 100 }, (_, at) => `${'x'.repeat(200)}-${at}.example.com`)
  assert.equal(keptOf(names.join(',')), names.join(','))
  const tooLong = keptOf('x'.repeat(2 * LONGEST.list)) ?? ''
  assert.ok(lengthProblem(tooLong, LONGEST.list) !== undefined)
  assert.equal(tooLong.length, LONGEST.list + 1)
})

function keysIn(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('kept-keys.ts'))
    .map((name) => readFileSync(join(ROOT, folder, name), 'utf8'))
    .flatMap((text) => [
      ...Array.from(
        text.matchAll(/['`]((?:(?:acme\.)?cert-manager|(?:app\.)?kubernetes|)\.io\/[\w.-]*)/g),
        ([, key = '']) => key,
      ),
      ...Array.from(
        text.matchAll(/['`](tlsauto\.dev\/[a-z][\w-]*)/g),
        ([, key = '']) => key,
      ).filter((key) => !key.startsWith('tlsauto.dev/v1')),
      ...Array.from(
        text.matchAll(/subject\('(\w+)'/g),
        ([, word = '']) => `cert-manager.io/subject-${word}`,
      ),
    ])
}

test('of a route with 250 kB of annotations next to nothing is kept, and its room is known', () => {
  const annotations = {
    'tlsauto.dev/app': 'shop',
    'example.com/note': 'x'.repeat(200_000),
    'tlsauto.dev/junk': 'x'.repeat(10_000),
    'cert-manager.io/duration': 'y'.repeat(40_000),
  }
  const route = parseRoute(routeJson({ annotations }))
  assert.equal(route?.metadata.annotations['tlsauto.dev/app'], 'shop')
  assert.ok(JSON.stringify(route).length < 20_000)
  assert.ok((route?.annotationBytes ?? 0) > 250_000)
})

test('a value that is too long stays too long', () => {
  const value = '1'.repeat(100_000)
  const kept = parseMeta({ annotations: { 'cert-manager.io/duration': value } })
  assert.equal(kept?.annotations['cert-manager.io/duration']?.length, 16_385)
})
