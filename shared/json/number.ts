import type { JsonObject } from './json.ts'
import { longIntegerOf } from './lossless-json.ts'

/** The largest number of Kubernetes' counts (int32). */
const MOST = 2 ** 31 - 1

/** How often something happened, as the member counts it: a whole number from 0 to 2^31-1. What is no count is 0,
 * and what is beyond is the largest. */
export function countAt(parent: JsonObject, key: string): number {
  return countOf(parent[key]) ?? 0
}

/** A value as a count from 0 to 2^31-1; undefined: it is none. */
export function countOf(value: unknown): number | undefined {
  const long = longIntegerOf(value)
  if (long !== undefined) return long.startsWith('-') ? 0 : MOST
  if (typeof value !== 'number' || Number.isNaN(value)) return undefined
  return Math.trunc(Math.min(Math.max(value, 0), MOST))
}

/** A JSON number as one of JavaScript, an integer beyond 2^53 as the nearest; undefined: it is none. */
export function numberOf(value: unknown): number | undefined {
  const long = longIntegerOf(value)
  const number = long === undefined ? value : Number(long)
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

/** The number that digits make, with an optional sign; undefined: it is none, or beyond the bounds. */
export function integerIn(
  text: string,
  { least, most }: { readonly least: number; readonly most: number },
): number | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined
  const value = Number(text)
  return value >= least && value <= most ? value : undefined
}

/** A Kubernetes quantity (`5`, `1k`, `2Gi`, `500m`), as a ResourceQuota counts with it; undefined: it is none. */
export function quantityOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value !== 'string' || value.length > LONGEST_QUANTITY) return undefined
  const [, digits, suffix = ''] = QUANTITY.exec(value) ?? []
  const factor = SUFFIXES.get(suffix)
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor
}

const LONGEST_QUANTITY = 40
const QUANTITY = /^([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,2})?)([a-zA-Z]{0,2})$/

/** apimachinery's resource.Quantity. */
const SUFFIXES: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['m', 1e-3],
  ['k', 1e3],
  ['M', 1e6],
  ['G', 1e9],
  ['T', 1e12],
  ['P', 1e15],
  ['E', 1e18],
  ['Ki', 2 ** 10],
  ['Mi', 2 ** 20],
  ['Gi', 2 ** 30],
  ['Ti', 2 ** 40],
  ['Pi', 2 ** 50],
  ['Ei', 2 ** 60],
])
