import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import type { Run } from './control-plane.ts'
import type { Started } from './processes.ts'

/** What the websecure entry point does about TLS by itself: nothing; it terminates it, as Traefik's Helm chart has
 * it; or it also demands a client certificate (mTLS). */
export type EntryPointTls = 'none' | 'terminates' | 'mtls'

/** Starts Traefik with its two Kubernetes providers, and waits until it answers. A Service's
 * ClusterIP is a loopback address, which it calls itself (nativeLB). */
export async function startTraefik(
  run: Run & {
    readonly client: KubeClient
    readonly kubernetes: { readonly server: string; readonly ca: string; readonly token: string }
    readonly ports: { readonly web: number; readonly websecure: number; readonly api: number }
    readonly entryPointTls: EntryPointTls
  },
): Promise<Started> {
  const { kubernetes, ports } = run
  await run.client.create(
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      plural: 'ingressclasses',
      namespaced: false,
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: { name: 'traefik' },
      spec: { controller: 'traefik.io/ingress-controller' },
    },
  )
  const traefik = await run.processes.start(run.built.program('traefik'), {
    log: join(run.folder, 'logs', 'traefik.log'),
    args: [
      `--entryPoints.web.address=127.0.0.1:${ports.web}`,
      `--entryPoints.websecure.address=127.0.0.1:${ports.websecure}`,
      `--entryPoints.traefik.address=127.0.0.1:${ports.api}`,
      ...(await entryPointTls(run)),
      '--api.insecure=true',
      '--ping=true',
      ...['kubernetescrd', 'kubernetesingress'].flatMap((provider) => [
        `--providers.${provider}.endpoint=${kubernetes.server}`,
        `--providers.${provider}.token=${kubernetes.token}`,
        `--providers.${provider}.certAuthFilePath=${kubernetes.ca}`,
        `--providers.${provider}.nativeLBByDefault=true`,
      ]),
      // At its default of two seconds a challenge asked for before the reload is lost for good.
      '--providers.providersThrottleDuration=100ms',
      '--global.checkNewVersion=false',
      '--global.sendAnonymousUsage=false',
      '--log.level=INFO',
    ],
  })
  await traefik.ready(async () => {
    const answer = await fetch(`http://127.0.0.1:${ports.api}/ping`)
    return answer.ok || undefined
  })
  return traefik
}

async function entryPointTls({
  folder,
  kubernetes,
  entryPointTls,
}: Parameters<typeof startTraefik>[0]): Promise<readonly string[]> {
  if (entryPointTls === 'none') return []
  const terminates = '--entryPoints.websecure.http.tls=true'
  if (entryPointTls === 'terminates') return [terminates]
  const clientAuth = { caFiles: [kubernetes.ca], clientAuthType: 'RequireAndVerifyClientCert' }
  const path = join(folder, 'traefik-mtls.yaml')
  await writeFile(path, JSON.stringify({ tls: { options: { mtls: { clientAuth } } } }))
  const options = '--entryPoints.websecure.http.tls.options=mtls@file'
  return [terminates, options, `--providers.file.filename=${path}`]
}
