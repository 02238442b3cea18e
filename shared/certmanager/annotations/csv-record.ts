import { trimmed } from '../../json/trimmed.ts'

const FIELD = /(?:"((?:[^"]|"")*)"|([^",\n]*))(,|$)/y

/** The fields of the one CSV record that a text is, as Go's encoding/csv reads it: a field with a comma
 * stands in quotes, a quote in it is doubled. undefined: it is none, or several lines. */
export function parseCsvRecord(text: string): readonly string[] | undefined {
  const line = trimmed(text.replaceAll('\r\n', '\n'), '\n')
  if (line === '') return undefined
  const fields: string[] = []
  const reader = new RegExp(FIELD)
  for (;;) {
    const [, quoted, plain = '', end] = reader.exec(line) ?? []
    if (end === undefined) return undefined
    fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    if (end === '') return fields
  }
}
