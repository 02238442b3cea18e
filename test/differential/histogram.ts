/** Counts of things by name. */
export class Histogram {
  readonly #counts = new Map<string, number>()

  add(name: string): void {
    this.#counts.set(name, this.count(name) + 1)
  }

  count(name: string): number {
    return this.#counts.get(name) ?? 0
  }

  /** One line for each name, sorted by name. */
  lines(): readonly string[] {
    return [...this.#counts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, count]) => `${String(count).padStart(7)}  ${name}`)
  }
}
