import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { isJsonObject, objectAt, textAt } from '../../shared/json/json.ts'
import type { KeyPair } from '../../webhook/serving/certificate.ts'

/** Answers a review, by its uid, as tlsauto never would. */
export type Misbehaviour = (response: ServerResponse, uid: string) => void

export type Impostor = { readonly keyPair: KeyPair; readonly answer: Misbehaviour }

/** Listens where the API server looks for tlsauto, which must not run. Gives the function that ends it. */
export async function startImpostor(
  url: string,
  { keyPair, answer }: Impostor,
): Promise<() => Promise<void>> {
  const server = createServer(keyPair, (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => answer(response, uidIn(Buffer.concat(chunks).toString())))
  })
  const { hostname, port } = new URL(url)
  server.listen(Number(port), hostname)
  await once(server, 'listening')
  return async () => {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
}

function uidIn(body: string): string {
  const review: unknown = JSON.parse(body)
  const request = isJsonObject(review) ? objectAt(review, 'request') : {}
  return textAt(request, 'uid') ?? ''
}
