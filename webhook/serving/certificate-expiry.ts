import { X509Certificate } from 'node:crypto'
import type { KeyPair } from './certificate.ts'

/** When a certificate ends, in seconds of Unix time. */
export function expiryOf({ cert }: KeyPair): number {
  return new X509Certificate(cert).validToDate.getTime() / 1000
}
