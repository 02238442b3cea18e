const KIB = 1024

/** How long a text of somebody else's may be, in UTF-16 units: a longer one is not read at all. Every
 * parser takes time in proportion to its text; these keep that time below a few milliseconds. */
export const LONGEST = {
  /** The name of an object (RFC 1123 subdomain). */
  name: 253,
  /** An annotation with one value. */
  value: 4 * KIB,
  /** An annotation with a list, or JSON: a hundred names, the most that Let's Encrypt signs, are 25 KiB. */
  list: 64 * KIB,
  /** A namespace's allowed-domains: as much as the API server takes of annotations in all. */
  domains: 256 * KIB,
  /** What a condition, an Order, a Challenge or an Event says: the rest is cut off. */
  message: 32 * KIB,
} as const satisfies Readonly<Record<string, number>>

/** Why a text is too long to be read, or undefined. */
export function lengthProblem(text: string, longest: number): string | undefined {
  if (text.length <= longest) return undefined
  return `longer than ${longest < KIB ? `${longest} characters` : `${longest / KIB} KiB`}`
}
