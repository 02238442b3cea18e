import { readCertificate, type CertificateFacts } from './certificate-facts.ts'
import { connect } from 'node:tls'
import type { Endpoint } from './endpoint.ts'

/** What an address serves for a name over TLS. */
export type Served =
  | {
      readonly kind: 'served'
      readonly certificate: CertificateFacts
      /** Why its chain leads to no root that is trusted here; undefined: it does. */
      readonly untrusted: string | undefined
    }
  | { readonly kind: 'silent'; readonly error: string }

/** Shakes hands as a client that asks for a name (SNI). `ca` is PEM; without it the usual roots count.
 * Gives up after so many milliseconds. */
export async function probeTls(
  endpoint: Endpoint,
  options: { readonly name: string; readonly ca: string | undefined; readonly timeout: number },
): Promise<Served> {
  const { name, ca, timeout } = options
  return new Promise((resolve) => {
    const socket = connect({
      host: endpoint.host,
      port: endpoint.port,
      servername: name,
      // What is wrong with the chain shall be told, not end the handshake.
      rejectUnauthorized: false,
      // Names are compared by the checks, which say more.
      checkServerIdentity: () => undefined,
      ...(ca === undefined ? {} : { ca }),
    })
    const settle = (served: Served): void => {
      resolve(served)
      socket.destroy()
    }
    socket.setTimeout(timeout, () => settle({ kind: 'silent', error: 'no answer in time' }))
    socket.once('error', (error: Error) => settle({ kind: 'silent', error: error.message }))
    socket.once('close', () => settle({ kind: 'silent', error: 'the connection was closed' }))
    socket.once('secureConnect', () => {
      const { raw } = socket.getPeerCertificate()
      const { authorized, authorizationError } = socket
      const untrusted = authorized ? undefined : reasonOf(authorizationError)
      // An anonymous cipher has none, whatever the types say.
      const certificate = raw === undefined ? undefined : readCertificate(raw)
      settle(
        certificate === undefined
          ? { kind: 'silent', error: 'it shows no certificate that can be read' }
          : { kind: 'served', certificate, untrusted },
      )
    })
  })
}

/** OpenSSL's word; the types say Error, Node.js gives text. */
function reasonOf(error: unknown): string {
  if (error instanceof Error) return 'code' in error ? String(error.code) : error.message
  return String(error)
}
