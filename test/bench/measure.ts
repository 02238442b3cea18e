/** One figure of a benchmark, beside what it is measured against in the same run. */
export type Measure = {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly baseline: number | null
  /** What the value should not exceed, or null when it is only reported. */
  readonly goal: number | null
  readonly holds: boolean
}
