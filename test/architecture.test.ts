import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'

const ROOT = join(import.meta.dirname, '..')

/** A source file of the two programs, with what it imports: files by their path from the root. */
type Source = {
  readonly path: string
  /** Without comments. */
  readonly text: string
  /** With them. */
  readonly lines: number
  readonly imports: readonly string[]
  /** The imports that are there at run time: not those of types alone. */
  readonly loads: readonly string[]
  /** Those of them that are there from the start: not what `import()` brings later. */
  readonly loadsAtOnce: readonly string[]
}

const sources: readonly Source[] = ['shared', 'webhook', 'plugin'].flatMap(sourcesIn)

/** Those that build the programs, too. */
const everything: readonly Source[] = [...sources, ...sourcesIn('deploy/build')]

/** The folders whose files may do I/O and ask the time; all others are pure: design, "What may import what". */
const MAY_DO_IO: ReadonlySet<string> = new Set([
  'plugin',
  'plugin/command-line',
  'plugin/commands/completion',
  'plugin/gather',
  'plugin/gather/server',
  'plugin/probe',
  'shared/kube',
  'webhook',
  'webhook/controller',
  'webhook/http',
  'webhook/runtime',
  'webhook/serving',
])

const MAIN = /^(webhook|plugin)\/main\.ts$/

const CLIENT = new Set(['shared/kube/client.ts', 'shared/kube/kubeconfig.ts'])

/** Folders of which the first may not import the second. */
const STRANGERS = [
  ['shared/', 'webhook/'],
  ['shared/', 'plugin/'],
  ['webhook/', 'plugin/'],
  ['plugin/', 'webhook/'],
  ['webhook/admission/', 'webhook/controller/'],
  ['webhook/controller/', 'webhook/admission/'],
] as const

const rules: readonly {
  readonly name: string
  readonly breaks: (source: Source, imported: string) => boolean
}[] = [
  ...STRANGERS.map(([folder, stranger]) => ({
    name: `${folder} imports nothing of ${stranger}`,
    breaks: ({ path }: Source, imported: string) =>
      path.startsWith(folder) && imported.startsWith(stranger),
  })),
  {
    name: 'only the client and its kubeconfig import the client library',
    breaks: ({ path }, imported) => imported.startsWith('@kubernetes/') && !CLIENT.has(path),
  },
  {
    name: 'pure files import no Node module but for hashing, comparing and addresses',
    breaks: ({ path }, imported) =>
      isPure(path) &&
      imported.startsWith('node:') &&
      !['node:crypto', 'node:net', 'node:util'].includes(imported),
  },
]

for (const { name, breaks } of rules) {
  test(name, () => {
    const broken = sources.flatMap((source) =>
      source.imports.filter((one) => breaks(source, one)).map((one) => `${source.path} -> ${one}`),
    )
    assert.deepEqual(broken, [])
  })
}

