import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { decide } from '../../../../shared/route/decide.ts'
import { objectAt, type JsonObject } from '../../../../shared/json/json.ts'
import { hostViolations } from '../../../../shared/route/host-check.ts'
import { LONGEST_ROUTE, routeReach } from '../../../../shared/traefik/rule-reach.ts'
import { planRoute } from '../../../../webhook/controller/plan/plan-route.ts'
import { route, rules, settingsOf } from '../../../fixtures/routes.ts'

const ROOM = LONGEST_ROUTE.text

function hosts(count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => `Host(\`h${at}.customers.org\`)`)
}

const SERVED: Readonly<Record<string, JsonObject>> = {
  '3,000 hosts, each in a rule of its own': { routes: rules(...hosts(3000)) },
  '3,000 hosts in one rule': { routes: rules(hosts(3000).join(' || ')) },
  'a long v2 rule without templates': {
    routes: rules(hosts(3000).join(' || ')).map((one) => ({ ...one, syntax: 'v2' })),
  },
}

const TOO_LONG: Readonly<Record<string, JsonObject>> = {
  'one host more': { routes: rules(hosts(3001).join(' || ')) },
  'one host more, and only left out': { routes: rules(`!(${hosts(3001).join(' || ')})`) },
  'more text': { routes: rules(`Host(\`a.org\`) && Path(\`/${'a'.repeat(ROOM)}\`)`) },
  'more text in many rules': {
    routes: rules(...Array.from({ length: 20_000 }, () => 'Host(`a`)')),
  },
  'v2 templates, which take longer': {
    routes: rules(`Host(\`a.org\`) && Path(\`/${'{a}'.repeat(ROOM / 15)}\`)`).map((one) => ({
      ...one,
      syntax: 'v2',
    })),
  },
  'more domains': {
    tls: { domains: hosts(3001).map((main) => ({ main })) },
  },
}

suite('how much of a route is read', () => {
  for (const [name, spec] of Object.entries(SERVED)) {
    test(`${name}: served`, () => {
      const it = route({}, spec)
      const verdict = decide(it, settingsOf(it))
      assert.equal(verdict.kind === 'managed' && verdict.hosts.length, 3000)
    })
  }

  for (const [name, spec] of Object.entries(TOO_LONG)) {
    test(`${name}: left as it is, with what it has`, () => {
      const annotations = { 'tlsauto.dev/secret': 'tls-shop' }
      const json = { ...spec, tls: { secretName: 'tls-shop', ...objectAt(spec, 'tls') } }
      const it = route({ annotations }, json)
      const settings = settingsOf(it)
      const verdict = decide(it, settings)
      assert.equal(verdict.kind === 'unmanaged' && verdict.reason, 'RouteTooLong')
      for (const one of [verdict, { ...verdict, reason: 'OptedOut' as const }]) {
        const actions = planRoute({
          route: it,
          settings,
          verdict: one,
          claims: [],
          companion: { route: undefined, middleware: undefined },
          isHeldElsewhere: () => false,
          isOurSecret: () => true,
          isCarried: () => false,
        })
        assert.deepEqual(actions, [])
      }
    })
  }

  test('a malformed rule without a syntax is malformed, too long to be read again in v2 as it may be', () => {
    const [rule] = routeReach(route({}, { routes: rules('{a}'.repeat(ROOM / 4)) })).rules
    assert.equal(rule?.error?.kind, 'malformed')
  })
})

suite('whose the hosts of a long route are', () => {
  const long = hosts(4000).join(' || ')
  const rights = {
    namespace: 'team',
    allowed: new Set(['*.customers.org']),
    holderOf: () => undefined,
    hostClaims: 'warn' as const,
    unboundedRules: 'deny' as const,
  }
  const reasons = (match: string, reach?: ReturnType<typeof routeReach>): readonly string[] =>
    hostViolations(route({}, { routes: rules(match) }), rights, reach).map(
      ({ finding }) => finding.reason,
    )

  test('at admission all of it is read: nothing is denied for its length', () => {
    assert.deepEqual(reasons(long), [])
    assert.deepEqual(reasons(`${long} || Host(\`victim.org\`)`), ['HostNotAllowed'])
    assert.deepEqual(reasons(`${long} || PathPrefix(\`/\`)`), ['UnboundedRule'])
    assert.deepEqual(reasons(`${long} ||`), ['HugeUnreadableRule'])
  })

  test('a stored one is told, as it is not read', () => {
    const it = route({}, { routes: rules(`${long} || Host(\`victim.org\`)`) })
    const found = hostViolations(it, rights, routeReach(it))
    assert.deepEqual(
      found.map(({ finding }) => finding.reason),
      ['RouteNotChecked'],
    )
    const free = { ...rights, allowed: undefined }
    assert.deepEqual(hostViolations(it, free, routeReach(it)), [])
  })
})
