import type { HiddenUsage } from '../../command-line/usage.ts'

export type CompleteFlags = {
  /** What can follow these is asked; the last of them is not complete. */
  readonly words: readonly string[]
}

/** How kubectl's plugins for completion call it, in whose place the user's words stand: `__complete status -A`. */
export const completeUsage: HiddenUsage<CompleteFlags> = {
  name: 'complete',
  readWords: (words) => ({ words }),
}
