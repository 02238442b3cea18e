import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { isJsonObject, objectAt, stringsAt, type JsonObject } from '../../shared/json/json.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { openKeepAlive } from '../load/keep-alive.ts'
import { makeNamespace } from '../stack/objects.ts'
import { routeManifest, type RouteInput } from '../stack/route-manifest.ts'
import { servingCa } from '../stack/serving-ca.ts'
import { startStack, type Stack } from '../stack/stack.ts'
import { logOf, startTlsauto, type Tlsauto } from '../stack/tlsauto.ts'
import { until } from '../stack/until.ts'

// What admission says of itself: in the API server's audit log, in its own log, and in metrics.
let stack: Stack
let tlsauto: Tlsauto

before(async () => {
  stack = await startStack()
  tlsauto = await startTlsauto(stack)
  await makeNamespace(stack, 'free')
  const annotations = { 'tlsauto.dev/allowed-domains': 'allowed.example.com' }
  await makeNamespace(stack, 'bound', { annotations })
})

after(async () => {
  await stack.stop()
})

const SECURE = { entryPoints: ['websecure'] }

suite('the audit log of the API server', () => {
  test('of a managed route: its hosts, its Secret, and who asked', async () => {
    const rules = ['Host(`a.example.com`) || Host(`b.example.com`)']
    await create({ namespace: 'free', name: 'managed', rules, spec: SECURE })
    assert.deepEqual(await auditedOf('free', 'managed'), {
      decision: 'managed',
      hosts: 'a.example.com,b.example.com',
      certificate: 'cert-managed-a-example-com',
      secret: 'tls-managed-a-example-com',
      requester: 'admin',
    })
  })

  test('of a route with hundreds of hosts: those that fit, and how many more', async () => {
    const hosts = Array.from({ length: 500 }, (_, number) => `host-${number}.example.com`)
    const rules = hosts.map((host) => `Host(\`${host}\`)`)
    await create({ namespace: 'free', name: 'many', rules, spec: SECURE })
    const listed = (await auditedOf('free', 'many'))['hosts'] ?? ''
    const [names = '', more = ''] = listed.split(' and ')
    const shown = names.split(',')
    assert.deepEqual(shown, hosts.slice(0, shown.length))
    assert.equal(more, `${500 - shown.length} more`)
    assert.ok(names.length > 1000 && listed.length < 1100)
  })

  test('of a route that is left alone: why', async () => {
    const spec = { ...SECURE, tls: { certResolver: 'own' } }
    await create({ namespace: 'free', name: 'own', rules: ['Host(`c.example.com`)'], spec })
    const want = { decision: 'unmanaged: CertResolver', requester: 'admin' }
    assert.deepEqual(await auditedOf('free', 'own'), want)
  })

  test('of a route that is denied: why', async () => {
    const route = { namespace: 'bound', name: 'denied', rules: ['Host(`d.example.com`)'] }
    await assert.rejects(create({ ...route, spec: SECURE }))
    const { decision = '' } = await auditedOf('bound', 'denied', 'hosts')
    assert.match(decision, /^denied: .*d\.example\.com.*allowed-domains/)
  })
})

suite('the log', () => {
  test('has a line for each review that changed something, with whom and what', async () => {
    const { uid, milliseconds, time, ...line } = await logged('mutate', 'free/managed')
    assert.match(String(uid), /^[0-9a-f-]{36}$/)
    assert.ok(typeof milliseconds === 'number' && typeof time === 'string')
    assert.deepEqual(line, {
      level: 'info',
      msg: 'review changed',
      webhook: 'mutate',
      operation: 'CREATE',
      kind: 'IngressRoute',
      object: 'free/managed',
      user: 'admin',
    })
  })

  test('and for each that is denied', async () => {
    const { level, msg, decision } = await logged('hosts', 'bound/denied')
    assert.deepEqual([level, msg], ['info', 'review denied'])
    assert.match(String(decision), /^denied: /)
  })

  test('what was only allowed is there for who debugs', async () => {
    const { level, msg, decision } = await logged('validate', 'free/own')
    assert.deepEqual([level, msg, decision], ['debug', 'review allowed', 'unmanaged: CertResolver'])
  })
})

