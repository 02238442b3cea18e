import { readFile } from 'node:fs/promises'
import { Agent, request } from 'node:https'
import { isJsonObject, listAt, objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'

/** One request as it goes over the wire. */
export type ApiRequest = {
  readonly method: string
  /** With its query. */
  readonly path: string
  /** JSON, sent as it is. */
  readonly body?: string
}

/** Whatever the API server answers, errors too, as it came over the wire. */
export type ApiAnswer = { readonly status: number; readonly text: string }

/** Sends requests over connections that are kept, and touches neither what goes out nor what comes in:
 * no number loses a digit. `kubeconfig` is one of the stack's files. */
export async function apiRequests(
  kubeconfig: string,
): Promise<(request: ApiRequest) => Promise<ApiAnswer>> {
  const config: unknown = JSON.parse(await readFile(kubeconfig, 'utf8'))
  if (!isJsonObject(config)) throw new Error(`${kubeconfig} is no kubeconfig`)
  const cluster = objectAt(firstOf(config, 'clusters'), 'cluster')
  const token = textAt(objectAt(firstOf(config, 'users'), 'user'), 'token') ?? ''
  const server = textAt(cluster, 'server') ?? ''
  const ca = await readFile(textAt(cluster, 'certificate-authority') ?? '')
  const agent = new Agent({ ca, keepAlive: true })
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return async ({ method, path, body }) =>
    new Promise((resolve, reject) => {
      const outgoing = request(server + path, { method, agent, headers }, (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('error', reject)
        answer.on('end', () => {
          resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() })
        })
      })
      outgoing.on('error', reject)
      outgoing.end(body)
    })
}

function firstOf(config: JsonObject, key: string): JsonObject {
  const [first] = listAt(config, key)
  return isJsonObject(first) ? first : {}
}
