import { parseCertificate } from '../../../shared/certmanager/certificate.ts'
import { issuerTarget } from '../../../shared/certmanager/issuer.ts'
import { eachAlone, notJudged } from '../../../shared/json/each-alone.ts'
import { printable } from '../../../shared/findings/reasons.ts'
import { listParsed, type KubeClient, type Lookup } from '../../../shared/kube/kube-client.ts'
import { RESOURCES } from '../../../shared/kube/resources.ts'
import { isOurs } from '../../../shared/kube/ours.ts'
import {
  issuerItem,
  usedIssuers,
  type IssuerItem,
  type UsedIssuer,
} from '../../issuer/issuer-report.ts'
import { namespaceOf } from '../../command-line/options.ts'
import { issuerTable } from '../../printers/issuer-table.ts'
import { structured } from '../../printers/structured.ts'
import type { ClusterContext } from '../../command-line/run-context.ts'
import type { IssuerFlags } from './usage.ts'

/** Prints the issuers that tlsauto's Certificates use: whether they are Ready, whose account, which
 * domains. Gives the exit code: 0 fine, 1 when one is not Ready. */
export async function runIssuer(
  command: IssuerFlags,
  { client, terminal }: Pick<ClusterContext, 'client' | 'terminal'>,
): Promise<number> {
  const { output, names, headers, cluster } = command
  const namespace = namespaceOf(cluster, client)
  const items = selected(await issuers(client, namespace), names)
  if (output === 'json' || output === 'yaml') terminal.out(structured({ items }, output))
  else if (output === 'name') for (const item of items) terminal.out(`${nameOf(item)}\n`)
  else if (items.length === 0) {
    const elsewhere = cluster.allNamespaces ? '' : '; try -A for all namespaces'
    terminal.error(`no Certificate of tlsauto's is here, and so no issuer in use${elsewhere}\n`)
  } else {
    const wide = output === 'wide'
    for (const line of issuerTable(items, { wide, headers, terminal })) terminal.out(`${line}\n`)
  }
  return items.some(({ ready }) => ready === false) ? 1 : 0
}

async function issuers(
  client: KubeClient,
  namespace: string | undefined,
): Promise<readonly IssuerItem[]> {
  const options = { resource: RESOURCES.certificates, namespace }
  const { items } = await listParsed(client, options, parseCertificate)
  const certificates = items.filter(isOurs)
  const found = await Promise.all(
    usedIssuers(certificates).map(async (used) => ({ used, lookup: await lookUp(client, used) })),
  )
  return eachAlone(
    found,
    ({ used, lookup }) => issuerItem(used, lookup),
    ({ used }, error) => ({ ...issuerItem(used, undefined), message: notJudged(error) }),
  )
}

async function lookUp(
  client: KubeClient,
  { ref, namespace }: UsedIssuer,
): Promise<Lookup | undefined> {
  const target = issuerTarget(ref, namespace ?? '')
  return target && client.get(target)
}

function selected(items: readonly IssuerItem[], names: readonly string[]): readonly IssuerItem[] {
  const missing = names.find((name) => !items.some((item) => item.name === name))
  if (missing !== undefined) {
    throw new Error(`no Certificate of tlsauto's here uses an issuer ${missing}; try -A`)
  }
  return names.length === 0 ? items : items.filter(({ name }) => names.includes(name))
}

/** As kubectl names it: `clusterissuer.cert-manager.io/letsencrypt-prod`. */
function nameOf({ kind, group, name }: IssuerItem): string {
  return printable(`${kind.toLowerCase()}.${group}/${name}`)
}
