/** What is said of an item that met a bug: whatever is stored, nobody should ever read it. */
export function notJudged(error: unknown): string {
  const why = error instanceof Error ? error.message : 'it threw no error'
  return `tlsauto could not judge this one: ${why}; please report it`
}

/** What `judge` makes of each item, one after the other. An error that it throws costs that item alone: `instead`
 * says what stands in its place. This is where a program over many objects catches. */
export function eachAlone<T, R>(
  items: Iterable<T>,
  judge: (item: T) => R,
  instead: (item: T, error: unknown) => R,
): R[] {
  return Array.from(items, (item) => {
    try {
      return judge(item)
    } catch (error) {
      return instead(item, error)
    }
  })
}
