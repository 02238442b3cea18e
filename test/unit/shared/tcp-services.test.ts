import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '../../../shared/json/json.ts'
import { createTcpServices } from '../../../shared/route/tcp-services.ts'
import { cluster, route, tcpRoute } from '../../fixtures/routes.ts'

type Row = {
  readonly name: string
  readonly sni?: string
  readonly tcp?: { readonly metadata?: JsonObject; readonly spec?: JsonObject }
  readonly http?: JsonObject
  readonly host?: string
  readonly served: boolean
}

const ROWS: readonly Row[] = [
  { name: 'the host itself', served: true },
  { name: 'another host is not', host: 'other.example.com', served: false },
  { name: 'a wildcard covers one label', sni: '*.example.com', served: true },
  { name: 'and not two', sni: '*.example.com', host: 'a.b.example.com', served: false },
  { name: 'every host covers all', sni: '*', served: true },
  { name: 'a wildcard route would take a host below it', host: '*.example.com', served: true },
  { name: 'but none elsewhere', host: '*.example.org', served: false },
  {
    name: 'what passes through counts',
    tcp: { spec: { tls: { passthrough: true } } },
    served: true,
  },
  { name: 'without TLS there is nothing to take', tcp: { spec: { tls: null } }, served: false },
  {
    name: "another namespace's keeps nobody from his host",
    tcp: { metadata: { namespace: 'other' } },
    served: false,
  },
  {
    name: 'another entry point is another door',
    tcp: { spec: { entryPoints: ['postgres'] } },
    served: false,
  },
  {
    name: 'no entry points mean the default ones',
    tcp: { spec: { entryPoints: [] } },
    served: true,
  },
  { name: 'a route with tls takes nothing more', http: { tls: {} }, served: false },
]

/** TLS that tlsauto gave a route which came at ten. */
const OURS = {
  metadata: { annotations: { 'tlsauto.dev/secret': 'tls-shop' } },
  spec: { tls: { secretName: 'tls-shop' } },
}

for (const { name, came, served } of [
  { name: 'came first has the host', came: '2026-03-01T09:59:59Z', served: true },
  { name: 'came in the same second has it too', came: '2026-03-01T10:00:00Z', served: true },
  { name: 'came later has it not', came: '2026-03-01T10:00:01Z', served: false },
]) {
  test(`served by TCP: against TLS from us, a TCP route that ${name}`, () => {
    const services = createTcpServices(cluster)
    services.put(tcpRoute({ creationTimestamp: came }))
    const asked = route(OURS.metadata, OURS.spec)
    const want = served ? 'shop.example.com' : undefined
    assert.equal(services.servedBy(asked, ['shop.example.com']), want)
  })
}

for (const { name, sni, tcp, http, host = 'shop.example.com', served } of ROWS) {
  test(`served by TCP: ${name}`, () => {
    const routes = sni === undefined ? {} : { routes: [{ match: `HostSNI(\`${sni}\`)` }] }
    const other = tcpRoute(tcp?.metadata, { ...routes, ...tcp?.spec })
    const services = createTcpServices(cluster)
    services.put(other)
    const asked = route({}, http)
    assert.equal(services.servedBy(asked, [host]), served ? host : undefined)
    services.remove(other)
    assert.equal(services.servedBy(asked, [host]), undefined, 'once it is gone')
  })
}

test('served by TCP: what a route served before counts no more once it changes', () => {
  const services = createTcpServices(cluster)
  services.put(tcpRoute())
  services.put(tcpRoute({}, { routes: [{ match: 'HostSNI(`new.example.com`)' }] }))
  assert.equal(services.servedBy(route(), ['shop.example.com']), undefined)
  assert.equal(services.servedBy(route(), ['new.example.com']), 'new.example.com')
})

test('served by TCP: the host is named that is', () => {
  const services = createTcpServices(cluster)
  services.put(tcpRoute())
  const hosts = ['free.example.net', 'shop.example.com', 'shop.example.com']
  assert.equal(services.servedBy(route(), hosts), 'shop.example.com')
})
