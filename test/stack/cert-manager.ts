import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import type { Acme } from './acme.ts'
import type { Run } from './control-plane.ts'
import type { Started } from './processes.ts'

const NAMESPACE = 'cert-manager'
/** What our main prints once its controllers see the cluster. */
const READY = 'cert-manager is ready'

/** A proxy's URL, and the hosts that are looked up and reached without it. */
export type HttpProxy = { readonly url: string; readonly except: readonly string[] }

/** Starts cert-manager's controllers; they trust the ACME server's own HTTPS. */
export async function startCertManager(
  run: Run & {
    readonly kubeconfig: string
    readonly client: KubeClient
    readonly acme: Acme
    readonly backoff: string
    readonly httpProxy?: HttpProxy
  },
): Promise<Started> {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }
  await run.client.create(RESOURCES.namespaces, namespace)
  const started = await run.processes.start(run.built.program('cert-manager'), {
    log: join(run.folder, 'logs', 'cert-manager.log'),
    args: [
      `--kubeconfig=${run.kubeconfig}`,
      `--cluster-resource-namespace=${NAMESPACE}`,
      `--dns01-recursive-nameservers=${run.acme.dnsServer}`,
      `--acme-http01-solver-nameservers=${run.acme.dnsServer}`,
      `--certificate-request-minimum-backoff-duration=${run.backoff}`,
    ],
    env: {
      SSL_CERT_FILE: run.acme.serverCa,
      SSL_CERT_DIR: '',
      // Go asks neither for what is on this machine.
      HTTP_PROXY: run.httpProxy?.url,
      HTTPS_PROXY: run.httpProxy?.url,
      NO_PROXY: run.httpProxy?.except.join(','),
    },
  })
  await started.ready(async () => {
    const log = await readFile(started.log, 'utf8')
    return log.includes(READY) || undefined
  })
  return started
}
