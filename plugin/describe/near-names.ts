import { compare } from '../../shared/kube/object.ts'

const MOST = 3
/** DNS names end here, and so do Kubernetes' own. */
const LONGEST = 253

/** Names that somebody may have meant, the nearest first: at most three, each no further off than a
 * quarter of what was typed, or with that in it. */
export function nearNames(typed: string, names: readonly string[]): readonly string[] {
  const wanted = typed.toLowerCase()
  if (wanted.length > LONGEST) return []
  return [...new Set(names)]
    .filter((name) => name.length <= LONGEST)
    .map((name) => ({ name, far: distance(wanted, name.toLowerCase()) }))
    .filter(({ far }) => far <= Math.max(1, wanted.length / 4))
    .sort((a, b) => a.far - b.far || compare(a.name, b.name))
    .slice(0, MOST)
    .map(({ name }) => name)
}

/** A name that contains the other is one off. */
function distance(a: string, b: string): number {
  return a.length > 2 && b.includes(a) ? 1 : lettersApart(a, b)
}

/** Levenshtein's distance: letters to add, drop or change. */
function lettersApart(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const letter of a) row = nextRow(row, letter, b)
  return row.at(-1) ?? 0
}

function nextRow(row: readonly number[], letter: string, b: string): number[] {
  const [first = 0, ...rest] = row
  let left = first + 1
  let corner = first
  const later = rest.map((above, index) => {
    const changed = corner + (letter === b[index] ? 0 : 1)
    corner = above
    left = Math.min(changed, above + 1, left + 1)
    return left
  })
  return [first + 1, ...later]
}
