/** Answers that are remembered until something changes: the same question is asked many times in a row. */
export type Answers<T> = {
  /** What is known about this key, or what `answer` finds out. */
  of(key: string, answer: () => T): T
  forget(): void
}

/** None yet. */
export function createAnswers<T>(): Answers<T> {
  const known = new Map<string, { readonly answer: T }>()
  return {
    of: (key, answer) => {
      const before = known.get(key)
      if (before !== undefined) return before.answer
      const found = { answer: answer() }
      known.set(key, found)
      return found.answer
    },
    forget: () => {
      if (known.size > 0) known.clear()
    },
  }
}
