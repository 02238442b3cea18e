import type { KubeClient } from '../../../shared/kube/kube-client.ts'
import { isStatus } from '../../../shared/kube/kube-error.ts'
import { normalHost } from '../../../shared/traefik/hosts.ts'
import { exitCodeOf, runChecks, type Result } from '../../probe/check.ts'
import { DOMAIN_CHECKS } from '../../doctor/domain-checks.ts'
import { domainFacts } from '../../doctor/domain-facts.ts'
import { ISSUER_CHECKS } from '../../doctor/issuer-checks.ts'
import { issuerFacts } from '../../doctor/issuer-facts.ts'
import { SERVER_CHECKS, type ServerFacts } from '../../doctor/installation/server-checks.ts'
import { serverFacts } from '../../doctor/installation/server-facts.ts'
import { doubtNote } from '../../gather/app-objects.ts'
import { gather, type Gathered } from '../../gather/snapshot.ts'
import { checkLines } from '../../printers/check-lines.ts'
import { structured } from '../../printers/structured.ts'
import { readProbeOptions } from '../../probe/probe-options.ts'
import { withHindrances } from '../../status/with-hindrances.ts'
import { gatherDomainClaims } from '../../gather/domain-claims.ts'
import { report, type StatusItem } from '../../status/report.ts'
import type { ClusterContext } from '../../command-line/run-context.ts'
import type { DoctorFlags } from './usage.ts'

/** Checks the installation, and what a domain needs; gives the exit code: 0 nothing is wrong, else 1. */
export async function runDoctor(command: DoctorFlags, context: ClusterContext): Promise<number> {
  const { client, terminal } = context
  const namespace = command.cluster.namespace ?? client.namespace
  const server = await serverFacts(client, { namespace, now: context.now() })
  const note = doubtNote(server.doubted)
  if (note !== undefined) terminal.error(`note: ${note}\n`)
  const results = [
    ...runChecks(SERVER_CHECKS, server),
    ...(command.domain === undefined
      ? await issuerResults(client, server, namespace)
      : await domainResults(command, context, { server, domain: normalHost(command.domain) })),
  ]
  if (command.output === 'text') {
    for (const line of checkLines(results, terminal)) terminal.out(`${line}\n`)
  } else {
    terminal.out(structured({ domain: command.domain ?? null, checks: results }, command.output))
  }
  return exitCodeOf(results)
}

/** Of the issuers that tlsauto's flags name. */
async function issuerResults(
  client: KubeClient,
  { settings }: ServerFacts,
  namespace: string,
): Promise<readonly Result[]> {
  const { clusterIssuer, wildcardClusterIssuer } = settings
  const wanted = [
    { name: clusterIssuer, host: undefined },
    ...(wildcardClusterIssuer === undefined ? [] : [{ name: wildcardClusterIssuer, host: '*.x' }]),
  ]
  const results = await Promise.all(
    wanted.map(async ({ name, host }) => {
      const ref = { name, kind: 'ClusterIssuer', group: 'cert-manager.io' }
      return runChecks(ISSUER_CHECKS, await issuerFacts(client, ref, { host, namespace }))
    }),
  )
  return results.flat()
}

async function domainResults(
  command: DoctorFlags,
  context: ClusterContext,
  { server, domain }: { readonly server: ServerFacts; readonly domain: string },
): Promise<readonly Result[]> {
  const { client } = context
  const options = readProbeOptions(command.probe)
  const namespace = command.cluster.namespace ?? client.namespace
  const [gathered, claims] = await Promise.all([
    gatherAll(client, namespace),
    gatherDomainClaims(client),
  ])
  const { settings } = server
  const now = context.now()
  const found = report(gathered, { cluster: settings, now, claims })
  const items = await withHindrances(client, command.cluster.namespace, found)
  const item = itemOf(items, domain, command.cluster.allNamespaces ? undefined : namespace)
  const about = { item, gathered, claims, settings, now, issuance: 'current' } as const
  return runChecks(DOMAIN_CHECKS, await domainFacts(client, options, about))
}

/** Who else serves a host is to be seen in other namespaces only, where they may be read. */
async function gatherAll(client: KubeClient, namespace: string): Promise<Gathered> {
  try {
    return await gather(client, undefined)
  } catch (error) {
    if (!isStatus(error, 403)) throw error
    return gather(client, namespace)
  }
}

/** The route that has no certificate yet, where several serve the domain; else one that tlsauto takes care of. */
function itemOf(
  items: readonly StatusItem[],
  domain: string,
  namespace: string | undefined,
): StatusItem {
  const meant = items.filter(
    (item) => item.domain === domain && (namespace === undefined || item.namespace === namespace),
  )
  const managed = meant.filter(({ state }) => state !== 'unmanaged')
  const item = managed.find(({ state }) => state !== 'issued') ?? managed[0] ?? meant[0]
  if (item !== undefined) return item
  throw new Error(`no route here has the domain ${domain}; try -A, or -n NAMESPACE`)
}
