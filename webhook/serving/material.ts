import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { KeyPair } from './certificate.ts'

/** What all replicas serve with, and what they make the next of. */
export type ServingMaterial = {
  /** The CAs that the API server shall trust, the newest first: that one signs, the others did. */
  readonly bundle: readonly [X509Certificate, ...X509Certificate[]]
  /** The key of the first CA, in PEM. Those of the others are gone. */
  readonly caKey: string
  readonly leaf: X509Certificate
  /** The leaf's key, in PEM. */
  readonly key: string
}

/** The members of the Secret, decoded. */
export type MaterialTexts = Readonly<Record<(typeof MATERIAL_KEYS)[number], string>>

/** What came of reading them: what can be served with, or all that is wrong. */
export type Reading =
  | { readonly kind: 'good'; readonly material: ServingMaterial }
  | { readonly kind: 'damaged'; readonly faults: readonly string[] }

export const MATERIAL_KEYS = ['ca.crt', 'ca.key', 'tls.crt', 'tls.key'] as const

/** Reads the texts of a Secret. How old they are is not asked here. */
export function readMaterial(texts: MaterialTexts): Reading {
  const [ca, ...olderCas] = certificatesIn(texts['ca.crt'])
  const [leaf] = certificatesIn(texts['tls.crt'])
  if (ca === undefined || leaf === undefined) {
    return damaged([
      ...(ca === undefined ? ['ca.crt holds no certificate'] : []),
      ...(leaf === undefined ? ['tls.crt holds no certificate'] : []),
    ])
  }
  const material: ServingMaterial = {
    bundle: [ca, ...olderCas],
    caKey: texts['ca.key'],
    leaf,
    key: texts['tls.key'],
  }
  const faults = faultsOf(material)
  return faults.length === 0 ? { kind: 'good', material } : damaged(faults)
}

/** The texts that `readMaterial` reads. */
export function textsOf({ bundle, caKey, leaf, key }: ServingMaterial): MaterialTexts {
  return {
    'ca.crt': bundle.map(String).join(''),
    'ca.key': caKey,
    'tls.crt': String(leaf),
    'tls.key': key,
  }
}

/** What the server is given. */
export function keyPairOf({ leaf, key }: ServingMaterial): KeyPair {
  return { cert: String(leaf), key }
}

/** The certificates in a text of PEM blocks; what is not readable is passed over. */
export function certificatesIn(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  return blocks.flatMap((block) => {
    try {
      return [new X509Certificate(block)]
    } catch {
      // Someone's edit.
      return []
    }
  })
}

/** Whether that CA signed the leaf. */
export function isSignedBy(leaf: X509Certificate, ca: X509Certificate): boolean {
  return leaf.checkIssued(ca) && leaf.verify(ca.publicKey)
}

/** Whether two certificates are the same one. */
export function isSame(one: X509Certificate, other: X509Certificate): boolean {
  return one.fingerprint256 === other.fingerprint256
}

function faultsOf({ bundle, caKey, leaf, key }: ServingMaterial): readonly string[] {
  return [
    ...(isKeyOf(bundle[0], caKey) ? [] : ['ca.key is not the key of the first CA in ca.crt']),
    ...(isKeyOf(leaf, key) ? [] : ['tls.key is not the key of tls.crt']),
    ...(bundle.some((ca) => isSignedBy(leaf, ca)) ? [] : ['no CA in ca.crt signed tls.crt']),
  ]
}

function isKeyOf(certificate: X509Certificate, key: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(key))
  } catch {
    // Not a key at all.
    return false
  }
}

function damaged(faults: readonly string[]): Reading {
  return { kind: 'damaged', faults }
}
