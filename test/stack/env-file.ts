import { dirname, join } from 'node:path'
import { ROOT } from './build-all.ts'
import type { StackWithTlsauto } from './with-tlsauto.ts'

/** What `make up` leaves for a shell to `source`. */
export const ENV_FILE = join(ROOT, '.tlsauto', 'env')

/** The logs of the cluster that `make up` started. */
export const LOGS = join(ROOT, '.tlsauto', 'logs')

/** The text of the file to source: where everything of the running cluster is. */
export function envFileText({ stack, tlsauto }: StackWithTlsauto): string {
  const tools = ['kubectl', 'helm'].map((name) => dirname(stack.built.program(name)))
  const path = [join(ROOT, 'dist'), ...tools].join(':')
  const values = {
    KUBECONFIG: stack.kubeconfig,
    TLSAUTO_API_SERVER: stack.apiServer,
    TLSAUTO_WEB: String(stack.web),
    TLSAUTO_WEBSECURE: String(stack.websecure),
    TLSAUTO_TRAEFIK_API: stack.traefikApi,
    TLSAUTO_ACME_ROOT: stack.acme.rootFile,
    TLSAUTO_ACME_DIRECTORY: stack.acme.directory,
    TLSAUTO_DNS_MANAGEMENT: stack.acme.dnsManagement,
    TLSAUTO_WEBHOOK: tlsauto.url,
    TLSAUTO_LOGS: LOGS,
  }
  const lines = Object.entries(values).map(([name, value]) => `export ${name}=${quote(value)}\n`)
  return [...lines, `export PATH=${quote(path)}:"$PATH"\n`].join('')
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
