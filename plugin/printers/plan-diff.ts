import { createTwoFilesPatch } from 'diff'
import jsonPatch from 'fast-json-patch'
import { paint, type Colour, type Terminal } from '../command-line/terminal.ts'
import { objectAt, type JsonObject } from '../../shared/json/json.ts'
import { parseLossless } from '../../shared/json/lossless-json.ts'
import type { Plan } from '../plan/plan.ts'
import { structured } from './structured.ts'

/** What the API server adds to an object, and nobody writes. */
const SERVERS_OWN = new Set([
  'creationTimestamp',
  'generation',
  'managedFields',
  'resourceVersion',
  'uid',
])

/** The routes that tlsauto would change, each as YAML before and after, in a unified diff. */
export function planDiff(
  plans: readonly Plan[],
  terminal: Pick<Terminal, 'interactive'>,
): readonly string[] {
  const changed = plans.filter(({ item }) => item.patch.length > 0 && item.denial === null)
  if (changed.length === 0) return ['no route would be changed']
  return changed
    .flatMap(diffLines)
    .map((line) => paint(line, terminal.interactive ? colourOf(line) : undefined))
}

function diffLines({ object, item }: Plan): readonly string[] {
  const { kind, namespace, name, patch } = item
  const before = asWritten(object)
  const after = jsonPatch.applyPatch(parseLossless(JSON.stringify(before)), patch).newDocument
  const title = `${kind} ${namespace}/${name}`
  const [now, then] = [before, after].map((one) => structured(one, 'yaml'))
  // Its first line is a rule.
  return createTwoFilesPatch(title, `${title} with tlsauto`, now ?? '', then ?? '')
    .trimEnd()
    .split('\n')
    .slice(1)
}

function asWritten(object: JsonObject): JsonObject {
  const metadata = Object.entries(objectAt(object, 'metadata') ?? {})
  return {
    ...object,
    metadata: Object.fromEntries(metadata.filter(([key]) => !SERVERS_OWN.has(key))),
  }
}

function colourOf(line: string): Colour | undefined {
  if (line.startsWith('+')) return 'green'
  if (line.startsWith('-')) return 'red'
  return line.startsWith('@@') ? 'dim' : undefined
}
