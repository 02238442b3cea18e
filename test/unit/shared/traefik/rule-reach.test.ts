import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import * as fc from 'fast-check'
import { hostPatterns } from '../../../../shared/traefik/host-patterns.ts'
import type { Rule } from '../../../../shared/traefik/rule.ts'
import { reachOfRule, routeReach } from '../../../../shared/traefik/rule-reach.ts'
import { route, tcpRoute } from '../../../fixtures/routes.ts'

const A = 'a.example.com'
const B = 'b.example.com'

type Row = {
  readonly rule: string
  readonly tcp?: true
  readonly syntax?: 'v2' | 'v3'
  /** The hosts that it is limited to, or names in vain. */
  readonly limited?: readonly string[]
  readonly unlimited?: readonly string[]
  readonly excluded?: readonly string[]
}

const ROWS: readonly Row[] = [
  { rule: 'Host(`a.example.com`)', limited: [A] },
  { rule: 'Host(`A.example.com.`) && PathPrefix(`/`)', limited: [A] },
  { rule: 'Host(`a.example.com`) || Host(`b.example.com`)', limited: [A, B] },
  { rule: 'Host(`a.example.com`) && HostRegexp(`.*`)', limited: [A] },
  { rule: 'Host(`*.example.com`)', limited: ['*.example.com'] },
  { rule: '!(!Host(`a.example.com`) || Path(`/x`))', limited: [A] },
  { rule: 'Host(`a.example.com`) && !Host(`b.example.com`)', limited: [A], excluded: [B] },
  { rule: 'Host(`a.example.com`) || PathPrefix(`/`)', unlimited: [A] },
  { rule: 'PathPrefix(`/`)', unlimited: [] },
  { rule: 'HostRegexp(`^a$`)', unlimited: [] },
  { rule: 'Host(`*`)', unlimited: ['*'] },
  { rule: 'Host(`*.`)', unlimited: ['*'] },
  { rule: '!Host(`a.example.com`)', unlimited: [], excluded: [A] },
  { rule: '!(Host(`a.example.com`) && Path(`/x`))', unlimited: [], excluded: [A] },
  { rule: 'Host(`a.example.com`) || !Host(`b.example.com`)', unlimited: [A], excluded: [B] },
  { rule: 'HostSNI(`*`)', tcp: true, unlimited: ['*'] },
  { rule: 'HostSNI(`a.example.com`) && ALPN(`h2`)', tcp: true, limited: [A] },
  { rule: 'HostSNIRegexp(`.*`)', tcp: true, unlimited: [] },
  // What Traefik refuses serves nothing; what only we can't read may serve all.
  { rule: 'Host(', limited: [] },
  { rule: 'Host(`a.example.com`) && Moon(`full`)', unlimited: [A] },
  { rule: 'Moon(`full`) || !Host(`b.example.com`)', unlimited: [], excluded: [B] },
  { rule: `${'('.repeat(1001)}Host(\`a.example.com\`)${')'.repeat(1001)}`, unlimited: [] },
  // Traefik's static configuration may make v2 the default.
  { rule: 'Host(`a.example.com`, `b.example.com`)', limited: [A, B] },
  { rule: 'HostHeader(`a.example.com`)', limited: [A] },
  { rule: 'HostRegexp(`{name:.*}.example.com`, `x`)', unlimited: [] },
  { rule: 'Host(`a.example.com`, `b.example.com`)', syntax: 'v2', limited: [A, B] },
  { rule: 'Host(`a.example.com`, `b.example.com`)', syntax: 'v3', limited: [] },
]

suite('whom a rule can serve', () => {
  for (const { rule, tcp, syntax, limited, unlimited, excluded = [] } of ROWS) {
    const name = `${syntax ?? ''} ${rule.length > 60 ? `${rule.slice(0, 20)}…` : rule}`
    test(`${name} is ${limited === undefined ? 'not ' : ''}limited`, () => {
      const spec = { routes: [{ match: rule, syntax }] }
      const [reach] = routeReach(tcp === true ? tcpRoute({}, spec) : route({}, spec)).rules
      const { hosts, isLimited } = reach ?? {}
      assert.deepEqual(
        { hosts, isLimited, excluded: reach?.excluded },
        { hosts: limited ?? unlimited, isLimited: limited !== undefined, excluded },
      )
    })
  }

  test('no host but those that a limited rule names makes it true, whatever its other matchers say', () => {
    const { rules } = fc.letrec<{ readonly rules: Rule }>((tie) => ({
      rules: fc.oneof(
        { maxDepth: 4 },
        matcher,
        fc.record({ kind: fc.constant('not' as const), rule: tie('rules') }),
        fc.record({
          kind: fc.constantFrom('and' as const, 'or' as const),
          rules: fc.array(tie('rules'), { minLength: 1, maxLength: 3 }),
        }),
      ),
    }))
    let limited = 0
    fc.assert(
      fc.property(rules, fc.constantFrom(...REQUESTED), fc.nat(7), (rule, host, others) => {
        const reach = reachOfRule(rule)
        if (!reach.isLimited) return
        limited += 1
        const isNamed = hostPatterns(host).some((pattern) => reach.hosts.includes(pattern))
        assert.ok(isNamed || !matches(rule, host, others))
      }),
      { numRuns: 5000 },
    )
    assert.ok(limited > 500)
  })
})

const REQUESTED = [A, B, 'victim.org', 'x.a.example.com'] as const

const matcher: fc.Arbitrary<Rule> = fc
  .constantFrom(
    ['Host', A],
    ['Host', B],
    ['Host', '*.example.com'],
    ['Host', '*'],
    ['HostRegexp', '.*'],
    ['Path', '/x'],
    ['Method', 'GET'],
  )
  .map(([name = '', value = '']) => ({ kind: 'matcher', name, args: [value] }))

/** As Traefik decides; the bits of `others` are what the matchers that ask for no host say. */
function matches(rule: Rule, host: string, others: number): boolean {
  switch (rule.kind) {
    case 'matcher': {
      const [value = ''] = rule.args
      if (rule.name === 'Host') return value === '*' || hostPatterns(host).includes(value)
      return ((others >> ['HostRegexp', 'Path', 'Method'].indexOf(rule.name)) & 1) === 1
    }
    case 'not':
      return !matches(rule.rule, host, others)
    case 'and':
      return rule.rules.every((inner) => matches(inner, host, others))
    case 'or':
      return rule.rules.some((inner) => matches(inner, host, others))
    default:
      return rule satisfies never
  }
}
