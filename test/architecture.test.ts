import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'

const ROOT = join(import.meta.dirname, '..')

/** A source file of the two programs, with what it imports: files by their path from the root. */
type Source = {
  readonly path: string
  readonly text: string
  readonly imports: readonly string[]
  /** The imports that are there at run time: not those of types alone. */
  readonly loads: readonly string[]
}

const sources: readonly Source[] = ['shared', 'webhook', 'plugin'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readSource(join(folder, name))),
)

/** The folders whose files may do I/O and ask the time; all others are pure: design, "What may import what". */
const MAY_DO_IO: ReadonlySet<string> = new Set([
  'plugin',
  'plugin/command-line',
  'plugin/commands/completion',
  'plugin/gather',
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
  ['plugin/command-line/probe-options.ts', 'of the command line'],
  ['plugin/reissue/trigger-issuance.ts', 'a number'],
  ['webhook/config.ts', 'of the command line'],
  ['webhook/http/body-limits.ts', 'digits, by Node’s parser of HTTP'],
  ['webhook/http/review-handler.ts', 'six digits, by its pattern'],
  ['webhook/runtime/event-recorder.ts', 'a number'],
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

function isPure(path: string): boolean {
  return !MAY_DO_IO.has(dirname(path))
}

function filesWith(pattern: RegExp, applies: (source: Source) => boolean): readonly string[] {
  return sources.filter((one) => applies(one) && pattern.test(one.text)).map(({ path }) => path)
}

function readSource(path: string): Source {
  const text = readFileSync(join(ROOT, path), 'utf8').replaceAll(
    /\/\*\*[\s\S]*?\*\/|^\s*\/\/.*$/gm,
    '',
  )
  const loaded = text.replaceAll(/^import type [^']*'[^']+'/gm, '')
  return { path, text, imports: importsOf(path, text), loads: importsOf(path, loaded) }
}

function importsOf(path: string, text: string): readonly string[] {
  const imported = [...text.matchAll(/(?:from|import\(|import) ?'([^']+)'/g)]
  return imported.map(([, one = '']) =>
    one.startsWith('.') ? relative(ROOT, join(ROOT, dirname(path), one)) : one,
  )
}

/** What a file loads, and what that loads, and so on: files of ours and modules of others. */
function everythingLoadedBy(start: string): ReadonlySet<string> {
  const loads = new Map(sources.map((source) => [source.path, source.loads]))
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
