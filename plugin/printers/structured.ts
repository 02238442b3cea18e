import { dump } from 'js-yaml'

/** A value as indented JSON or as YAML. JSON escapes control characters, and so does YAML. */
export function structured(value: unknown, format: 'json' | 'yaml'): string {
  return format === 'json' ? `${JSON.stringify(value, undefined, 2)}\n` : dump(value)
}
