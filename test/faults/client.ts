import { readFile } from 'node:fs/promises'
import { isJsonObject, listAt, objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { restClient } from '../../shared/kube/rest-client.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { exchange, type Call, type Transport } from '../../shared/kube/transport.ts'
import { routeManifest } from '../stack/route-manifest.ts'

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
export async function clientOf(access: Access): Promise<KubeClient> {
  const send = await sender(access, { fieldManager: 'user' })
  return restClient(send, { server: access.server, namespace: 'default' })
}

/** Gives whether the API server asks the webhook now: after a crash its old connections fail it first. */
export async function admissionProbe(access: Access): Promise<() => Promise<boolean>> {
  const send = await sender(access, { dryRun: 'All' })
  const client = restClient(send, { server: access.server, namespace: 'default' })
  const rules = ['Host(`probe.example.com`)']
  const route = routeManifest({ namespace: 'default', name: 'probe', rules })
  return async () => {
    const made = await client.create(RESOURCES.ingressRoutes, route)
    return objectAt(made, 'spec')['tls'] !== undefined
  }
}

async function sender({ server, ca, token }: Access, query: Call['query']): Promise<Transport> {
  const options = { ca: await readFile(ca), headers: { authorization: `Bearer ${token}` } }
  return async (call) => {
    const url = new URL(server + call.path)
    for (const [key, value] of Object.entries({ ...call.query, ...query })) {
      if (value !== undefined) url.searchParams.set(key, value)
    }
    return exchange(call, { url, options, timeout: 30_000 })
  }
}
