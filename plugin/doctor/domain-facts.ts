import type { Certificate, IssuerRef } from '../../shared/certmanager/certificate.ts'
import { objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import { findCondition } from '../../shared/kube/object.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { resolveSettings, type ClusterSettings } from '../../shared/settings/settings.ts'
import type { Gathered } from '../gather/snapshot.ts'
import { createRivalOf, type DomainClaims } from '../gather/domain-claims.ts'
import { createLookups } from '../gather/lookups.ts'
import { resolveCaa, resolveName } from '../probe/dns.ts'
import { endpointsOf } from '../probe/endpoint.ts'
import { listIfAllowed } from '../gather/list-if-allowed.ts'
import type { StatusItem } from '../status/report.ts'
import { traefikPlace } from '../gather/traefik-addresses.ts'
import type { ProbeOptions } from '../probe/probe-options.ts'
import type { DomainFacts } from './domain-checks.ts'
import { issuerFacts } from './issuer-facts.ts'
import { podlessChallenge } from './podless-challenge.ts'
import { probePaths } from './probe-paths.ts'
import { unmadeRequest } from './unmade-request.ts'

export type About = {
  readonly item: StatusItem
  readonly gathered: Gathered
  /** Whose the hosts are. */
  readonly claims: DomainClaims
  readonly settings: ClusterSettings
  readonly now: Date
  /** Of the issuance that is under way, or of the next one: the challenges that are open now count for nothing
   * there. */
  readonly issuance: 'current' | 'next'
}

/** Looks everywhere for what one domain needs. */
export async function domainFacts(
  client: KubeClient,
  options: ProbeOptions,
  about: About,
): Promise<DomainFacts> {
  const { item, gathered } = about
  const domain = item.domain ?? ''
  const { dns, address } = options
  const [issuer, quotas, answer, caa, { addresses: traefik }, challenges] = await Promise.all([
    issuerFacts(client, issuerOf(about), { host: domain, namespace: item.namespace }),
    listIfAllowed(client, { resource: RESOURCES.resourceQuotas, namespace: item.namespace }),
    resolveName(dns, domain.replace(/^\*/, 'tlsauto-doctor')),
    resolveCaa(dns, domain),
    traefikPlace(client, dns, address),
    listIfAllowed(client, { resource: RESOURCES.challenges, namespace: item.namespace }),
  ])
  const open =
    about.issuance === 'next' ? undefined : (challenges ?? []).find((one) => isOpen(one, domain))
  return {
    ...issuer,
    domain,
    item,
    routes: gathered.routes,
    httpEntryPoints: about.settings.httpEntryPoints,
    attach: about.settings.attach,
    holder: createRivalOf(about.claims)(domain, item.namespace),
    ...(await tryFacts(client, about)),
    podless: open && (await podlessChallenge(client, open, about.now)),
    quotas,
    answer,
    caa,
    traefik,
    paths: await probePaths(
      endpointsOf({ address, answer, traefik }).map(({ host }) => host),
      { options, domain, open },
    ),
  }
}

/** What its Certificate and its request say. */
async function tryFacts(
  client: KubeClient,
  about: About,
): Promise<Pick<DomainFacts, 'rival' | 'unapproved' | 'unmade'>> {
  const certificate = certificateOf(about)
  if (certificate === undefined) {
    return { rival: undefined, unapproved: undefined, unmade: undefined }
  }
  const { rival, request } = createLookups(about.gathered).chain(certificate, about.item.domain)
  return {
    rival,
    unapproved: request && unapprovedName(request),
    unmade: await unmadeRequest(client, certificate, request),
  }
}

/** That of its Certificate; where there is none, that which it would have. */
function issuerOf(about: About): IssuerRef {
  const certificate = certificateOf(about)
  if (certificate !== undefined) return certificate.spec.issuerRef
  const { item, gathered, settings: cluster } = about
  const route = gathered.routes.find(
    ({ metadata, kind }) =>
      metadata.namespace === item.namespace && metadata.name === item.route && kind === item.kind,
  )
  const namespace = gathered.namespaces.get(item.namespace)
  const annotations = route?.metadata.annotations ?? {}
  const settings = resolveSettings({ cluster, namespace, route: annotations })
  const isWildcard = item.domain?.startsWith('*') === true
  return (isWildcard ? settings.wildcardIssuer : undefined) ?? settings.issuer
}

function certificateOf({ item, gathered }: About): Certificate | undefined {
  return gathered.certificates.find(
    ({ metadata }) => metadata.namespace === item.namespace && metadata.name === item.certificate,
  )
}

type Chain = ReturnType<ReturnType<typeof createLookups>['chain']>

function unapprovedName(request: NonNullable<Chain['request']>): string | undefined {
  const decided = ['Approved', 'Denied'].some((type) => findCondition(request.conditions, type))
  return decided ? undefined : request.metadata.name
}

function isOpen(challenge: JsonObject, domain: string): boolean {
  const { type, dnsName } = objectAt(challenge, 'spec')
  const state = textAt(objectAt(challenge, 'status'), 'state') ?? 'pending'
  return type === 'HTTP-01' && dnsName === domain && state === 'pending'
}
