import { issuerTarget, parseIssuer } from '../../shared/certmanager/issuer.ts'
import { objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import { parseEvent } from '../../shared/kube/event.ts'
import { listAll, type KubeClient, type ListOptions } from '../../shared/kube/kube-client.ts'
import { isStatus } from '../../shared/kube/kube-error.ts'
import { parseMeta, type ObjectMeta } from '../../shared/kube/object.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { isOwned, type Around, type Chain, type SolverObject } from './chain.ts'

/** Reads what a chain alone does not show: its issuer, what answers its challenges, and the Events of all
 * of them. What may not be read is said in `hidden`. */
export async function gatherAround(client: KubeClient, chain: Chain): Promise<Around> {
  const [issuer, solvers] = await Promise.all([
    readIssuer(client, chain),
    readSolvers(client, chain),
  ])
  const { route, certificate, request, order, challenges } = chain
  const objects = [route, certificate, request, order, ...challenges, ...solvers.objects]
  const metas = objects.flatMap((object) => object?.metadata ?? [])
  if (issuer.around.kind === 'found') metas.push(issuer.around.issuer.metadata)
  const events = await Promise.all(metas.map(async (meta) => readEvents(client, meta)))
  return {
    issuer: issuer.around,
    solvers: solvers.objects,
    events: events.flatMap(({ items }) => items.flatMap((item) => parseEvent(item) ?? [])),
    hidden: [...new Set([issuer, solvers, ...events].flatMap(({ hidden }) => hidden))],
  }
}

type Hidden = { readonly hidden: readonly string[] }

async function readIssuer(
  client: KubeClient,
  { certificate }: Chain,
): Promise<Hidden & { readonly around: Around['issuer'] }> {
  const unknown = { around: { kind: 'unknown' }, hidden: [] } as const
  const target =
    certificate && issuerTarget(certificate.spec.issuerRef, certificate.metadata.namespace)
  // An external issuer is of a kind that we know nothing about.
  if (target === undefined) return unknown
  const found = await client.get(target)
  if (found.kind === 'forbidden') {
    const { plural } = target.resource
    return {
      ...unknown,
      hidden: [`you are not allowed to get ${plural}, so that the issuer stays unknown`],
    }
  }
  if (found.kind === 'missing') return { around: { kind: 'missing' }, hidden: [] }
  const issuer = parseIssuer(found.object)
  return issuer === undefined ? unknown : { around: { kind: 'found', issuer }, hidden: [] }
}

const SOLVER_KINDS = [RESOURCES.pods, RESOURCES.services, RESOURCES.ingresses] as const

async function readSolvers(
  client: KubeClient,
  { challenges }: Chain,
): Promise<Hidden & { readonly objects: readonly SolverObject[] }> {
  const namespace = challenges[0]?.metadata.namespace
  if (namespace === undefined) return { objects: [], hidden: [] }
  const labelSelector = 'acme.cert-manager.io/http01-solver=true'
  const lists = await Promise.all(
    SOLVER_KINDS.map(async (resource) => {
      const options = { resource, namespace, labelSelector }
      const { items, hidden } = await readList(client, options, 'the solver')
      return { hidden, objects: items.flatMap((item) => solverObject(resource.kind, item)) }
    }),
  )
  const hidden = lists.flatMap((list) => list.hidden)
  const objects = lists
    .flatMap((list) => list.objects)
    .filter((object) => challenges.some((challenge) => isOwned(object, challenge)))
  return { objects, hidden }
}

function solverObject(kind: string, item: JsonObject): readonly SolverObject[] {
  const metadata = parseMeta(item['metadata'])
  if (metadata === undefined) return []
  return [{ kind, metadata, state: textAt(objectAt(item, 'status'), 'phase') ?? '' }]
}

/** Events of what has no namespace are in `default`. */
async function readEvents(client: KubeClient, { uid, namespace }: ObjectMeta) {
  const fieldSelector = `involvedObject.uid=${uid}`
  const options = { resource: RESOURCES.events, namespace: namespace || 'default', fieldSelector }
  return readList(client, options, 'what happened')
}

async function readList(
  client: KubeClient,
  options: ListOptions,
  lost: string,
): Promise<Hidden & { readonly items: readonly JsonObject[] }> {
  try {
    const { items } = await listAll(client, options)
    return { items, hidden: [] }
  } catch (error) {
    if (!isStatus(error, 403)) throw error
    const { plural } = options.resource
    return {
      items: [],
      hidden: [`you are not allowed to list ${plural}, so that ${lost} stays unknown`],
    }
  }
}
