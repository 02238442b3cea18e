import { isIP } from 'node:net'
import {
  isJsonObject,
  listAt,
  objectAt,
  textAt,
  textsAt,
  type JsonObject,
} from '../../shared/json.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { resolveName, type DnsClient } from '../probe/dns.ts'
import { listed } from './listed.ts'

/** As Traefik's Helm chart and k3s label it. */
const SELECTOR = 'app.kubernetes.io/name=traefik'

/** The addresses at which Traefik's Services are reached from outside; none where there is no such
 * Service, or where Services may not be listed. A load balancer's host name is resolved. */
export async function traefikAddresses(
  client: KubeClient,
  dns: DnsClient,
): Promise<readonly string[]> {
  const services = await listed(client, { resource: RESOURCES.services, labelSelector: SELECTOR })
  const places = (services ?? []).flatMap(outsideAddresses)
  const addresses = await Promise.all(places.map(async (place) => addressesOf(place, dns)))
  return [...new Set(addresses.flat())]
}

/** An address itself, or those of a host name; none where DNS has none. */
export async function addressesOf(place: string, dns: DnsClient): Promise<readonly string[]> {
  if (isIP(place) !== 0) return [place]
  const answer = await resolveName(dns, place)
  return answer.kind === 'found' ? answer.addresses : []
}

/** What a load balancer gave the Service, and the addresses that its spec names. */
function outsideAddresses(service: JsonObject): readonly string[] {
  const ingress = listAt(objectAt(objectAt(service, 'status'), 'loadBalancer'), 'ingress')
  const given = ingress
    .filter(isJsonObject)
    .flatMap((one) => textAt(one, 'ip') ?? textAt(one, 'hostname') ?? [])
  const named = textsAt(objectAt(service, 'spec'), 'externalIPs')
  return [...given, ...named]
}
