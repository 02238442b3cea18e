import { readFile } from 'node:fs/promises'
import { isJsonObject, listAt, objectAt, textAt, type JsonObject } from '../../shared/json.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { restClient } from '../../shared/kube/rest-client.ts'
import { exchange, type Transport } from '../../shared/kube/transport.ts'

/** Server, CA and token of a kubeconfig file of the stack. */
export type Access = { readonly server: string; readonly ca: string; readonly token: string }

/** Reads a kubeconfig file as the stack writes it. */
export async function accessOf(kubeconfig: string): Promise<Access> {
  const config: unknown = JSON.parse(await readFile(kubeconfig, 'utf8'))
  if (!isJsonObject(config)) throw new Error(`${kubeconfig} is no kubeconfig`)
  const first = (key: string): JsonObject => listAt(config, key).find(isJsonObject) ?? {}
  const cluster = objectAt(first('clusters'), 'cluster')
  return {
    server: textAt(cluster, 'server') ?? '',
    ca: textAt(cluster, 'certificate-authority') ?? '',
    token: textAt(objectAt(first('users'), 'user'), 'token') ?? '',
  }
}

/** A client whose fields are a user's, and not tlsauto's. */
export async function userClient({ server, ca, token }: Access): Promise<KubeClient> {
  const options = { ca: await readFile(ca), headers: { authorization: `Bearer ${token}` } }
  const send: Transport = async (call) => {
    const url = new URL(server + call.path)
    for (const [key, value] of Object.entries({ ...call.query, fieldManager: 'user' })) {
      if (value !== undefined) url.searchParams.set(key, value)
    }
    return exchange(call, { url, options, timeout: 30_000 })
  }
  return restClient(send, { server, namespace: 'default' })
}
