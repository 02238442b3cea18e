import { objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import { listParsed, type KubeClient } from '../../shared/kube/kube-client.ts'
import { isStatus } from '../../shared/kube/kube-error.ts'
import { parseEvent, type KubeEvent } from '../../shared/kube/event.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { adviceOn, causeOf } from '../../shared/findings/cause-of.ts'
import type { StatusItem } from './report.ts'

/** What hinders tlsauto from making a Certificate: it tells so in Events on the route, by these reasons. */
const HINDRANCES = [
  'CertificateRefused',
  'CertificateLimited',
  'ClaimLimited',
  'ClaimNameTaken',
] as const

/** Says of domains without a Certificate why there is none, in the words of their route's latest Event, where this
 * user may list Events. Nothing is asked while every domain has one. */
export async function withHindrances(
  client: KubeClient,
  namespace: string | undefined,
  items: readonly StatusItem[],
): Promise<readonly StatusItem[]> {
  if (!items.some(hasNoCertificate)) return items
  const latest = await latestByRoute(client, namespace)
  return items.map((item) => {
    const told = latest.get(`${item.kind} ${item.namespace}/${item.route}`)
    return told === undefined || !hasNoCertificate(item) ? item : hindered(item, told.event)
  })
}

function hasNoCertificate({ reason }: StatusItem): boolean {
  return reason === 'NoCertificate'
}

function hindered(item: StatusItem, { reason, message }: KubeEvent): StatusItem {
  const cause = causeOf({ reason, message })
  const whatToDo = cause === undefined ? null : adviceOn(cause, item.domain ?? 'DOMAIN').whatToDo
  return { ...item, reason, message, cause: cause ?? null, whatToDo }
}

type Told = { readonly route: string; readonly event: KubeEvent }

async function latestByRoute(
  client: KubeClient,
  namespace: string | undefined,
): Promise<ReadonlyMap<string, Told>> {
  const lists = await Promise.all(
    HINDRANCES.map(async (reason) => eventsOf(client, namespace, reason)),
  )
  const byTime = lists.flat().toSorted((a, b) => (a.event.time ?? 0) - (b.event.time ?? 0))
  return new Map(byTime.map((told) => [told.route, told]))
}

async function eventsOf(
  client: KubeClient,
  namespace: string | undefined,
  reason: string,
): Promise<readonly Told[]> {
  const fieldSelector = `reason=${reason}`
  const options = { resource: RESOURCES.events, namespace, fieldSelector }
  try {
    return (await listParsed(client, options, toldIn)).items
  } catch (error) {
    if (isStatus(error, 403)) return []
    throw error
  }
}

function toldIn(object: JsonObject): Told | undefined {
  const event = parseEvent(object)
  if (event === undefined) return undefined
  const namespace = textAt(objectAt(object, 'metadata'), 'namespace') ?? ''
  return { route: `${event.kind} ${namespace}/${event.name}`, event }
}
