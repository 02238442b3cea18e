import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exitCode } from '../../../plugin/status/exit-code.ts'
import { exitCodeOf, fine, runChecks } from '../../../plugin/probe/check.ts'
import { report } from '../../../plugin/status/report.ts'
import { eachAlone } from '../../../shared/json/each-alone.ts'
import type { Route } from '../../../shared/traefik/route.ts'
import { NOTHING_GATHERED } from '../../fixtures/gathered.ts'
import { cluster, route } from '../../fixtures/routes.ts'
import { brokenCluster } from '../../fixtures/broken-cluster.ts'
import { printedBy } from '../../fixtures/printed.ts'
import { selectingClient } from '../../fixtures/selecting-client.ts'

const NOW = new Date('2026-03-01T12:00:00Z')

test('an error costs one item, and what stands instead keeps its place', () => {
  const found = eachAlone(
    [1, 2, 3],
    (item) => {
      if (item === 2) throw new Error('no')
      return String(item)
    },
    (item, error) => `${item}: ${String(error)}`,
  )
  assert.deepEqual(found, ['1', '2: Error: no', '3'])
})

test('a route that meets a bug is one line of state unknown, and the others are told', () => {
  const bad: Route = {
    ...route({ name: 'bad', uid: 'bad' }),
    get spec(): never {
      throw new Error('a bug')
    },
  }
  const items = report(
    { ...NOTHING_GATHERED, routes: [bad, route()] },
    { cluster, now: NOW, claims: undefined },
  )
  assert.deepEqual(
    items.map(({ route, state, reason }) => [route, state, reason]),
    [
      ['bad', 'unknown', 'NotJudged'],
      ['shop', 'pending', 'NoCertificate'],
    ],
  )
  assert.match(items[0]?.message ?? '', /a bug/)
  assert.equal(exitCode(items), 1)
})

test('a check that meets a bug is one line that is wrong, and the others are made', () => {
  const checks = [
    {
      name: 'a',
      look: () => {
        throw new Error('a bug')
      },
    },
    { name: 'b', look: () => fine('well') },
  ]
  const results = runChecks(checks, {})
  assert.deepEqual(
    results.map(({ check, result }) => [check, result]),
    [
      ['a', 'wrong'],
      ['b', 'fine'],
    ],
  )
  assert.equal(exitCodeOf(results), 1)
})

test('a stored route that has not the shape of one is passed over by plan, and told', async () => {
  const objects = brokenCluster()
  const shapeless = { metadata: { name: 'shapeless', namespace: 'team' }, spec: [] }
  const routes = [shapeless, ...(objects['ingressroutes'] ?? [])]
  const client = selectingClient({ ...objects, ingressroutes: routes })
  const printed = await printedBy(['plan', '-A'], client, { colours: false })
  const honest = await printedBy(['plan', '-A'], selectingClient(objects), { colours: false })
  assert.equal(printed.out, honest.out)
  assert.match(printed.error, /^error: team\/shapeless is passed over: /)
})
