import type { JsonObject } from './json.ts'

/** A moment: milliseconds since 1970, in the years 1 to 9999, so that RFC 3339 has a text for it. What others wrote
 * becomes one here and nowhere else. */
export type Time = number & { readonly [TIME]: true }
declare const TIME: unique symbol

/** RFC 3339 5.6, as far as Go's time.RFC3339 goes: no leap second, and a fraction of nine digits at most. */
const RFC3339 =
  /^(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i
const LONGEST = '2026-03-01T12:00:00.123456789+00:00'.length

const FIRST = Date.parse('0001-01-01T00:00:00Z')
const LAST = Date.parse('9999-12-31T23:59:59Z')

/** The moment that an RFC 3339 text names; undefined: it names none. */
export function parseTime(text: string): Time | undefined {
  if (text.length > LONGEST) return undefined
  const [, day] = RFC3339.exec(text) ?? []
  return day !== undefined && isDay(day) ? timeOf(Date.parse(text.toUpperCase())) : undefined
}

/** The moment that the member names; undefined: it is no RFC 3339 text. */
export function timeAt(parent: JsonObject, key: string): Time | undefined {
  const value = parent[key]
  return typeof value === 'string' ? parseTime(value) : undefined
}

/** Milliseconds since 1970 as a moment; undefined: no calendar of four digits has it. */
export function timeOf(milliseconds: number): Time | undefined {
  return isTime(milliseconds) ? milliseconds : undefined
}

/** So many milliseconds after a moment; that moment itself where the calendar ends before. */
export function timeAfter(time: Time, milliseconds: number): Time {
  return timeOf(time + milliseconds) ?? time
}

/** The later one of two moments. */
export function later(one: Time, other: Time | undefined): Time {
  return other === undefined || one >= other ? one : other
}

/** A moment in RFC 3339: whole seconds stand without a fraction. */
export function rfc3339(time: Time): string {
  return new Date(time).toISOString().replace('.000Z', 'Z')
}

/** When an ACME server lets a client try again by its own words, as Let's Encrypt puts them (`retry after
 * 2026-12-01 09:30:00 UTC`), or in RFC 3339; undefined: it names no moment. */
export function retryAfter(words: string): Time | undefined {
  const [, day = '', time = '', zone = ''] = RETRY_AFTER.exec(words) ?? []
  return parseTime(`${day}T${time}${zone === ' UTC' ? 'Z' : zone}`)
}

const RETRY_AFTER = /retry after (\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)( UTC|Z)/

function isTime(milliseconds: number): milliseconds is Time {
  return milliseconds >= FIRST && milliseconds <= LAST
}

/** Whether the calendar has it: the engine takes 31 February for 3 March. */
function isDay(day: string): boolean {
  const midnight = timeOf(Date.parse(`${day}T00:00:00Z`))
  return midnight !== undefined && rfc3339(midnight).startsWith(day)
}
