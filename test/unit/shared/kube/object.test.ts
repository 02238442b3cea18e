import assert from 'node:assert/strict'
import { test } from 'node:test'
import { byAge, ownerReference, parseConditions } from '../../../../shared/kube/object.ts'
import { route } from '../../../fixtures/routes.ts'

test('objects are ordered by creation, then name, then uid', () => {
  const first = route({ name: 'z', creationTimestamp: '2026-03-01T09:59:59Z' })
  const second = route({ name: 'a', uid: '1' })
  const third = route({ name: 'a', uid: '2' })
  const fourth = route({ name: 'b', uid: '0' })
  assert.deepEqual([fourth, third, second, first].sort(byAge), [first, second, third, fourth])
  assert.equal(byAge(second, second), 0)
})

test('of what a condition says 32 KiB are read', () => {
  const [condition] = parseConditions({ conditions: [{ message: 'x'.repeat(40_000) }] })
  assert.equal(condition?.message.length, 32 * 1024)
})

test('an owner is named by four fields, and never holds up a deletion', () => {
  assert.deepEqual(ownerReference(route({ name: 'shop', uid: 'uid-shop' })), {
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'IngressRoute',
    name: 'shop',
    uid: 'uid-shop',
  })
})
