import assert from 'node:assert/strict'
import { beforeEach, suite, test } from 'node:test'
import type { JsonObject } from '../../../shared/json/json.ts'
import { kindKeyOf } from '../../../shared/kube/object.ts'
import type { EventNote } from '../../../webhook/runtime/event-notes.ts'
import { describeNote } from '../../../webhook/runtime/event-notes.ts'
import { createClusterIndex } from '../../../webhook/controller/index/cluster-index.ts'
import { createHostAudit, type HostAudit } from '../../../webhook/controller/host-audit.ts'
import { cluster, route, rules } from '../../fixtures/routes.ts'

const LIMITS = { labels: {}, annotations: { 'tlsauto.dev/allowed-domains': 'own.example.com' } }

let index: ReturnType<typeof createClusterIndex>
let notes: EventNote[]
let audit: HostAudit

suite('the search for stored routes with hosts of others', () => {
  beforeEach(() => {
    index = createClusterIndex(cluster)
    notes = []
    const recorder = { record: (note: EventNote) => notes.push(note) }
    audit = createHostAudit({ index, hostClaims: 'deny', recorder })
    index.putNamespace('team', LIMITS)
  })

  test('finds one that opted out, tells it once, and forgets it when it is gone', () => {
    const offender = stored('shop', 'Host(`victim.org`) || PathPrefix(`/`)')
    look()
    look()
    assert.deepEqual(notes.map(describeNote), [
      {
        type: 'Warning',
        message:
          "victim.org (spec.routes[0].match) is not in the namespace's tlsauto.dev/allowed-domains: add it there; " +
          'spec.routes[0].match: not limited to named hosts, which is not allowed here: add a Host or HostSNI to Host(`victim.org`…',
      },
    ])
    assert.deepEqual(
      [...audit.counts()],
      [
        ['HostNotAllowed', 1],
        ['UnboundedRule', 1],
      ],
    )
    index.removeRoute(offender)
    audit.look(kindKeyOf(offender))
    assert.deepEqual([...audit.counts()], [])
  })

  test('finds it when the namespace gets its list, and not any more when that names the host', () => {
    index.putNamespace('team', { labels: {}, annotations: {} })
    stored('shop', 'Host(`victim.org`)')
    look()
    assert.deepEqual(notes, [])
    index.putNamespace('team', LIMITS)
    look()
    assert.equal(notes.length, 1)
    const annotations = { 'tlsauto.dev/allowed-domains': 'victim.org' }
    index.putNamespace('team', { labels: {}, annotations })
    look()
    assert.equal(notes.length, 1)
    assert.deepEqual([...audit.counts()], [])
  })

  test('finds one that is too long to be read, but for the companion of a route that is not', () => {
    const long = Array.from({ length: 3001 }, (_, at) => `Host(\`h${at}.own.example.com\`)`).join(
      '||',
    )
    const labels = { 'app.kubernetes.io/managed-by': 'tlsauto' }
    const ours = { labels, annotations: { 'tlsauto.dev/redirects': '' } }
    stored('web', 'Host(`own.example.com`)', { annotations: {} })
    stored('tlsauto-http-web', long, ours)
    stored('tlsauto-http-nobody', long, ours)
    look()
    assert.deepEqual([...audit.counts()], [['RouteNotChecked', 1]])
  })

  test('finds one with our label, too, and one that is being deleted', () => {
    const labels = { 'app.kubernetes.io/managed-by': 'tlsauto' }
    stored('labelled', 'Host(`victim.org`)', { labels })
    stored('going', 'Host(`victim.org`)', { deletionTimestamp: '2026-03-01T10:00:00Z' })
    look()
    assert.deepEqual([...audit.counts()], [['HostNotAllowed', 2]])
  })

  test('says nothing of what is right', () => {
    stored('shop', 'Host(`own.example.com`)')
    look()
    assert.deepEqual([notes, [...audit.counts()]], [[], []])
  })

  test('a replica that leads no more counts nothing', () => {
    stored('shop', 'Host(`victim.org`)')
    look()
    audit.forget()
    assert.deepEqual([...audit.counts()], [])
  })
})

function stored(name: string, match: string, metadata: JsonObject = {}) {
  const annotations = { 'tlsauto.dev/enabled': 'false' }
  const one = route({ name, uid: name, annotations, ...metadata }, { routes: rules(match) })
  index.putRoute(one)
  return one
}

function look(): void {
  for (const key of index.routeKeys()) audit.look(key)
}
