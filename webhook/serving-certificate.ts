import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import type { KeyPair } from './server.ts'

/** What the webhook's Secret holds, in PEM: a CA of our own and the leaf that it signed. */
export type ServingCertificate = KeyPair & {
  readonly ca: string
  readonly caKey: string
}

const DAY_MS = 86_400_000
/** A clock behind ours must take them as valid already. */
const BACKDATE_MS = DAY_MS
const CA_DAYS = 3650
const LEAF_DAYS = 365

/** Makes a CA and a leaf for the names and addresses: EC keys, SHA-256. Each CA has a name of its
 * own, since selfsigned writes no key identifiers to tell two generations apart by. */
export async function makeServingCertificate(
  names: readonly string[],
  now: Date,
): Promise<ServingCertificate> {
  // Imported when it is needed: it costs 50 ms, and most starts find a certificate.
  const { generate } = await import('selfsigned')
  const common = { algorithm: 'sha256', keyType: 'ec', notBeforeDate: before(now) } as const
  const ca = await generate([{ name: 'commonName', value: `tlsauto CA ${now.toISOString()}` }], {
    ...common,
    notAfterDate: after(now, CA_DAYS),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  })
  const leaf = await generate([{ name: 'commonName', value: 'tlsauto' }], {
    ...common,
    notAfterDate: after(now, LEAF_DAYS),
    ca: { key: ca.private, cert: ca.cert },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: names.map(altName) },
    ],
  })
  return { ca: ca.cert, caKey: ca.private, cert: leaf.cert, key: leaf.private }
}

/** Why a stored certificate can't go on serving, or undefined when it can: it is renewed when a
 * third of its life is left, and when it lacks a name. */
export function faultOf(
  stored: ServingCertificate,
  context: { readonly names: readonly string[]; readonly now: Date },
): string | undefined {
  const leaf = readCertificate(stored.cert)
  const ca = readCertificate(stored.ca)
  if (leaf === undefined || ca === undefined) return 'it is not readable'
  if (!leaf.verify(ca.publicKey)) return 'it was not signed by its CA'
  if (!covers(leaf, context.names)) return 'it lacks a name'
  return [leaf, ca].some((certificate) => isAged(certificate, context.now))
    ? 'it is aged'
    : undefined
}

function readCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem)
  } catch {
    // Someone's edit of the Secret: made anew.
    return undefined
  }
}

function covers(leaf: X509Certificate, names: readonly string[]): boolean {
  return names.every((name) =>
    isIP(name) > 0 ? leaf.checkIP(name) !== undefined : leaf.checkHost(name) !== undefined,
  )
}

function isAged(certificate: X509Certificate, now: Date): boolean {
  const from = certificate.validFromDate.getTime()
  const to = certificate.validToDate.getTime()
  return now.getTime() > from + ((to - from) * 2) / 3
}

function altName(name: string): { type: 7; ip: string } | { type: 2; value: string } {
  return isIP(name) > 0 ? { type: 7, ip: name } : { type: 2, value: name }
}

function before(now: Date): Date {
  return new Date(now.getTime() - BACKDATE_MS)
}

function after(now: Date, days: number): Date {
  return new Date(now.getTime() + days * DAY_MS)
}
