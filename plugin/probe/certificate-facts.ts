import { X509Certificate } from 'node:crypto'
import { rfc3339, timeOf } from '../../shared/json/time.ts'

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

/** Reads a certificate from PEM (the first of several) or DER, or undefined when it is none. */
export function readCertificate(text: string | Uint8Array): CertificateFacts | undefined {
  const certificate = parse(text)
  if (certificate === undefined) return undefined
  const notBefore = timeOf(certificate.validFromDate.getTime())
  const notAfter = timeOf(certificate.validToDate.getTime())
  if (notBefore === undefined || notAfter === undefined) return undefined
  return {
    serial: certificate.serialNumber.replace(/^(?:0{2})+(?=.)/, ''),
    names: dnsNames(certificate.subjectAltName),
    notBefore: rfc3339(notBefore),
    notAfter: rfc3339(notAfter),
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

/** Node.js has no way to ask first. */
function parse(text: string | Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(text)
  } catch {
    return undefined
  }
}

function oneLine(name: string | undefined): string {
  return (name ?? '').trim().replaceAll('\n', ', ')
}
