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
