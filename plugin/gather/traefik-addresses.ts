import { isIP } from 'node:net'
import {
  jsonObjectsAt,
  objectAt,
  textAt,
  textsAt,
  type JsonObject,
} from '../../shared/json/json.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { resolveName, type DnsClient } from '../probe/dns.ts'
import type { Endpoint } from '../probe/endpoint.ts'
import { appObjects } from './app-objects.ts'

/** Where Traefik is reached. */
export type TraefikPlace = {
  readonly addresses: readonly string[]
  /** Namespaces with a Service that has the label of Traefik and was not used. */
  readonly doubted: readonly string[]
}

/** The addresses at which Traefik's Services are reached from outside; none where there is no such
 * Service, or where Services may not be listed. A load balancer's host name is resolved. */
async function traefikAddresses(client: KubeClient, dns: DnsClient): Promise<TraefikPlace> {
  const { objects, doubted } = await appObjects(client, 'traefik', [RESOURCES.services])
  const places = objects.flatMap(outsideAddresses)
  const addresses = await Promise.all(places.map(async (place) => addressesOf(place, dns)))
  return { addresses: [...new Set(addresses.flat())], doubted }
}

/** Where the operator says that Traefik is, or else where its Services are. */
export async function traefikPlace(
  client: KubeClient,
  dns: DnsClient,
  address: Endpoint | undefined,
): Promise<TraefikPlace> {
  if (address === undefined) return traefikAddresses(client, dns)
  return { addresses: await addressesOf(address.host, dns), doubted: [] }
}

/** An address itself, or those of a host name; none where DNS has none. */
async function addressesOf(place: string, dns: DnsClient): Promise<readonly string[]> {
  if (isIP(place) !== 0) return [place]
  const answer = await resolveName(dns, place)
  return answer.kind === 'found' ? answer.addresses : []
}

/** What a load balancer gave the Service, and the addresses that its spec names. */
function outsideAddresses(service: JsonObject): readonly string[] {
  const ingress = jsonObjectsAt(objectAt(objectAt(service, 'status'), 'loadBalancer'), 'ingress')
  const given = ingress.flatMap((one) => textAt(one, 'ip') ?? textAt(one, 'hostname') ?? [])
  const named = textsAt(objectAt(service, 'spec'), 'externalIPs')
  return [...given, ...named]
}
