import {
  dump,
  DUMP_SCHEMA,
  SCALAR_STYLE,
  visit,
  type Document,
  type ScalarTagDefinition,
} from 'js-yaml'
import { UNPRINTABLE } from '../../shared/findings/reasons.ts'
import { longIntegerOf } from '../../shared/json/lossless-json.ts'

/** YAML as the library writes it; but an integer beyond 2^53 keeps its digits. */
const SCHEMA = DUMP_SCHEMA.withTags(
  ...DUMP_SCHEMA.tags.flatMap((tag) =>
    tag.nodeKind === 'scalar' && tag.tagName === 'tag:yaml.org,2002:int' ? [withLong(tag)] : [],
  ),
)

function withLong(tag: ScalarTagDefinition): ScalarTagDefinition {
  return {
    ...tag,
    identify: (value) => longIntegerOf(value) !== undefined || tag.identify(value),
    represent: (value) => longIntegerOf(value) ?? tag.represent(value),
  }
}

/** A value as indented JSON or as YAML, without a character that could move a terminal's cursor or hide
 * something: each stands there as its escape, and is read as itself. */
export function structured(value: unknown, format: 'json' | 'yaml'): string {
  if (format === 'json') return escaped(`${JSON.stringify(value, undefined, 2)}\n`, jsonEscape)
  return escaped(
    dump(value, { noRefs: true, schema: SCHEMA, transform: quoteUnprintable }),
    yamlEscape,
  )
}

/** YAML knows escapes between double quotes alone. */
function quoteUnprintable(documents: Document[]): void {
  visit(documents, (node) => {
    if (node.kind === 'scalar' && node.value.search(UNPRINTABLE) !== -1) {
      node.style = SCALAR_STYLE.DOUBLE_QUOTED
    }
  })
}

function escaped(text: string, escape: (character: string) => string): string {
  return text.replaceAll(UNPRINTABLE, (character) =>
    character === '\n' ? character : escape(character),
  )
}

/** JSON has escapes for code units only. */
function jsonEscape(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
  return units.map((unit) => `\\u${hex(unit, 4)}`).join('')
}

function yamlEscape(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`
}

function hex(code: number, length: number): string {
  return code.toString(16).padStart(length, '0')
}
