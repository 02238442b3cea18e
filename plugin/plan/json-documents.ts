/** What is wrong with a JSON text, and where; document and line count from 1. */
export class JsonFault extends Error {
  readonly document: number
  readonly line: number

  constructor(message: string, at: { readonly document: number; readonly line: number }) {
    super(message)
    this.document = at.document
    this.line = at.line
  }
}

/** The values of a text of JSON values one after the other. Throws a JsonFault: JSON.parse itself
 * tells the place in some runtimes only. */
export function readJsonDocuments(text: string): readonly unknown[] {
  const documents: unknown[] = []
  const json = text.replace(/^\uFEFF/, '')
  const end = json.trimEnd().length
  let start = 0
  while (start < end) {
    const found = scanValue(json, start)
    if (found.expected !== undefined) {
      const line = json.slice(0, found.end).trimEnd().split('\n').length
      const document = documents.length + 1
      throw new JsonFault(`this is not JSON: here should be ${found.expected}`, { document, line })
    }
    documents.push(JSON.parse(json.slice(start, found.end)))
    start = found.end
  }
  return documents
}

const TOKEN =
  /\s*([{}[\],:]|"(?:[^"\\\p{Cc}]|[\u007F-\u009F]|\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/uy

/** What may come next. */
type State = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | 'next'

const EXPECTED: Readonly<Record<State, string>> = {
  value: 'a value',
  'value or ]': 'a value or ]',
  key: 'a name in double quotes',
  'key or }': 'a name in double quotes, or }',
  ':': 'a colon',
  next: 'a comma, or the end of the object or list',
}

/** Where the value ends that starts there; or where it breaks off, and what should be there. */
function scanValue(
  text: string,
  start: number,
): { readonly end: number; readonly expected: string | undefined } {
  const tokens = new RegExp(TOKEN)
  const open: string[] = []
  let state: State = 'value'
  let end = start
  for (;;) {
    tokens.lastIndex = end
    const token = tokens.exec(text)?.[1]
    const next: State | undefined = token === undefined ? undefined : step(state, token, open)
    if (next === undefined) return { end: nextCharacter(text, end), expected: EXPECTED[state] }
    end = tokens.lastIndex
    if (open.length === 0) return { end, expected: undefined }
    state = next
  }
}

/** The end of the first character that belongs to no token, or of the text. */
function nextCharacter(text: string, from: number): number {
  return from + (/^\s*\S?/.exec(text.slice(from))?.[0].length ?? 0)
}

const VALUE = { '{': 'key or }', '[': 'value or ]', '"': 'next', literal: 'next' } as const

/** What comes after which token; a comma asks for a key or a value, as the nesting says. */
const STEPS: Readonly<Record<State, Readonly<Record<string, State>>>> = {
  value: VALUE,
  'value or ]': { ...VALUE, ']': 'next' },
  key: { '"': ':' },
  'key or }': { '"': ':', '}': 'next' },
  ':': { ':': 'value' },
  next: { ',': 'value', ']': 'next', '}': 'next' },
}

/** The state after a token, or undefined when it can't stand there; `open` follows the nesting. */
function step(state: State, token: string, open: string[]): State | undefined {
  const [first = ''] = token
  const next = STEPS[state]['{}[],:"'.includes(first) ? first : 'literal']
  const closing = CLOSING.get(token)
  if (closing !== undefined) open.push(closing)
  if (token === '}' || token === ']') return open.pop() === token ? next : undefined
  return token === ',' && next !== undefined && open.at(-1) === '}' ? 'key' : next
}

const CLOSING = new Map([
  ['{', '}'],
  ['[', ']'],
])
