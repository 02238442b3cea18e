import assert from 'node:assert/strict'
import { test } from 'node:test'
import { positiveHosts } from '../../../../shared/traefik/hosts.ts'
import { parseRule, parseTcpRule, type ParsedRule } from '../../../../shared/traefik/rule.ts'

type Row = { readonly name: string; readonly rule: ParsedRule; readonly want: readonly string[] }

const rows: readonly Row[] = [
  {
    name: 'hosts stand in the order of the rule',
    rule: parseRule('Host(`b`) && (Host(`c`) || Host(`a`))', 'v3'),
    want: ['b', 'c', 'a'],
  },
  {
    name: 'case, one trailing dot and repetition do not count',
    rule: parseRule('Host(`A.example.`) || Host(`a.EXAMPLE`) || Host(`a.example..`)', 'v3'),
    want: ['a.example', 'a.example.'],
  },
  {
    name: 'a negated host is not served',
    rule: parseRule('Host(`a`) && !Host(`b`)', 'v3'),
    want: ['a'],
  },
  {
    name: 'a host negated twice is served',
    rule: parseRule('!(Host(`a`) || !(Host(`b`) && !!Host(`c`)))', 'v3'),
    want: ['b', 'c'],
  },
  {
    name: 'a host that is negated elsewhere is served',
    rule: parseRule('!Host(`a`) || Host(`a`)', 'v3'),
    want: ['a'],
  },
  {
    name: 'wildcards, addresses and the catch-all are among them',
    rule: parseRule('Host(`*.a.example`) || Host(`1.2.3.4`) || Host(`*`)', 'v3'),
    want: ['*.a.example', '1.2.3.4', '*'],
  },
  {
    name: 'v2 has lists and HostHeader',
    rule: parseRule('Host(`a`, `b`) || HostHeader(`c`)', 'v2'),
    want: ['a', 'b', 'c'],
  },
  {
    name: 'a regular expression names no host',
    rule: parseRule('HostRegexp(`a`) && Path(`/b`)', 'v3'),
    want: [],
  },
  { name: 'a host of nothing but its dot is none', rule: parseRule('Host(`.`)', 'v3'), want: [] },
  {
    name: 'a TCP rule names server names',
    rule: parseTcpRule('HostSNI(`A.example`) && !HostSNI(`b`)', 'v3'),
    want: ['a.example'],
  },
]

for (const { name, rule, want } of rows) {
  test(name, () => assert.deepEqual(rule.kind === 'parsed' && positiveHosts(rule.rule), want))
}
