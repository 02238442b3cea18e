import { dump } from 'js-yaml'

/** A value as indented JSON or as YAML, without a character that could move a terminal's cursor: YAML's
 * writer escapes them all, JSON's only the oldest. */
export function structured(value: unknown, format: 'json' | 'yaml'): string {
  if (format === 'yaml') return dump(value)
  const json = JSON.stringify(value, undefined, 2)
  return `${json.replaceAll(/[\u007F-\u009F\p{Cf}\p{Zl}\p{Zp}]/gu, escaped)}\n`
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
}
