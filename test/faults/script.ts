import type { Deed, Fault, Point } from './fault.ts'

/** Counts what passes, and says which fault is due. */
export type Script = {
  /** From now on only this namespace and these faults. */
  arm(namespace: string, faults: readonly Fault[]): void
  /** Whether something is about the plan's namespace. */
  concerns(namespace: string): boolean
  /** One more such thing passes (lists and watches: of that kind): what shall happen to it. */
  next(point: Point, kind?: string): Deed | undefined
  /** Watches of that kind shall be refused like this until it has been listed. */
  forget(kind: string, how: 'answer-410' | 'gone'): void
  /** The faults that have not struck yet. */
  pending(): readonly Fault[]
  /** How many of each have passed. */
  passed(point: Point): number
}

/** A script without faults. */
export function createScript(): Script {
  let armedFor: string | undefined
  let faults: readonly Fault[] = []
  const counts = new Map<string, number>()
  const struck = new Set<Fault>()
  const forgotten = new Map<string, Deed>()
  return {
    arm: (namespace, planned) => {
      armedFor = namespace
      faults = planned
      counts.clear()
      struck.clear()
      forgotten.clear()
    },
    concerns: (namespace) => armedFor !== undefined && namespace === armedFor,
    next: (point, kind = '') => {
      const refusal = point === 'watch' ? forgotten.get(kind) : undefined
      if (refusal !== undefined) return refusal
      if (point === 'list') forgotten.delete(kind)
      const key = `${point} ${kind}`
      const nth = (counts.get(key) ?? 0) + 1
      counts.set(key, nth)
      const due = faults.find((fault) => fault.on === point && fault.nth === nth)
      if (due !== undefined) struck.add(due)
      return due?.does
    },
    forget: (kind, how) => {
      forgotten.set(kind, how)
    },
    pending: () => faults.filter((fault) => !struck.has(fault)),
    passed: (point) => counts.get(`${point} `) ?? 0,
  }
}
