/** Numbers that look random and are the same again for the same seed (mulberry32). */
export class Random {
  #state: number
  #flawed = false

  constructor(seed: number) {
    this.#state = seed | 0
  }

  /** A whole number from 0 to below `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return Math.floor((((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32) * limit)
  }

  /** True once in `times`. */
  once(times: number): boolean {
    return this.below(times) === 0
  }

  /** Decides whether what is made from here on may have flaws. */
  allowFlaws(allowed: boolean): void {
    this.#flawed = allowed
  }

  /** True once in `times` where flaws are allowed, else never. */
  flaw(times: number): boolean {
    return this.#flawed && this.once(times)
  }

  pick<T>(choices: readonly T[]): T {
    const choice = choices[this.below(choices.length)]
    if (choice === undefined) throw new RangeError('there is nothing to pick from')
    return choice
  }

  /** As many as the length says, each created again. */
  several<T>(length: number, make: () => T): readonly T[] {
    return Array.from({ length }, make)
  }

  /** Characters of an alphabet, in any order. */
  soup(alphabet: string, longest: number): string {
    const characters = Array.from(alphabet)
    return this.several(this.below(longest + 1), () => this.pick(characters)).join('')
  }
}
