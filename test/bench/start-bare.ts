import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeServingCertificate } from '../../webhook/serving/certificate.ts'
import { openKeepAlive } from '../load/keep-alive.ts'
import type { Started } from '../stack/processes.ts'
import type { Stack } from '../stack/stack.ts'

/** A running webhook that does nothing. */
export type BareWebhook = { readonly url: string; readonly ca: string; readonly process: Started }

/** Starts `bare-webhook.ts`, and waits until it answers. */
export async function startBareWebhook(stack: Stack): Promise<BareWebhook> {
  const [port = 0] = await stack.ports(1)
  const { ca, cert, key } = await makeServingCertificate(['127.0.0.1'])
  const [certFile, keyFile] = [join(stack.folder, 'bare.crt'), join(stack.folder, 'bare.key')]
  await Promise.all([writeFile(certFile, cert), writeFile(keyFile, key, { mode: 0o600 })])
  const program = join(import.meta.dirname, 'bare-webhook.ts')
  const bare = await stack.processes.start(process.execPath, {
    name: 'bare-webhook',
    log: join(stack.folder, 'logs', 'bare-webhook.log'),
    args: [program, String(port), certFile, keyFile],
    env: { NODE_EXTRA_CA_CERTS: undefined },
  })
  const url = `https://127.0.0.1:${port}`
  await bare.ready(async () => {
    const connection = await openKeepAlive(url, ca)
    connection.close()
    return true
  })
  return { url, ca, process: bare }
}