test('pure files ask no clock, no chance and no environment', () => {
  const asks = /\bDate\.now\(|new Date\(\)|Math\.random\(|\bprocess\.|\bfetch\(|setTimeout\(/
  assert.deepEqual(
    filesWith(asks, ({ path }) => isPure(path)),
    [],
  )
})

test('environment, arguments, exit and signals are the mains’ alone', () => {
  const uses = /process\.(env|argv|exit|exitCode|on|once|std(in|out|err))\b/
  assert.deepEqual(
    filesWith(uses, ({ path }) => !MAIN.test(path)),
    [],
  )
})

test('importing a module does nothing: only the entry points run at their top level', () => {
  const entries = new Set(['webhook/main.ts', 'plugin/main.ts'])
  const runs = /^(await |void |try \{|if \(|for \()/m
  assert.deepEqual(
    filesWith(runs, ({ path }) => !entries.has(path)),
    [],
  )
})

test('admission reaches no file, shell, template or network: all that the server loads is known', () => {
  const loaded = [...everythingLoadedBy('webhook/http/server.ts')]
  const others = loaded.filter((one) => !one.endsWith('.ts'))
  assert.deepEqual(others.sort(), [
    'express',
    'fast-json-patch',
    'node:crypto', // hashes in names
    'node:http', // the kinds of its requests and responses
    'node:https', // the server itself
    'node:util', // whether a spec is as it was
  ])
  assert.deepEqual(
    loaded.filter((one) => one.startsWith('shared/kube/') || one.startsWith('webhook/controller/')),
    ['shared/kube/object.ts', 'shared/kube/ours.ts', 'shared/kube/kept-keys.ts'],
  )
})

test('help of the plugin loads no client and nothing that runs a command', () => {
  const loaded = [...everythingLoadedBy('plugin/main.ts', 'loadsAtOnce')]
  assert.deepEqual(
    loaded.filter((one) => one.startsWith('@kubernetes/') || one.endsWith('/run.ts')),
    [],
  )
  assert.ok(loaded.includes('plugin/commands/status/usage.ts'))
})

/** What reads a text as a date or a number; `new Date(x)` of a number that was read is none. */
const CONVERTS = /\bDate\.parse\(|\bnew Date\((?!\))|(?<![\w.])Number\(|\bparse(Int|Float)\(/

/** Who may, and whose text it is there. */
const CONVERTERS = new Map([
  ['shared/json/time.ts', 'of everybody: the one place for dates'],
  ['shared/json/number.ts', 'of everybody: the one place for numbers'],
  ['shared/certmanager/annotations/go-duration.ts', 'digits, by its pattern'],
  ['shared/certmanager/annotations/spec-annotations.ts', 'digits, by its pattern'],
  ['shared/kube/proxy-of.ts', 'of the user’s own environment'],
  ['shared/traefik/ip-range.ts', 'three digits, by its pattern'],
  ['shared/traefik/regexp.ts', 'digits, by its pattern'],
  ['shared/traefik/regexp-class.ts', 'digits, by its pattern'],
  ['plugin/command-line/clock.ts', 'a number'],
  ['plugin/command-line/duration.ts', 'of the command line'],
  ['plugin/probe/endpoint.ts', 'of the command line'],
  ['plugin/command-line/probe-flags.ts', 'of the command line'],
  ['plugin/reissue/trigger-issuance.ts', 'a number'],
  ['webhook/config.ts', 'of the command line'],
  ['webhook/http/body-limits.ts', 'digits, by Node’s parser of HTTP'],
  ['webhook/http/review-handler.ts', 'six digits, by its pattern'],
  ['webhook/runtime/event-recorder.ts', 'a number'],
  ['webhook/runtime/leader-election.ts', 'a number'],
  ['webhook/runtime/logger.ts', 'a number'],
  ['webhook/serving/certificate.ts', 'a number'],
])

test('dates and numbers of others are read in one place, which throws nothing and gives no Invalid Date', () => {
  const readers = filesWith(CONVERTS, () => true)
  assert.deepEqual(
    readers.filter((path) => !CONVERTERS.has(path)),
    [],
    'use shared/json/time.ts and shared/json/number.ts',
  )
  assert.deepEqual(
    [...CONVERTERS.keys()].filter((path) => !readers.includes(path)),
    [],
    'these need no exception any more',
  )
})

test('there are no cycles', () => {
  const imports = new Map(sources.map(({ path, imports }) => [path, imports]))
  const cycles = sources.flatMap(({ path }) => {
    const cycle = cycleFrom(path, imports)
    return cycle === undefined ? [] : [cycle.join(' -> ')]
  })
  assert.deepEqual(cycles, [])
})

/** What the structure rules let pass, each until it is split: an exception that is not needed any more fails. */
const TO_BE_SPLIT = {
  cycles: [],
  functions: ['webhook/http/connection-limits.ts createConnections'],
} satisfies Readonly<Record<string, readonly string[]>>

const UNNEEDED = ', or take out of TO_BE_SPLIT what is fine now'

test('there are no cycles between folders', () => {
  const found = cyclesOfFolders(everything)
  const hint = `move what both sides need into a folder below both${UNNEEDED}`
  assert.deepEqual(found, TO_BE_SPLIT.cycles, hint)
})

test('no function is longer than 60 lines', () => {
  const found = everything.flatMap(({ path, text }) =>
    functionsIn(text)
      .filter(({ lines }) => lines > LONGEST_FUNCTION)
      .map(({ name }) => `${path} ${name}`),
  )
  assert.deepEqual(found.sort(), TO_BE_SPLIT.functions, `make functions of its parts${UNNEEDED}`)
})

const LONGEST_FUNCTION = 60

test('half of the files have at most 60 lines', () => {
  const lengths = everything.map(({ lines }) => lines).sort((a, b) => a - b)
  const median = lengths[Math.floor(lengths.length / 2)] ?? 0
  assert.ok(median <= 60, `the median is ${median} lines: split by subject what is long`)
})

test('the roots of the programs and of what they share hold a handful of files', () => {
  const sizes = ['shared', 'webhook', 'plugin'].map((root) => [root, filesIn(root).length] as const)
  assert.deepEqual(
    sizes.filter(([, size]) => size > 5),
    [],
    'a file belongs to the room of its subject',
  )
})

/** Folders with more than fifteen files, and what keeps them together. */
const LARGE_FOLDERS = new Map([
  ['deploy/build', 'what makes bundles, manifests and a release, one file for each'],
  ['shared/traefik', 'the language of Traefik’s rules, one file for each part of its grammar'],
  ['webhook/http', 'the HTTPS server, one file for each of its limits'],
])

test('a folder of more than fifteen files has a reason', () => {
  const folders = new Set(everything.map(({ path }) => dirname(path)))
  const large = [...folders].filter((folder) => filesIn(folder).length > 15)
  assert.deepEqual(
    large.filter((folder) => !LARGE_FOLDERS.has(folder)),
    [],
    'divide it by subject, or give the reason in LARGE_FOLDERS',
  )
  assert.deepEqual(
    [...LARGE_FOLDERS.keys()].filter((folder) => !large.includes(folder)),
    [],
    'these need no reason any more',
  )
})

test('the checks for cycles of folders and for long functions find one', () => {
  const empty = { text: '', lines: 0, loads: [], loadsAtOnce: [] }
  const there = { ...empty, path: 'a/x.ts', imports: ['b/y.ts'] }
  const back = { ...empty, path: 'b/z.ts', imports: ['a/w.ts'] }
  assert.deepEqual(cyclesOfFolders([there, back]), ['a -> b -> a'])
  assert.deepEqual(cyclesOfFolders([there, { ...back, imports: ['b/w.ts'] }]), [])
  assert.deepEqual(functionsIn(SHAPES), [
    { name: 'plain', lines: 2 },
    { name: 'wrapped', lines: 1 },
    { name: 'arrow', lines: 3 },
    { name: 'inner', lines: 1 },
    { name: 'made', lines: 2 },
    { name: 'method', lines: 5 },
  ])
})

/** Each way in which a function is written, and what is none. */
const SHAPES = `
export async function plain(a: string): Promise<void> {
  if (a) {

  }
}
function wrapped({
  a,
}: {
  readonly a: string
}): {
  readonly a: string
} {
  return a
}
const arrow = (a: string) => {
  const inner = async () => {
    return a
  }
}
const made = () => ({
  a: 1,
  b: 2,
})
const data = {
  a: 1,
}
class Parser {
  method(a: string): string | undefined {
    for (const b of [
      a,
    ]) {
      return b
    }
  }
}
`

test('no file is called index or after a kind of thing', () => {
  const catchAll = /\/(index|utils?|helpers?|types|constants|enums)\.ts$/
  assert.deepEqual(
    sources.map(({ path }) => path).filter((path) => catchAll.test(path)),
    [],
  )
})

test('the check for cycles finds one', () => {
  const imports = new Map([
    ['a', ['b']],
    ['b', ['c']],
    ['c', ['a']],
  ])
  assert.deepEqual(cycleFrom('a', imports), ['a', 'b', 'c', 'a'])
})

/** The shortest cycles of folders, none through a folder of another. */
function cyclesOfFolders(files: readonly Source[]): readonly string[] {
  const graph = new Map<string, Set<string>>()
  for (const { path, imports } of files) {
    const folder = dirname(path)
    const others = graph.get(folder) ?? new Set()
    graph.set(folder, others)
    for (const one of imports.filter((name) => name.endsWith('.ts'))) {
      if (dirname(one) !== folder) others.add(dirname(one))
    }
  }
  const ways = new Map([...graph].map(([folder, others]) => [folder, [...others]]))
  const cycles = [...ways.keys()].flatMap((folder) => {
    const cycle = cycleFrom(folder, ways)
    return cycle === undefined ? [] : [cycle]
  })
  const shown: (readonly string[])[] = []
  for (const cycle of cycles.sort((a, b) => a.length - b.length)) {
    if (!shown.flat().some((folder) => cycle.includes(folder))) shown.push(cycle)
  }
  return shown.map((cycle) => cycle.join(' -> '))
}

/** A function with a body of its own lines, and how many these are, blank ones and comments not counted. */
type Written = { readonly name: string; readonly lines: number }

/** The last line of a function's head; also of an `if` or `for`, which its first line tells. */
const HEAD = /(?:=>|\)|\): .+|^ *\}) \{$|=> \(\{$/
const NO_FUNCTION = /^ *(?:\} )?(?:if|else|for|while|switch|catch)\b/

/** The functions of a source without comments. `oxfmt --check` holds the format that tells where one ends: at
 * the first bracket that stands as far in as its head. */
function functionsIn(text: string): readonly Written[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return lines.flatMap((line, at) => {
    if (!HEAD.test(line)) return []
    const [indent = ''] = /^ */.exec(line) ?? []
    const isOut = (one: string): boolean =>
      one.startsWith(indent) && !/[ )}\]]/.test(one.charAt(indent.length))
    const first = lines.slice(0, at + 1).findLast(isOut) ?? ''
    if (NO_FUNCTION.test(first)) return []
    const end = lines.findIndex((one, index) => index > at && one.startsWith(`${indent}}`))
    const [, name = ''] = /^ *(?:(?:export|async|const|function\*?) )*([\w#]*)/.exec(first) ?? []
    return [{ name, lines: end - at - 1 }]
  })
}

function isPure(path: string): boolean {
  return !MAY_DO_IO.has(dirname(path))
}

function filesWith(pattern: RegExp, applies: (source: Source) => boolean): readonly string[] {
  return sources.filter((one) => applies(one) && pattern.test(one.text)).map(({ path }) => path)
}

function sourcesIn(folder: string): readonly Source[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readSource(join(folder, name)))
}

function filesIn(folder: string): readonly Source[] {
  return everything.filter(({ path }) => dirname(path) === folder)
}

function readSource(path: string): Source {
  const whole = readFileSync(join(ROOT, path), 'utf8')
  const text = whole.replaceAll(/\/\*\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  const loaded = text.replaceAll(/^import type [^']*'[^']+'/gm, '')
  const atOnce = loaded.replaceAll(/\bimport\('[^']+'\)/g, '')
  const lines = whole.trimEnd().split('\n').length
  return {
    path,
    text,
    lines,
    imports: importsOf(path, text),
    loads: importsOf(path, loaded),
    loadsAtOnce: importsOf(path, atOnce),
  }
}

function importsOf(path: string, text: string): readonly string[] {
  const imported = [...text.matchAll(/(?:from|import\(|import) ?'([^']+)'/g)]
  return imported.map(([, one = '']) =>
    one.startsWith('.') ? relative(ROOT, join(ROOT, dirname(path), one)) : one,
  )
}

/** What a file loads, and what that loads, and so on: files of ours and modules of others. */
function everythingLoadedBy(
  start: string,
  which: 'loads' | 'loadsAtOnce' = 'loads',
): ReadonlySet<string> {
  const loads = new Map(sources.map((source) => [source.path, source[which]]))
  const all = new Set([start])
  for (const one of all) for (const next of loads.get(one) ?? []) all.add(next)
  return all
}

/** A way from a file back to itself, the shortest first found. */
function cycleFrom(
  start: string,
  imports: ReadonlyMap<string, readonly string[]>,
): readonly string[] | undefined {
  const ways: (readonly string[])[] = [[start]]
  const seen = new Set<string>()
  for (const way of ways) {
    for (const next of imports.get(way.at(-1) ?? '') ?? []) {
      if (next === start) return [...way, next]
      if (!seen.has(next)) ways.push([...way, next])
      seen.add(next)
    }
  }
  return undefined
}