suite('the metrics', () => {
  test('count reviews by what became of them', async () => {
    const text = await metrics()
    for (const [webhook, result] of [
      ['mutate', 'changed'],
      ['mutate', 'allowed'],
      ['validate', 'allowed'],
      ['hosts', 'allowed'],
      ['hosts', 'denied'],
    ]) {
      const labels = `webhook="${webhook}",operation="CREATE",kind="IngressRoute",result="${result}"`
      const count = valueOf(text, `tlsauto_admission_requests_total{${labels}}`)
      assert.ok(count > 0, labels)
      const timed = `webhook="${webhook}",operation="CREATE",result="${result}"`
      assert.equal(valueOf(text, `tlsauto_admission_duration_seconds_count{${timed}}`), count)
    }
  })

  test('count what was refused', async () => {
    const connection = await openKeepAlive(tlsauto.url, await servingCa(stack))
    const { status } = await connection.post('/mutate', 'no JSON')
    connection.close()
    assert.equal(status, 400)
    assert.equal(valueOf(await metrics(), 'tlsauto_admission_rejected_total{reason="not_json"}'), 1)
  })

  test('say what runs, and until when it can be trusted', async () => {
    const text = await metrics()
    assert.match(text, /^tlsauto_build_info\{version="\d+\.\d+\.\d+"\} 1$/m)
    const expiry = valueOf(text, 'tlsauto_serving_certificate_expiry_timestamp_seconds')
    assert.ok(expiry > Date.now() / 1000)
    assert.equal(valueOf(text, 'tlsauto_admission_in_flight_requests'), 0)
    assert.ok(valueOf(text, 'process_resident_memory_bytes') > 0)
  })

  test('are all that their listener has', async () => {
    const answer = await fetch(tlsauto.metricsUrl.replace('/metrics', '/mutate'))
    assert.deepEqual([answer.status, await answer.text()], [404, 'there is GET /metrics\n'])
  })
})

async function create(route: RouteInput): Promise<void> {
  await stack.client.create(RESOURCES.ingressRoutes, routeManifest(route))
}

/** What a webhook had written beside the creation of a route, by key. */
async function auditedOf(
  namespace: string,
  name: string,
  webhook = 'validate',
): Promise<Readonly<Record<string, string>>> {
  const path = join(stack.folder, 'logs', 'audit.log')
  const entry = await until('the audit log to have it', async () => {
    const lines = jsonLines(await readFile(path, 'utf8'))
    return lines.find((line) => {
      const object = objectAt(line, 'objectRef')
      return (
        line['verb'] === 'create' && object['namespace'] === namespace && object['name'] === name
      )
    })
  })
  const prefix = `${webhook}.tlsauto.dev/`
  const entries = Object.entries(stringsAt(entry, 'annotations'))
  const ours = entries.filter(([key]) => key.startsWith(prefix))
  return Object.fromEntries(ours.map(([key, text]) => [key.slice(prefix.length), text]))
}

/** The line that tlsauto's log has of a webhook and an object. */
async function logged(webhook: string, object: string): Promise<JsonObject> {
  return until(`a line about ${object}`, async () =>
    jsonLines(await logOf(tlsauto)).find(
      (line) => line['webhook'] === webhook && line['object'] === object,
    ),
  )
}

/** Whole lines; the last one may be under way. */
function jsonLines(text: string): readonly JsonObject[] {
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n')
  return lines
    .filter((line) => line.startsWith('{'))
    .map((line): unknown => JSON.parse(line))
    .filter(isJsonObject)
}

async function metrics(): Promise<string> {
  const answer = await fetch(tlsauto.metricsUrl)
  assert.equal(answer.status, 200)
  return answer.text()
}

function valueOf(text: string, series: string): number {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `))
  return Number(line?.slice(series.length + 1))
}
