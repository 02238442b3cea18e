import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decide } from '../../../shared/route/decide.ts'
import { parseIngress, type Ingress } from '../../../shared/route/seen-hosts.ts'
import type { Route } from '../../../shared/traefik/route.ts'
import {
  createIngressMemory,
  createRouteMemory,
} from '../../../webhook/controller/index/route-memory.ts'
import { route, rules, settingsOf } from '../../fixtures/routes.ts'

const MOST = 100_000

function large(name: string, namespace = 'team', length = 30_000): Route {
  const match = `Host(\`${name}.example.com\`) && Path(\`/${'x'.repeat(length)}\`)`
  return route({ name, namespace, uid: name }, { routes: rules(match) })
}

test('what one namespace has no room for is kept without its rules; another has its own room', () => {
  const memory = createRouteMemory(MOST)
  const kept = ['a', 'b', 'c', 'd'].map((name) => memory.fit(large(name)).isCut)
  assert.deepEqual(kept, [false, false, false, true])
  assert.equal(memory.fit(large('a', 'other')).isCut, false)
})

test('a route that comes again counts once, and one that has gone no more', () => {
  const memory = createRouteMemory(MOST)
  for (let count = 0; count < 10; count += 1) {
    assert.equal(memory.fit(large('a')).isCut, false)
  }
  memory.fit(large('b'))
  memory.fit(large('c'))
  memory.forget(large('a'))
  assert.equal(memory.fit(large('d')).isCut, false)
  assert.equal(memory.fit(large('e')).isCut, true)
})

test('many small objects count for what they are', () => {
  const middlewares = Array.from({ length: 10_000 }, () => ({ name: 'a' }))
  const routes = rules('Host(`a.example.com`)').map((rule) => ({ ...rule, middlewares }))
  const memory = createRouteMemory(500_000)
  assert.equal(memory.fit(route({}, { routes })).isCut, true)
})

test('hosts count for what is kept of each, in rules as in a list', () => {
  const many = Array.from({ length: 1000 }, (_, at) => `h${at}.example.com`)
  const inRules = route({}, { routes: rules(...many.map((host) => `Host(\`${host}\`)`)) })
  const inList = route({}, { tls: { domains: [{ sans: many }] } })
  const annotations = { 'cert-manager.io/alt-names': many.join(',') }
  for (const one of [inRules, inList, route({ annotations })]) {
    assert.equal(createRouteMemory(500_000).fit(one).isCut, true)
    assert.equal(createRouteMemory(1_000_000).fit(one).isCut, false)
  }
  assert.deepEqual(createRouteMemory(0).fit(inList).spec.tls?.domains, [])
})

test('an Ingress is kept without its hosts where its namespace has no room for them', () => {
  const memory = createIngressMemory(MOST)
  assert.equal(memory.fit(ingress('a')).isCut, false)
  const { isCut, hosts } = memory.fit(ingress('b'))
  assert.deepEqual({ isCut, hosts }, { isCut: true, hosts: [] })
  memory.forget(ingress('a'))
  assert.equal(memory.fit(ingress('b')).isCut, false)
})

test('whatever else its author can write counts as well, and is not kept', () => {
  const owner = { apiVersion: 'v1', kind: 'IngressRoute', name: 'x', uid: 'y' }
  const lists: Readonly<Record<string, Route>> = {
    annotations: route({ annotations: { 'tlsauto.dev/redirects': 'x'.repeat(200_000) } }),
    owners: route({ ownerReferences: Array.from({ length: 2000 }, () => owner) }),
    entryPoints: route({}, { entryPoints: Array.from({ length: 10_000 }, (_, at) => `e${at}`) }),
  }
  for (const [name, one] of Object.entries(lists)) {
    const kept = createRouteMemory(MOST).fit(one)
    assert.equal(kept.isCut, true, name)
    assert.ok(JSON.stringify(kept).length < 1000, name)
  }
})

test('a usual namespace has room for 20,000 routes', () => {
  const memory = createRouteMemory()
  const isCut = Array.from({ length: 20_000 }, (_, at) => {
    const usual = route({ name: `r${at}`, uid: `u${at}` })
    return memory.fit(usual).isCut
  })
  assert.ok(!isCut.includes(true))
})

test('such a route is left as it is, and told why', () => {
  const cut = createRouteMemory(0).fit(route())
  const verdict = decide(cut, settingsOf(cut))
  assert.equal(verdict.kind === 'unmanaged' && verdict.reason, 'NoMemory')
})

function ingress(name: string): Ingress {
  const hosts = Array.from({ length: 100 }, (_, at) => `h${at}.example.com`)
  const metadata = { name, namespace: 'team', uid: name }
  const found = parseIngress({ metadata, spec: { tls: [{ hosts }] } })
  assert.ok(found)
  return found
}
