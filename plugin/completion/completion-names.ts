import { hostsOf, parseCertificate } from '../../shared/certmanager/certificate.ts'
import { kubeClient } from '../../shared/kube/client.ts'
import { listPages, type KubeClient, type ListOptions } from '../../shared/kube/kube-client.ts'
import { contextNames } from '../../shared/kube/kubeconfig.ts'
import { parseMeta } from '../../shared/kube/object.ts'
import type { Environment } from '../../shared/kube/proxy-of.ts'
import { RESOURCES, type Resource } from '../../shared/kube/resources.ts'
import type { JsonObject } from '../../shared/json/json.ts'
import { OURS_SELECTOR } from '../../shared/kube/ours.ts'
import { isNameOf, type NameKind } from './completion-words.ts'

/** Where to look for names: as the words before say. */
export type Place = {
  readonly kubeconfigs: readonly string[]
  readonly kubeconfig: string | undefined
  readonly context: string | undefined
  readonly namespace: string | undefined
  readonly allNamespaces: boolean
  /** Of which the proxies are taken. */
  readonly env?: Environment | undefined
}

/** A person waits with the finger on the tab key. */
const PATIENCE_MS = 2000

/** The names of these kinds, sorted; what comes too late, may not be read, or is no such name, is left out in
 * silence. */
export async function namesOf(
  kinds: readonly NameKind[],
  place: Place,
): Promise<readonly string[]> {
  const found = await Promise.allSettled(sourcesOf(kinds).map(async (source) => source(place)))
  const names = found.flatMap((result) => (result.status === 'fulfilled' ? result.value : []))
  return [...new Set(names)].toSorted()
}

type Source = (place: Place) => Promise<readonly string[]>

/** One list gives the names of Certificates and their domains. */
function sourcesOf(kinds: readonly NameKind[]): readonly Source[] {
  const ofCertificates = kinds.filter((kind) => kind === 'domains' || kind === 'certificates')
  const others = kinds.flatMap((kind) => SOURCES[kind] ?? [])
  if (ofCertificates.length === 0) return others
  return [...others, async (place) => certificateNames(ofCertificates, place)]
}

const SOURCES: Partial<Readonly<Record<NameKind, Source>>> = {
  routes: async (place) => [
    ...(await objectNames(RESOURCES.ingressRoutes, place)),
    ...(await objectNames(RESOURCES.ingressRouteTCPs, place)),
  ],
  issuers: async (place) => [
    ...(await objectNames(RESOURCES.clusterIssuers, place)),
    ...(await objectNames(RESOURCES.issuers, place)),
  ],
  namespaces: async (place) => objectNames(RESOURCES.namespaces, place),
  contexts: async (place) => namesAmong('contexts', contextNames(place)),
}

function namesAmong(kind: NameKind, names: readonly string[]): readonly string[] {
  return names.filter((name) => isNameOf(kind, name))
}

async function certificateNames(
  kinds: readonly NameKind[],
  place: Place,
): Promise<readonly string[]> {
  const options = { resource: RESOURCES.certificates, labelSelector: OURS_SELECTOR }
  const certificates = (await listed(options, place)).flatMap(
    (item) => parseCertificate(item) ?? [],
  )
  return certificates.flatMap((one) => [
    ...(kinds.includes('certificates') ? namesAmong('certificates', [one.metadata.name]) : []),
    ...(kinds.includes('domains') ? namesAmong('domains', hostsOf(one)) : []),
  ])
}

/** Without tlsauto's own, which nobody means. */
async function objectNames(resource: Resource, place: Place): Promise<readonly string[]> {
  const labelSelector = resource.kind.startsWith('IngressRoute')
    ? OURS_SELECTOR.replace('=', '!=')
    : undefined
  const objects = await listed({ resource, labelSelector, metadataOnly: true }, place)
  const names = objects.flatMap(({ metadata }) => parseMeta(metadata)?.name ?? [])
  return namesAmong('routes', names)
}

async function listed(
  options: ListOptions,
  { allNamespaces, ...place }: Place,
): Promise<readonly JsonObject[]> {
  const client = kubeClient({ ...place, timeout: PATIENCE_MS })
  const namespace = allNamespaces ? undefined : (place.namespace ?? client.namespace)
  const { namespaced } = options.resource
  return inTime(client, namespaced ? { ...options, namespace } : options)
}

/** The pages that came before patience ran out. */
async function inTime(client: KubeClient, options: ListOptions): Promise<readonly JsonObject[]> {
  const signal = AbortSignal.timeout(PATIENCE_MS)
  const items: JsonObject[] = []
  try {
    for await (const page of listPages(client, { ...options, signal })) items.push(...page.items)
  } catch (error) {
    if (!signal.aborted) throw error
  }
  return items
}
