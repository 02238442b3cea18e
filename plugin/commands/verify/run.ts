import { clusterSettings, defaultTexts } from '../../../shared/settings/flags.ts'
import { normalHost } from '../../../shared/traefik/hosts.ts'
import { exitCodeOf, runChecks, type Result } from '../../probe/check.ts'
import { doubtNote } from '../../gather/app-objects.ts'
import { gather } from '../../gather/snapshot.ts'
import { namespaceOf } from '../../command-line/options.ts'
import { checkLines } from '../../printers/check-lines.ts'
import { structured } from '../../printers/structured.ts'
import { readProbeOptions } from '../../probe/probe-options.ts'
import { endpointText } from '../../probe/endpoint.ts'
import { gatherDomainClaims } from '../../gather/domain-claims.ts'
import { report, type StatusItem } from '../../status/report.ts'
import type { ClusterContext, RunContext } from '../../command-line/run-context.ts'
import { leadsHere, VERIFY_CHECKS } from '../../verify/checks.ts'
import { verifyFacts, type VerifyFacts } from '../../verify/facts.ts'
import type { VerifyFlags } from './usage.ts'

type VerifyContext = Pick<RunContext, 'readFile'> & Omit<ClusterContext, 'signal'>

/** Compares what is served for a domain with what was issued; gives the exit code: 0 it is the same, 1
 * something is wrong, 2 there was no place to look at. */
export async function runVerify(command: VerifyFlags, context: VerifyContext): Promise<number> {
  const { client, terminal } = context
  const ca = command.ca === undefined ? undefined : await context.readFile(command.ca)
  const options = readProbeOptions(command.probe, ca)
  const [gathered, claims] = await Promise.all([
    gather(client, namespaceOf(command.cluster, client)),
    gatherDomainClaims(client),
  ])
  const now = context.now()
  // A host with a Certificate of ours counts as managed whatever the server's flags are.
  const items = report(gathered, { cluster: clusterSettings(defaultTexts()), now, claims })
  const item = itemOf(items, normalHost(command.domain))
  const facts = await verifyFacts(client, options, { item, gathered, now })
  const note = doubtNote(facts.doubted)
  if (note !== undefined) terminal.error(`note: ${note}\n`)
  const results = runChecks(VERIFY_CHECKS, facts)
  if (command.output === 'text') {
    for (const line of checkLines(results, terminal)) terminal.out(`${line}\n`)
  } else {
    terminal.out(structured(verifyAnswer(facts, results), command.output))
  }
  const code = exitCodeOf(results)
  return code === 0 && facts.places.length === 0 ? 2 : code
}

/** The one with a Certificate, where several routes serve the domain. */
function itemOf(items: readonly StatusItem[], domain: string): StatusItem {
  const meant = items.filter((item) => item.domain === domain)
  const item = meant.find(({ certificate }) => certificate !== null) ?? meant[0]
  if (item !== undefined) return item
  throw new Error(`no route here has the domain ${domain}; try -A, or -n NAMESPACE`)
}

/** As `-o json` prints it: an API. What is unknown is null. */
function verifyAnswer(facts: VerifyFacts, results: readonly Result[]): object {
  const { item, answer, traefik, issued } = facts
  const { namespace, route, domain, tlsStatus, state, certificate, secret } = item
  return {
    domain,
    namespace,
    route,
    tlsStatus,
    state,
    certificate,
    secret,
    dnsConfigured: leadsHere(facts),
    addresses: answer.kind === 'found' ? answer.addresses : [],
    traefik,
    issued: issued ?? null,
    served: facts.places.map(({ endpoint, served, http }) => ({
      address: endpointText(endpoint),
      certificate: served.kind === 'served' ? served.certificate : null,
      http: http.kind === 'answered' ? { status: http.status, location: http.location } : null,
    })),
    checks: results,
  }
}
