import { readFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'
import { text } from 'node:stream/consumers'
import { TLSSocket } from 'node:tls'

/** A page that came over HTTPS, and the certificate that it came with. */
export type Page = {
  readonly text: string
  readonly names: string
  readonly issuer: string
  readonly expires: Date
}

/** Fetches `https://DOMAIN/` from a port of this machine. Throws unless the certificate is for the
 * domain and its chain ends at the root: nothing else is trusted. */
export async function fetchPage(at: {
  readonly domain: string
  readonly port: number
  readonly rootFile: string
}): Promise<Page> {
  const { domain, port, rootFile } = at
  const ca = await readFile(rootFile)
  const headers = { host: domain }
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const to = { host: '127.0.0.1', port, servername: domain, headers, ca, agent: false }
    get(to, resolve).on('error', reject)
  })
  const { socket } = response
  if (!(socket instanceof TLSSocket) || !socket.authorized) throw new Error(`${domain}: no TLS`)
  const { subjectaltname, issuer, valid_to } = socket.getPeerCertificate()
  return {
    text: (await text(response)).trim(),
    names: (subjectaltname ?? '').replaceAll('DNS:', ''),
    issuer: String(issuer.CN),
    expires: new Date(valid_to),
  }
}
