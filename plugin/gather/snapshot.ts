import type { CertificateRequest, Challenge, Order } from '../../shared/certmanager/acme.ts'
import type { Certificate } from '../../shared/certmanager/certificate.ts'
import { objectAt, textAt } from '../../shared/json/json.ts'
import { INSTALLATION } from '../../shared/kube/installation.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { RESOURCES, type Resource } from '../../shared/kube/resources.ts'
import type { NamespaceSettings } from '../../shared/settings/settings.ts'
import { parseRoute, type Route } from '../../shared/traefik/route.ts'
import { withRealCauses } from './challenge-events.ts'
import { listIssuances } from './issuances.ts'
import { listIfAllowed } from './list-if-allowed.ts'
import { listOrHide } from './list-or-hide.ts'
import { namespaceSettings } from './namespace-settings.ts'

/** Everything that a status is made of, as it was at one time. */
export type Gathered = {
  readonly routes: readonly Route[]
  readonly certificates: readonly Certificate[]
  /** As far as they are asked for: see `gather`. */
  readonly requests: readonly CertificateRequest[]
  readonly orders: readonly Order[]
  readonly challenges: readonly Challenge[]
  readonly namespaces: ReadonlyMap<string, NamespaceSettings>
  /** When tlsauto's webhook configuration was created; undefined: not there, or not to be read. */
  readonly installedAt: string | undefined
  /** What this user may not read, in a sentence each. */
  readonly hidden: readonly string[]
  /** Where each list ended, for a watch. */
  readonly versions: ReadonlyMap<Resource, string>
}

/** Lists it all, in one namespace or (undefined) in all; of the tries those that are under way or have failed,
 * with `past` those that succeeded too. What may not be read is said in `hidden`; routes and Certificates must
 * be. */
export async function gather(
  client: KubeClient,
  namespace: string | undefined,
  { past }: { readonly past: boolean } = { past: false },
): Promise<Gathered> {
  const [routes, tcpRoutes, issuances, namespaces, installedAt] = await Promise.all([
    listOrHide(client, RESOURCES.ingressRoutes, { namespace, parse: parseRoute, needed: true }),
    listOrHide(client, RESOURCES.ingressRouteTCPs, {
      namespace,
      parse: parseRoute,
      lost: 'their domains',
    }),
    listIssuances(client, { namespace, past }),
    readNamespaces(client, namespace),
    installationTime(client),
  ])
  const { certificates, requests, orders, challenges } = issuances
  const lists = [routes, tcpRoutes, certificates, requests, orders, challenges]
  return {
    routes: [...routes.items, ...tcpRoutes.items],
    certificates: certificates.items,
    requests: requests.items,
    orders: orders.items,
    challenges: await withRealCauses(client, namespace, challenges.items),
    namespaces,
    installedAt,
    hidden: lists.flatMap(({ hidden }) => hidden ?? []),
    versions: new Map(lists.flatMap(({ version }) => (version === undefined ? [] : [version]))),
  }
}

/** The namespaces' labels and annotations; none where they may not be read. */
export async function readNamespaces(
  client: KubeClient,
  namespace: string | undefined,
): Promise<ReadonlyMap<string, NamespaceSettings>> {
  if (namespace !== undefined) {
    const found = await client.get({ resource: RESOURCES.namespaces, name: namespace })
    return namespaceSettings(found.kind === 'found' ? [found.object] : [])
  }
  return namespaceSettings((await listIfAllowed(client, { resource: RESOURCES.namespaces })) ?? [])
}

async function installationTime(client: KubeClient): Promise<string | undefined> {
  const found = await client.get({
    resource: RESOURCES.mutatingWebhooks,
    name: INSTALLATION.webhooks,
  })
  if (found.kind !== 'found') return undefined
  return textAt(objectAt(found.object, 'metadata'), 'creationTimestamp')
}
