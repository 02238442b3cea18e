import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Certificate } from '../../../shared/certmanager/certificate.ts'
import { parseCertificate } from '../../../shared/certmanager/certificate.ts'
import { isJsonObject, objectAt, textAt } from '../../../shared/json/json.ts'
import type { Route } from '../../../shared/traefik/route.ts'
import type { Action } from '../../../webhook/controller/plan/action.ts'
import { addClaim, addEntry, createHandlers } from '../../../webhook/controller/change-handlers.ts'
import { createClusterIndex } from '../../../webhook/controller/index/cluster-index.ts'
import { certificateActions, routeActions } from '../../../webhook/controller/reconcile.ts'
import { takeAtOnce } from '../../../webhook/runtime/slices.ts'
import { route, rules, wildcardCluster } from '../../fixtures/routes.ts'

/** What a tenant may store, by how much of it. */
const SCENES: Readonly<Record<string, (n: number) => readonly Route[]>> = {
  'one route with n hosts': (n) => [
    route({}, { routes: rules(...Array.from({ length: n }, (_, at) => `Host(\`h${at}.org\`)`)) }),
  ],
  'n routes in one namespace': (n) => routesOf(n, (at) => `h.n${at}.org`),
  'a wildcard with n hosts below': (n) => [
    route({}, { routes: rules('Host(`*.w.org`)') }),
    ...routesOf(n, (at) => `h${at}.w.org`),
  ],
  'n hosts that would be called alike': (n) =>
    routesOf(n, (at) => alike(at)).map((one) => ({
      ...one,
      metadata: { ...one.metadata, annotations: { 'tlsauto.dev/app': 'same' } },
    })),
}

suite('twice as much costs about twice the time, from nothing to rest', () => {
  for (const [name, scene] of Object.entries(SCENES)) {
    test(name, () => {
      run(scene(SMALL))
      // The machine has its moods: one good pair of a few is enough.
      const ratios: number[] = []
      while (ratios.length < 3 && !ratios.some((ratio) => ratio < 2.5)) {
        ratios.push(cost(scene, 2 * SMALL) / cost(scene, SMALL))
      }
      assert.ok(Math.min(...ratios) < 2.5, `n to 2n: ${ratios.map((one) => one.toFixed(2)).join()}`)
    })
  }
})

const SMALL = 150

function cost(scene: (n: number) => readonly Route[], n: number): number {
  const routes = scene(n)
  const before = process.threadCpuUsage()
  run(routes)
  const { user, system } = process.threadCpuUsage(before)
  return user + system
}

/** Stores the routes, and carries out what is planned for their Certificates, until nothing is. */
function run(routes: readonly Route[]): void {
  const index = createClusterIndex(wildcardCluster)
  index.setInstalledAt('2026-01-01T00:00:00Z')
  index.putNamespace('team', { labels: {}, annotations: {} })
  const queue = new Set<string>()
  const add = (key: string): void => void queue.add(key)
  const adding = { index, add, addEntrySoon: (key: string) => takeAtOnce(addEntry(adding, key)) }
  const { onRoute, onCertificate } = createHandlers({
    ...adding,
    addClaimSoon: (host) => addClaim({ ...adding, addLater: add }, host),
    addRouteSoon: adding.addEntrySoon,
    settle: () => undefined,
    claimGone: () => undefined,
    lookAtClaims: () => undefined,
    addAll: () => undefined,
    recorder: {
      record: () => undefined,
      remember: () => undefined,
      finish: async () => undefined,
    },
    owners: { gone: () => undefined, changed: () => undefined },
    active: () => false,
  })
  for (const object of routes) takeAtOnce(onRoute({ kind: 'added', object }))
  // A Set is gone through to its end, with what comes meanwhile.
  for (const key of queue) {
    queue.delete(key)
    for (const action of actionsFor(key)) {
      const object = appliedCertificate(action)
      if (object !== undefined) onCertificate({ kind: 'added', object })
    }
  }

  function actionsFor(key: string): readonly Action[] {
    const [kind = '', at = ''] = key.split(' ')
    return kind === 'Certificate' ? certificateActions(index, at) : routeActions(index, key)
  }
}

function appliedCertificate(action: Action): Certificate | undefined {
  if (action.kind !== 'apply' || action.resource !== 'certificates' || action.force)
    return undefined
  const metadata = objectAt(action.object, 'metadata')
  const uid = textAt(metadata, 'name')
  const stamp = { uid, resourceVersion: '1', creationTimestamp: '2026-03-02T00:00:00Z' }
  const status = {
    notAfter: '2027-01-01T00:00:00Z',
    conditions: [{ type: 'Ready', status: 'True' }],
  }
  const json = { ...action.object, metadata: { ...metadata, ...stamp }, status }
  return isJsonObject(json) ? parseCertificate(json) : undefined
}

function routesOf(n: number, hostOf: (at: number) => string): readonly Route[] {
  return Array.from({ length: n }, (_, at) =>
    route({ name: `r${at}`, uid: `uid-${at}` }, { routes: rules(`Host(\`${hostOf(at)}\`)`) }),
  )
}

/** A name of the same letters, with dots and dashes as the bits of a number say. */
function alike(at: number): string {
  const labels = Array.from({ length: 12 }, (_, bit) => ((at >> bit) % 2 === 1 ? 'a.' : 'a-'))
  return `${labels.join('')}b.org`
}
