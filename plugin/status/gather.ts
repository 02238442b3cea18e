import {
  parseCertificateRequest,
  parseChallenge,
  parseOrder,
  type CertificateRequest,
  type Challenge,
  type Order,
} from '../../shared/certmanager/acme.ts'
import { parseCertificate, type Certificate } from '../../shared/certmanager/certificate.ts'
import { objectAt, textAt, type JsonObject } from '../../shared/json.ts'
import { isStatus } from '../../shared/kube/kube-error.ts'
import { listParsed, type KubeClient } from '../../shared/kube/kube-client.ts'
import { RESOURCES, type Resource } from '../../shared/kube/resources.ts'
import type { NamespaceSettings } from '../../shared/settings.ts'
import { parseRoute, type Route } from '../../shared/traefik/route.ts'
import { withRealCauses } from './challenge-events.ts'
import { listed } from './listed.ts'
import { namespaceSettings } from './namespace-settings.ts'

/** Everything that a status is made of, as it was at one time. */
export type Gathered = {
  readonly routes: readonly Route[]
  readonly certificates: readonly Certificate[]
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

/** Lists it all, in one namespace or (undefined) in all. Certificates come first: what made one fail
 * was there before its status said so, and is in every list made after. What may not be read is said
 * in `hidden`; routes and Certificates must be. */
export async function gather(client: KubeClient, namespace: string | undefined): Promise<Gathered> {
  const certificates = await list(client, RESOURCES.certificates, {
    namespace,
    parse: parseCertificate,
    needed: true,
  })
  const [routes, tcpRoutes, requests, orders, challenges, namespaces, installedAt] =
    await Promise.all([
      list(client, RESOURCES.routes, { namespace, parse: parseRoute, needed: true }),
      list(client, RESOURCES.tcpRoutes, { namespace, parse: parseRoute, lost: 'their domains' }),
      list(client, RESOURCES.requests, { namespace, parse: parseCertificateRequest }),
      list(client, RESOURCES.orders, { namespace, parse: parseOrder }),
      list(client, RESOURCES.challenges, { namespace, parse: parseChallenge }),
      readNamespaces(client, namespace),
      installationTime(client),
    ])
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

type Listing<T> = {
  readonly items: readonly T[]
  readonly version: readonly [Resource, string] | undefined
  readonly hidden: string | undefined
}

async function list<T>(
  client: KubeClient,
  resource: Resource,
  options: {
    readonly namespace: string | undefined
    readonly parse: (object: JsonObject) => T | undefined
    readonly needed?: boolean
    /** What stays unknown to who may not list it. */
    readonly lost?: string
  },
): Promise<Listing<T>> {
  try {
    const { namespace, parse } = options
    const { items, resourceVersion } = await listParsed(client, { resource, namespace }, parse)
    return { items, version: [resource, resourceVersion], hidden: undefined }
  } catch (error) {
    if (options.needed !== true && isStatus(error, 403)) {
      const { lost = 'some causes' } = options
      const hidden = `you may not list ${resource.plural}, so that ${lost} stay unknown`
      return { items: [], version: undefined, hidden }
    }
    if (isStatus(error, 404)) throw notInstalled(resource, error)
    throw error
  }
}

function notInstalled(resource: Resource, cause: Error): Error {
  const owner = resource.apiVersion.startsWith('traefik.io') ? 'Traefik' : 'cert-manager'
  return new Error(
    `the cluster knows no ${resource.plural}: is ${owner} installed with its CRDs?`,
    {
      cause,
    },
  )
}

/** Their labels and annotations; none where they may not be read. */
async function readNamespaces(
  client: KubeClient,
  namespace: string | undefined,
): Promise<ReadonlyMap<string, NamespaceSettings>> {
  if (namespace !== undefined) {
    const found = await client.get({ resource: RESOURCES.namespaces, name: namespace })
    return namespaceSettings(found.kind === 'found' ? [found.object] : [])
  }
  return namespaceSettings((await listed(client, { resource: RESOURCES.namespaces })) ?? [])
}

async function installationTime(client: KubeClient): Promise<string | undefined> {
  const found = await client.get({ resource: RESOURCES.mutatingWebhooks, name: 'tlsauto' })
  if (found.kind !== 'found') return undefined
  return textAt(objectAt(found.object, 'metadata'), 'creationTimestamp')
}
