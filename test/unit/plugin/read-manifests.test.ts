import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readManifests } from '../../../plugin/plan/read-manifests.ts'
import type { JsonObject } from '../../../shared/json/json.ts'

const a = { kind: 'A' }
const b = { kind: 'B' }
const c = { kind: 'C' }

type Row = { readonly name: string; readonly text: string; readonly want: readonly JsonObject[] }

const rows: readonly Row[] = [
  { name: 'an empty file has no object', text: '', want: [] },
  { name: 'a file of comments has none', text: '# nothing\n---\n# here\n', want: [] },
  { name: 'one document', text: 'kind: A\n', want: [a] },
  { name: 'several documents', text: 'kind: A\n---\nkind: B\n---\nkind: C\n', want: [a, b, c] },
  { name: 'a separator before the first', text: '---\nkind: A\n---\nkind: B\n', want: [a, b] },
  {
    name: 'empty documents between',
    text: 'kind: A\n---\n---\n# no\n---\nkind: B\n',
    want: [a, b],
  },
  { name: 'Windows line ends', text: '---\r\nkind: A\r\n---\r\nkind: B\r\n', want: [a, b] },
  { name: 'a byte order mark', text: '\uFEFFkind: A\n', want: [a] },
  {
    name: 'a List, and a List in it',
    text: 'kind: List\nitems:\n- kind: A\n- kind: List\n  items: [{kind: B}]\n---\nkind: C\n',
    want: [a, b, c],
  },
  { name: 'a List without items', text: 'kind: List\n', want: [] },
  {
    name: 'a list of one kind',
    text: '{"kind": "IngressRouteList", "items": [{"kind": "A"}, {"kind": "B"}]}',
    want: [a, b],
  },
  {
    name: 'merge keys, as kubectl reads them',
    text: 'base: &base {x: 1, y: 1}\nkind: A\nmerged:\n  <<: *base\n  y: 2\n',
    want: [{ ...a, base: { x: 1, y: 1 }, merged: { x: 1, y: 2 } }],
  },
  {
    name: 'a time stays text',
    text: 'kind: A\nat: 2026-01-01\n',
    want: [{ ...a, at: '2026-01-01' }],
  },
  { name: 'JSON', text: '{"kind": "A"}', want: [a] },
  {
    name: 'JSON with tabs',
    text: '{\n\t"kind":\t"A",\n\t"list": [\n\t\t1\n\t]\n}',
    want: [{ ...a, list: [1] }],
  },
  { name: 'JSON with a byte order mark', text: '\uFEFF{"kind": "A"}', want: [a] },
  { name: 'JSON with a key twice: the last counts', text: '{"kind": "B", "kind": "A"}', want: [a] },
  {
    name: 'JSON with every kind of value',
    text: '{"a": [-1.5e+3, 0, true, false, null, {}, [], "\\u00e9\\n\\"\u007F"], "b": {"c": ""}}',
    want: [{ a: [-1500, 0, true, false, null, {}, [], 'é\n"\u007F'], b: { c: '' } }],
  },
  {
    name: 'JSON objects one after the other',
    text: '{"kind": "A"}\n{"kind": "B"} {"kind": "C"}',
    want: [a, b, c],
  },
  { name: 'JSON as YAML documents', text: '{"kind": "A"}\n---\n{"kind": "B"}\n', want: [a, b] },
  { name: "YAML's own braces", text: '{kind: A}\n', want: [a] },
]

for (const { name, text, want } of rows) {
  test(`${name} can be read`, () => assert.deepEqual(readManifests({ name: 'f', text }), want))
}

