import type { KubeClient } from '../../shared/kube/kube-client.ts'
import type { DnsFlags } from '../command-line/probe-flags.ts'
import { dnsConfigured } from './dns-state.ts'
import { resolveName, type DnsAnswer, type DnsClient } from '../probe/dns.ts'
import { readDnsOptions } from '../probe/probe-options.ts'
import type { StatusItem } from './report.ts'
import { traefikPlace } from '../gather/traefik-addresses.ts'

const AT_ONCE = 32

/** Items, and the namespaces with a Service that has the label of Traefik and was not used. */
export type Asked = { readonly items: readonly StatusItem[]; readonly doubted: readonly string[] }

/** The items with what DNS says, as the flags want it asked; without flags nothing is asked. */
export async function askDns(
  items: readonly StatusItem[],
  flags: DnsFlags | undefined,
  client: KubeClient,
): Promise<Asked> {
  if (flags === undefined) return { items, doubted: [] }
  const { dns, address } = readDnsOptions(flags)
  const { addresses, doubted } = await traefikPlace(client, dns, address)
  return { items: await withDns(items, dns, addresses), doubted }
}

/** The items with what DNS says of their domains: whether they lead to Traefik's addresses; null where
 * nobody can tell. Each name is asked for once. */
export async function withDns(
  items: readonly StatusItem[],
  dns: DnsClient,
  traefik: readonly string[],
): Promise<readonly StatusItem[]> {
  const answers = await resolveAll(dns, new Set(items.flatMap(({ domain }) => domain ?? [])))
  return items.map((item) => {
    const name = item.domain ?? ''
    const answer = answers.get(name)
    if (answer === undefined) return item
    return { ...item, dnsConfigured: dnsConfigured({ name, answer, traefik }) }
  })
}

/** Some at once, so that no DNS server is flooded. */
async function resolveAll(
  dns: DnsClient,
  domains: ReadonlySet<string>,
): Promise<ReadonlyMap<string, DnsAnswer>> {
  const answers = new Map<string, DnsAnswer>()
  const left = domains.values()
  const work = async (): Promise<void> => {
    for (const domain of left) {
      // A wildcard stands for any name below it.
      const name = domain.replace(/^\*/, 'tlsauto-status')
      answers.set(domain, await resolveName(dns, name))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return answers
}
