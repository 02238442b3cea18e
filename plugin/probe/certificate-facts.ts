import { X509Certificate } from 'node:crypto'

/** What a certificate says of itself. */
export type CertificateFacts = {
  /** Upper-case hexadecimal digits. */
  readonly serial: string
  readonly names: readonly string[]
  /** RFC 3339. */
  readonly notBefore: string
  readonly notAfter: string
  /** In one line. */
  readonly issuer: string
  readonly subject: string
}

/** Reads a certificate from PEM (the first of several) or DER. Throws when it is none. */
export function readCertificate(text: string | Uint8Array): CertificateFacts {
  const certificate = new X509Certificate(text)
  return {
    serial: certificate.serialNumber.replace(/^(?:0{2})+(?=.)/, ''),
    names: dnsNames(certificate.subjectAltName),
    notBefore: rfc3339(certificate.validFrom),
    notAfter: rfc3339(certificate.validTo),
    issuer: oneLine(certificate.issuer),
    subject: oneLine(certificate.subject),
  }
}

/** Whether one of its names stands for a host: the host itself, or a wildcard of one label. */
export function isFor({ names }: CertificateFacts, host: string): boolean {
  const above = host.replace(/^[^.]+/, '*')
  return names.some((name) => name.toLowerCase() === host || name.toLowerCase() === above)
}

function dnsNames(text: string | undefined): readonly string[] {
  return (text ?? '').split(', ').flatMap((part) => {
    return part.startsWith('DNS:') ? [part.slice('DNS:'.length)] : []
  })
}

function rfc3339(text: string): string {
  return new Date(text).toISOString().replace('.000Z', 'Z')
}

function oneLine(name: string | undefined): string {
  return (name ?? '').trim().replaceAll('\n', ', ')
}
