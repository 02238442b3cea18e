import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  parseRule,
  parseTcpRule,
  type RuleError,
  type RuleSyntax,
} from '../../../../shared/traefik/rule.ts'

type Row = {
  readonly name: string
  readonly text: string
  readonly syntax?: RuleSyntax
  readonly tcp?: true
  /** kind line:column message */
  readonly want: string
}

const rows: readonly Row[] = [
  {
    name: 'an empty rule',
    text: '',
    want: 'malformed 1:1 the rule is empty: write a matcher, such as Host(`example.com`)',
  },
  {
    name: 'single quotes',
    text: "Host('a')",
    want: 'malformed 1:6 a value can\'t stand in single quotes: write `…` or "…"',
  },
  {
    name: 'a bare value',
    text: 'Host(a.com)',
    want: 'malformed 1:6 a value stands in backticks or double quotes: Host(`example.com`)',
  },
  {
    name: 'a number',
    text: 'Host(1)',
    want: "malformed 1:6 a value can't be a bare number: put it in backticks",
  },
  {
    name: 'the word and',
    text: 'Host(`a`) and Path(`/`)',
    want: 'malformed 1:11 write && instead of and',
  },
  {
    name: 'the word OR',
    text: 'Host(`a`) OR Path(`/`)',
    want: 'malformed 1:11 write || instead of OR',
  },
  {
    name: 'a single &',
    text: 'Host(`a`) & Path(`/`)',
    want: 'malformed 1:11 there is no operator &: write &&',
  },
  {
    name: 'a semicolon',
    text: 'Host(`a`);',
    want: 'malformed 1:10 a rule has no semicolons: join its parts with && or ||',
  },
  {
    name: 'an operator that starts a line',
    text: 'Host(`a`)\n  || Host(`b`)',
    want: "malformed 2:3 a line can't start with ||: put it at the end of the line before",
  },
  {
    name: 'a ) that starts a line',
    text: '(Host(`a`)\n)',
    want: "malformed 2:1 a line can't start with ) here: put it at the end of the line before",
  },
  {
    name: 'a value that ends a line without a comma',
    text: 'Host(\n`a`\n)',
    want: "malformed 3:1 a line can't start with ) here: put it after the value, or a comma after the value",
  },
  {
    name: 'a missing operator',
    text: 'Host(`a`) Path(`/`)',
    want: 'malformed 1:11 && or || is missing here',
  },
  {
    name: 'a missing comma',
    text: 'Header(`a` `b`)',
    want: 'malformed 1:12 a comma is missing before this, or ) after the last value',
  },
  {
    name: 'an operator at the end',
    text: 'Host(`a`) &&',
    want: 'malformed 1:13 a matcher is missing at the end, such as Host(`example.com`)',
  },
  {
    name: 'an open parenthesis',
    text: '(Host(`a`)',
    want: 'malformed 1:11 a ( is never closed: put ) at the end',
  },
  {
    name: 'a parenthesis too many',
    text: 'Host(`a`))',
    want: 'malformed 1:10 this ) closes nothing: delete it',
  },
  {
    name: 'an open backtick',
    text: 'Host(`a)',
    want: 'malformed 1:6 this backtick is never closed: put ` after the value',
  },
  {
    name: 'columns count characters',
    text: 'Path(`/😀é`) && Path(',
    want: 'malformed 1:21 a ( is never closed: put ) at the end',
  },
  {
    name: 'a misspelled matcher',
    text: 'hOst(`a`)',
    want: 'unknown-matcher 1:1 hOst is not how Traefik spells it: write Host',
  },
  {
    name: "the other syntax's matcher",
    text: 'Headers(`a`, `b`)',
    want: 'unknown-matcher 1:1 Headers is a matcher of HTTP rules in v2 syntax only',
  },
  {
    name: 'an unknown matcher',
    text: 'Host(`a`) && Colour(`red`)',
    want: 'unknown-matcher 1:14 Colour is no matcher that Traefik 3.7 knows: check its spelling',
  },
  {
    name: 'a fault after an unknown matcher wins',
    text: 'Colour(`red`) && Host()',
    want: 'malformed 1:18 Host has no value: write one in backticks',
  },
  {
    name: 'a word of Go',
    text: 'func(`a`)',
    want: 'malformed 1:1 func is a word of the Go language, and no matcher',
  },
  {
    name: 'two hosts in v3',
    text: 'Host(`a`, `b`)',
    want: 'malformed 1:11 Host takes 1 value in v3 syntax, not 2: join several matchers with ||',
  },
  {
    name: 'an empty value',
    text: 'Header(`a`, ``)',
    want: 'malformed 1:13 Header has an empty value: leave the matcher out',
  },
  {
    name: 'a host that is not ASCII',
    text: 'Host(`bücher.example`)',
    want: 'malformed 1:6 Host has a value that is not ASCII: write the domain in its xn-- form',
  },
  {
    name: 'a path without its slash',
    text: 'Path(`a`)',
    want: 'malformed 1:6 Path has a value that does not start with /',
  },
  {
    name: 'no address',
    text: 'ClientIP(`10.0.0.0/33`)',
    want: 'malformed 1:10 ClientIP has a value that is neither an IP address nor a range such as 10.0.0.0/8',
  },
  {
    name: 'no regular expression',
    text: 'HeaderRegexp(`a`, `(?=b)`)',
    want: "malformed 1:19 HeaderRegexp has a value that is no regular expression of Go's: a group starts with (? and something that Go does not know (no lookaround): write (?:…) or (…)",
  },
  {
    name: 'an odd number of header values',
    syntax: 'v2',
    text: 'Headers(`a`)',
    want: 'malformed 1:1 Headers takes names and values in pairs, not 1',
  },
  {
    name: 'braces that do not pair',
    syntax: 'v2',
    text: 'HostRegexp(`a`, `{b`)',
    want: 'malformed 1:17 HostRegexp has a value that has braces that do not pair: close every { with }',
  },
  {
    name: 'no server name',
    tcp: true,
    text: 'HostSNI(`a b`)',
    want: 'malformed 1:9 HostSNI has a value that is no host name: write one such as example.com',
  },
  {
    name: 'parentheses past 1,000',
    text: '('.repeat(1001),
    want: 'too-deep 1:1001 parentheses and ! nest more than 1,000 deep here: write the rule flatter',
  },
]

for (const { name, text, syntax = 'v3', tcp, want } of rows) {
  test(`${name}: the message says where and what to write`, () => {
    const parsed = tcp === true ? parseTcpRule(text, syntax) : parseRule(text, syntax)
    assert.equal(parsed.kind === 'refused' && inOneLine(parsed.error), want)
  })
}

function inOneLine({ kind, message, line, column }: RuleError): string {
  return `${kind} ${line}:${column} ${message}`
}
