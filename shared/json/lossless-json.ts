// What ECMAScript's "JSON.parse source text access" adds; TypeScript does not declare it yet.
declare global {
  interface JSON {
    /** A number that `stringify` writes as this text. */
    rawJSON(text: string): RawJson
    isRawJSON(value: unknown): value is RawJson
    parse(
      text: string,
      reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
    ): unknown
  }
}

/** A number that is kept as its text. */
type RawJson = { readonly rawJSON: string }

/** Somewhere in there is an integer that a JavaScript number may not hold: 2^53 has sixteen digits. */
const LONG_INTEGER = /[:[,]\s*-?\d{16}/

/** Reads JSON without loss: an integer beyond 2^53, such as a high priority, is kept as it stands, and
 * `JSON.stringify` writes it so again. Throws a SyntaxError. */
export function parseLossless(text: string): unknown {
  if (!LONG_INTEGER.test(text)) return JSON.parse(text)
  try {
    return JSON.parse(text, keepLongInteger)
  } catch (error) {
    // With a function to call, the engine goes down level by level, and its stack ends at some 2,000. One
    // object nested so deep (a Middleware's plugin may be) must not make a list of others unreadable.
    if (error instanceof RangeError) return JSON.parse(text)
    throw error
  }
}

function keepLongInteger(
  _key: string,
  value: unknown,
  { source }: { readonly source?: string },
): unknown {
  const isLong = typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER
  return isLong && source !== undefined ? JSON.rawJSON(source) : value
}

/** The digits of an integer that `parseLossless` has kept; undefined: it is something else. */
export function longIntegerOf(value: unknown): string | undefined {
  return JSON.isRawJSON(value) ? value.rawJSON : undefined
}
