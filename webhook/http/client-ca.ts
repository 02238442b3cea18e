import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'

/** The CAs of `--client-ca`, in PEM. Throws where the file can't be read, or holds no certificate: a server that
 * should ask who calls must not start without. */
export async function readClientCa(path: string): Promise<string> {
  try {
    const pem = await readFile(path, 'utf8')
    if (!new X509Certificate(pem).ca) throw new Error('its certificate is no CA')
    return pem
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`--client-ca ${path} can't be used: ${why}`, { cause })
  }
}
