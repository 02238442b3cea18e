import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  parseRule,
  parseTcpRule,
  type Rule,
  type RuleSyntax,
  ruleSyntax,
} from '../../../../shared/traefik/rule.ts'

const host = (...args: readonly string[]): Rule => ({ kind: 'matcher', name: 'Host', args })
const not = (rule: Rule): Rule => ({ kind: 'not', rule })
const and = (...rules: readonly Rule[]): Rule => ({ kind: 'and', rules })
const or = (...rules: readonly Rule[]): Rule => ({ kind: 'or', rules })

type Row = {
  readonly name: string
  readonly text: string
  readonly syntax?: RuleSyntax
  readonly want: Rule
}

const rows: readonly Row[] = [
  { name: 'one matcher is the whole tree', text: 'Host(`a.example`)', want: host('a.example') },
  {
    name: '&& binds tighter than ||',
    text: 'Host(`a`) || Host(`b`) && Host(`c`) || Host(`d`)',
    want: or(host('a'), and(host('b'), host('c')), host('d')),
  },
  {
    name: 'a chain is one flat list',
    text: 'Host(`a`) && Host(`b`) && Host(`c`)',
    want: and(host('a'), host('b'), host('c')),
  },
  {
    name: 'parentheses group and leave no trace',
    text: '((Host(`a`) || (Host(`b`))) && Host(`c`))',
    want: and(or(host('a'), host('b')), host('c')),
  },
  {
    name: '! binds tightest and may be repeated',
    text: '!!Host(`a`) && !(Host(`b`) || Host(`c`))',
    want: and(not(not(host('a'))), not(or(host('b'), host('c')))),
  },
  {
    name: 'a line may end after an operator, ! and (',
    text: '(\n!\nHost(`a`) &&\n\nHost(`b`)) ||\nHost(`c`)\n',
    want: or(and(not(host('a')), host('b')), host('c')),
  },
  {
    name: 'a list of values may end in a comma on its line',
    text: 'Host(\n`a`,\n)',
    want: host('a'),
  },
  { name: 'the last value may be spread', text: 'Host(`a`...,)', want: host('a') },
  {
    name: 'comments count as blanks',
    text: '// which\nHost /* why */ (`a`) // when',
    want: host('a'),
  },
  { name: 'a byte order mark may stand at the start', text: '\uFEFFHost(`a`)', want: host('a') },
  {
    name: 'carriage returns between backticks are dropped',
    text: 'Path(`/a\rb`)\r\n',
    want: { kind: 'matcher', name: 'Path', args: ['/ab'] },
  },
  {
    name: 'backslashes between backticks stay',
    text: 'PathRegexp(`\\d`)',
    want: { kind: 'matcher', name: 'PathRegexp', args: ['\\d'] },
  },
  {
    name: 'escapes in double quotes are read',
    text: 'Header("\\x41\\102\\u0043\\U00000044", "\\t\\"\\\\\\xc3\\xa9")',
    want: { kind: 'matcher', name: 'Header', args: ['ABCD', '\t"\\é'] },
  },
  {
    name: 'bytes that are no UTF-8 are kept as lone surrogates',
    text: 'Header("a", "\\xff\\xc3é")',
    want: { kind: 'matcher', name: 'Header', args: ['a', '\udcff\udcc3é'] },
  },
  {
    name: 'the canonical name stands for every spelling',
    text: 'PATHPREFIX(`/`) && pathprefix(`/`) && Pathprefix(`/`)',
    want: and(
      ...['/', '/', '/'].map((path): Rule => ({
        kind: 'matcher',
        name: 'PathPrefix',
        args: [path],
      })),
    ),
  },
  { name: 'v2 takes several values', syntax: 'v2', text: 'Host(`a`, `b`)', want: host('a', 'b') },
  {
    name: 'v2 takes a template for a host',
    syntax: 'v2',
    text: 'HostRegexp(`{sub:[a-z]{1,3}}.example.com`)',
    want: { kind: 'matcher', name: 'HostRegexp', args: ['{sub:[a-z]{1,3}}.example.com'] },
  },
]

for (const { name, text, syntax = 'v3', want } of rows) {
  test(name, () => assert.deepEqual(parseRule(text, syntax), { kind: 'parsed', rule: want }))
}

test('a TCP rule has matchers of its own', () => {
  const rule: Rule = { kind: 'matcher', name: 'HostSNI', args: ['*.a.example'] }
  assert.deepEqual(parseTcpRule('HostSNI(`*.a.example`)', 'v3'), { kind: 'parsed', rule })
})

test('every syntax but v2 means v3', () => {
  assert.deepEqual([undefined, '', 'v2', 'v3', 'V2'].map(ruleSyntax), [
    'v3',
    'v3',
    'v2',
    'v3',
    'v3',
  ])
})

test('a chain of 90,000 matchers and a tree 1,000 deep fit', () => {
  const chain = parseRule(Array.from({ length: 90_000 }, () => 'Host(`a`)').join('||'), 'v3')
  const deep = parseRule(`${'!('.repeat(500)}Host(\`a\`)${')'.repeat(500)}`, 'v3')
  assert.deepEqual([chain.kind, deep.kind], ['parsed', 'parsed'])
})

const pieces = fc.constantFrom(
  'Host(',
  '`a`',
  ')',
  '(',
  '!',
  '&&',
  '||',
  ',',
  '\n',
  ' ',
  '"',
  "'",
  '\\',
  '/*',
  '*/',
  '//',
  '...',
  'PathRegexp(`',
  '[',
  '😀',
  '\uFEFF',
  '\0',
)

test('any text is read or refused at a place inside it, and never throws', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(pieces, fc.string({ unit: 'binary' }))),
      fc.constantFrom('v2', 'v3'),
      (parts, syntax) => {
        const text = parts.join('')
        for (const parsed of [parseRule(text, syntax), parseTcpRule(text, syntax)]) {
          if (parsed.kind === 'parsed') continue
          const { line, column } = parsed.error
          const characters = Array.from(text.split('\n')[line - 1] ?? assert.fail('no such line'))
          assert.ok(column >= 1 && column <= characters.length + 1)
        }
      },
    ),
    { numRuns: 2000 },
  )
})
