import type { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'

/** A key pair in PEM. */
export type KeyPair = { readonly cert: string; readonly key: string }

/** When a certificate is made, and for how long: in milliseconds. */
export type Making = { readonly now: Date; readonly lifetime: number }

const DAY_MS = 86_400_000
/** A clock behind ours must take them as valid already. */
const BACKDATE_MS = DAY_MS
/** A CA lives that many times as long as the leaves it signs: it outlives them all. */
const LEAVES_PER_CA = 10

/** Makes a CA and a leaf for the names and addresses, valid as long as that (90 days unless told). */
export async function makeServingCertificate(
  names: readonly string[],
  { now = new Date(), lifetime = 90 * DAY_MS }: Partial<Making> = {},
): Promise<KeyPair & { readonly ca: string; readonly caKey: string }> {
  const ca = await makeCa({ now, lifetime })
  const leaf = await makeLeaf(ca, { names, now, lifetime })
  return { ...leaf, ca: ca.cert, caKey: ca.key }
}

/** Makes a CA for leaves of that lifetime: EC keys, SHA-256. Each CA has a name of its own, since
 * selfsigned writes no key identifiers to tell two generations apart by. */
export async function makeCa({ now, lifetime }: Making): Promise<KeyPair> {
  // Imported when it is needed: it costs 50 ms, and most starts find a certificate.
  const { generate } = await import('selfsigned')
  const made = await generate([{ name: 'commonName', value: `tlsauto CA ${now.toISOString()}` }], {
    ...common({ now, lifetime: lifetime * LEAVES_PER_CA }),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  })
  return { cert: made.cert, key: made.private }
}

/** Makes a leaf for the names and addresses, signed by that CA. */
export async function makeLeaf(
  ca: KeyPair,
  { names, ...making }: Making & { readonly names: readonly string[] },
): Promise<KeyPair> {
  const { generate } = await import('selfsigned')
  const made = await generate([{ name: 'commonName', value: 'tlsauto' }], {
    ...common(making),
    ca,
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: names.map(altName) },
    ],
  })
  return { cert: made.cert, key: made.private }
}

/** When it was made: the certificate itself says an earlier time. */
export function madeAt(certificate: X509Certificate): number {
  return certificate.validFromDate.getTime() + BACKDATE_MS
}

/** Milliseconds from its making to its end. */
export function lifetimeOf(certificate: X509Certificate): number {
  return certificate.validToDate.getTime() - madeAt(certificate)
}

/** The names and addresses that a leaf is for. */
export function namesOf(leaf: X509Certificate): readonly string[] {
  return (leaf.subjectAltName ?? '').split(', ').map((name) => name.replace(/^[^:]*:/, ''))
}

/** Whether a leaf is for that name or address. */
export function covers(leaf: X509Certificate, name: string): boolean {
  return (isIP(name) > 0 ? leaf.checkIP(name) : leaf.checkHost(name)) !== undefined
}

function common({ now, lifetime }: Making): {
  readonly algorithm: 'sha256'
  readonly keyType: 'ec'
  readonly notBeforeDate: Date
  readonly notAfterDate: Date
} {
  return {
    algorithm: 'sha256',
    keyType: 'ec',
    notBeforeDate: new Date(now.getTime() - BACKDATE_MS),
    notAfterDate: new Date(now.getTime() + lifetime),
  }
}

function altName(name: string): { type: 7; ip: string } | { type: 2; value: string } {
  return isIP(name) > 0 ? { type: 7, ip: name } : { type: 2, value: name }
}
