import type { X509Certificate } from 'node:crypto'
import { covers, lifetimeOf, madeAt, namesOf } from './certificate.ts'
import { isSame, isSignedBy, type Reading, type ServingMaterial } from './material.ts'

/** What somebody asks for by an annotation on the Secret. */
export type Asked = 'leaf' | 'ca'

/** What one replica knows. Times are in milliseconds. */
export type Facts = {
  /** The Secret, as it has just been read. */
  readonly reading: Reading
  /** What this replica serves with. */
  readonly held: ServingMaterial | undefined
  readonly asked: Asked | undefined
  /** Under which the API server calls. */
  readonly names: readonly string[]
  /** For how long this replica has seen every webhook configuration carry that CA. */
  readonly carried: { readonly ca: X509Certificate; readonly time: number } | undefined
  /** For how long a CA is carried before it signs. */
  readonly overlap: number
  readonly now: Date
}

/** What is to become of the Secret. */
export type Step =
  /** Nothing: serve with this. */
  | { readonly kind: 'keep'; readonly material: ServingMaterial }
  /** Write what there is already, somewhere. */
  | { readonly kind: 'store'; readonly material: ServingMaterial; readonly why: string }
  /** A CA and a leaf. */
  | { readonly kind: 'newAll'; readonly why: string }
  /** Before the others in the bundle; the leaf stays. */
  | { readonly kind: 'newCa'; readonly of: ServingMaterial; readonly why: string }
  | {
      readonly kind: 'newLeaf'
      readonly of: ServingMaterial
      readonly names: readonly string[]
      readonly why: string
    }

/** The next step of the serving certificate's life. Every replica asks this of the same Secret, and
 * the first to write wins.
 *
 *     bundle [A]      leaf of A    at rest
 *     bundle [B, A]   leaf of A    newCa: A's key is gone, so A signs no more
 *     bundle [B, A]   leaf of B    newLeaf: after an overlap in which the API server learned of B
 *     bundle [B]      leaf of B    store: after the last leaf of A has run out
 */
export function nextStep(facts: Facts): Step {
  const { reading } = facts
  if (reading.kind === 'damaged') return fix(reading.faults, facts)
  const stored = reading.material
  for (const check of CHECKS) {
    const step = check(stored, facts)
    if (step !== undefined) return step
  }
  return { kind: 'keep', material: stored }
}

type Check = (stored: ServingMaterial, facts: Facts) => Step | undefined

const CHECKS: readonly Check[] = [
  // Somebody else's Secret: ours goes on, as the older one.
  heldIsForeign,
  caIsDue,
  // Nothing else may sign until the newest CA may.
  caIsNew,
  leafIsDue,
  oldCaIsOver,
]

/** Only a first start makes all again: whoever still serves has what is missing. */
function fix(faults: readonly string[], { held, now }: Facts): Step {
  const why = faults.join('; ')
  if (held === undefined || isExpired(held.leaf, now)) return { kind: 'newAll', why }
  return { kind: 'store', material: held, why }
}

/** What this replica serves with is trusted: what was put in its place may not be yet. */
function heldIsForeign(stored: ServingMaterial, { held, now }: Facts): Step | undefined {
  if (held === undefined || isExpired(held.leaf, now)) return undefined
  if (stored.bundle.some((ca) => isSignedBy(held.leaf, ca))) return undefined
  const missing = held.bundle.filter((ca) => !stored.bundle.some((other) => isSame(ca, other)))
  const material: ServingMaterial = {
    bundle: [...stored.bundle, ...missing],
    caKey: stored.caKey,
    leaf: held.leaf,
    key: held.key,
  }
  return { kind: 'store', material, why: 'its CAs did not sign what is being served' }
}

function caIsDue(stored: ServingMaterial, { asked, now }: Facts): Step | undefined {
  if (asked === 'ca') return { kind: 'newCa', of: stored, why: 'it was asked for' }
  if (isAged(stored.bundle[0], now)) return { kind: 'newCa', of: stored, why: 'the CA is aged' }
  return undefined
}

function caIsNew(
  stored: ServingMaterial,
  { carried, overlap, names, now }: Facts,
): Step | undefined {
  const [ca] = stored.bundle
  if (isSignedBy(stored.leaf, ca)) return undefined
  const isKnown = carried !== undefined && isSame(carried.ca, ca) && carried.time >= overlap
  // An expired leaf is refused in any case.
  if (!isKnown && !isExpired(stored.leaf, now)) return { kind: 'keep', material: stored }
  return { kind: 'newLeaf', of: stored, names, why: 'the CA is new' }
}

function leafIsDue(stored: ServingMaterial, { asked, names, now }: Facts): Step | undefined {
  const { leaf } = stored
  if (asked === 'leaf') return { kind: 'newLeaf', of: stored, names, why: 'it was asked for' }
  if (isAged(leaf, now)) return { kind: 'newLeaf', of: stored, names, why: 'the leaf is aged' }
  if (names.every((name) => covers(leaf, name))) return undefined
  // Replicas of another version may want the other names: neither undoes the other's leaf.
  const all = [...new Set([...namesOf(leaf), ...names])]
  return { kind: 'newLeaf', of: stored, names: all, why: 'the leaf lacks a name' }
}

/** An old CA stays until every leaf that it signed has run out, so that nobody has to say what it
 * serves: the last one was signed before the next CA was made. */
function oldCaIsOver(stored: ServingMaterial, { now }: Facts): Step | undefined {
  const [signer, ...others] = stored.bundle
  const leafLifetime = lifetimeOf(stored.leaf)
  const kept = others.filter((ca, index) => {
    const next = stored.bundle[index] ?? signer
    return !isExpired(ca, now) && now.getTime() <= madeAt(next) + leafLifetime
  })
  if (kept.length === others.length) return undefined
  const material: ServingMaterial = { ...stored, bundle: [signer, ...kept] }
  return { kind: 'store', material, why: 'no leaf of the old CA is valid any more' }
}

function isAged(certificate: X509Certificate, now: Date): boolean {
  return now.getTime() > madeAt(certificate) + (lifetimeOf(certificate) * 2) / 3
}

function isExpired(certificate: X509Certificate, now: Date): boolean {
  return now.getTime() > certificate.validToDate.getTime()
}