const faults: readonly (readonly [name: string, text: string, want: string])[] = [
  [
    'the 1st document',
    'kind: A: B\n---\nkind: C\n',
    'f: document 1, line 1: bad indentation of a mapping entry',
  ],
  [
    'the 2nd document',
    'kind: A\n---\nkind: B\nx: y: z\n',
    'f: document 2, line 4: bad indentation of a mapping entry',
  ],
  [
    'the 3rd document',
    'kind: A\n---\nkind: B\n---\n\nx: y: z\n',
    'f: document 3, line 6: bad indentation of a mapping entry',
  ],
  [
    'the 1st document after a separator',
    '---\nx: y: z\n',
    'f: document 1, line 2: bad indentation of a mapping entry',
  ],
  [
    'the 2nd document after a separator',
    '---\nkind: A\n---\nx: y: z\n',
    'f: document 2, line 4: bad indentation of a mapping entry',
  ],
  [
    'the 3rd document after a separator',
    '---\nkind: A\n---\nkind: B\n---\nx: y: z\n',
    'f: document 3, line 6: bad indentation of a mapping entry',
  ],
  [
    'the 1st document after a comment',
    '# Source: chart\n---\nx: y: z\n',
    'f: document 1, line 3: bad indentation of a mapping entry',
  ],
  [
    'the 2nd document after a comment',
    '\n# Source: chart\n---\nkind: A\n--- # B\nx: y: z\n',
    'f: document 2, line 6: bad indentation of a mapping entry',
  ],
  [
    'with Windows line ends',
    'kind: A\r\n---\r\nx: y: z\r\n',
    'f: document 2, line 3: bad indentation of a mapping entry',
  ],
  [
    'a quote that never ends',
    'kind: A\n---\nkind: "B\n---\nkind: C\n',
    'f: document 2, line 4: deficient indentation',
  ],
  [
    'on the line of the separator',
    'kind: A\n--- x: y: z\n',
    'f: document 2, line 2: end of the stream or a document separator is expected',
  ],
  ['a key twice', 'kind: A\nkind: B\n', 'f: document 1, line 2: duplicated mapping key'],
  [
    'a tab',
    'kind: A\n---\nx:\n\ty: 1\n',
    'f: document 2, line 4: tab characters must not be used in indentation',
  ],
  ['a document that is text', 'kind: A\n---\nhello\n', 'f: document 2 is not an object'],
  ['a document that is a list', '- kind: A\n', 'f: document 1 is not an object'],
  [
    'JSON without a comma',
    '{\n\t"kind": "A"\n\t"x": 1\n}',
    'f: document 1, line 3: this is not JSON: here should be a comma, or the end of the object or list',
  ],
  [
    'JSON with a comma too many',
    '{"kind": "A",\n}',
    'f: document 1, line 2: this is not JSON: here should be a name in double quotes',
  ],
  [
    'JSON with a list that closes as an object',
    '{"x": [1\n}}',
    'f: document 1, line 2: this is not JSON: here should be a comma, or the end of the object or list',
  ],
  [
    'JSON without a colon',
    '{"kind"\n"A"}',
    'f: document 1, line 2: this is not JSON: here should be a colon',
  ],
  [
    'JSON without a value',
    '{"kind":\n}',
    'f: document 1, line 2: this is not JSON: here should be a value',
  ],
  [
    'JSON with a comma before the end of a list',
    '{"x": [1,\n]}',
    'f: document 1, line 2: this is not JSON: here should be a value',
  ],
  [
    'JSON with bare words',
    '{"kind": A}',
    'f: document 1, line 1: this is not JSON: here should be a value',
  ],
  [
    'JSON with a line break in a text',
    '{"kind": "A\nB"}',
    'f: document 1, line 1: this is not JSON: here should be a value',
  ],
  [
    'JSON that is cut off',
    '{"kind": "A",\n"list": [1,\n\n',
    'f: document 1, line 2: this is not JSON: here should be a value',
  ],
  [
    'the 2nd JSON object',
    '{"kind": "A"}\n{"kind": "B"\n',
    'f: document 2, line 2: this is not JSON: here should be a comma, or the end of the object or list',
  ],
  [
    'what follows the JSON object',
    '{"kind": "A"}\n}\n',
    'f: document 2, line 2: this is not JSON: here should be a value',
  ],
]

for (const [name, text, message] of faults) {
  test(`told with its place: ${name}`, () => {
    assert.throws(() => readManifests({ name: 'f', text }), { message })
  })
}

test('reading JSON takes time that grows with its length alone', (t) => {
  const route = `{"kind": "IngressRoute", "spec": {"routes": [${'{"match": "Host(`a.example.com`)"},'.repeat(99)}{}]}}`
  const text = `${route}\n`.repeat(500)
  const start = performance.now()
  assert.equal(readManifests({ name: 'f', text }).length, 500)
  t.diagnostic(
    `${(text.length / 1e6).toFixed(1)} MB in ${(performance.now() - start).toFixed()} ms`,
  )
})
