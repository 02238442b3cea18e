import type { Operation } from 'fast-json-patch'
import { attachPatch } from '../../shared/route/attach-patch.ts'
import { attachmentFor, type Attachment } from '../../shared/route/attach.ts'
import { decide } from '../../shared/route/decide.ts'
import { namesOurSecret } from '../../shared/route/our-choice.ts'
import { resolveSettings, SECRET, type ClusterSettings } from '../../shared/settings/settings.ts'
import { besideStrangers, NOTHING_TAKEN, type TakenNames } from '../../shared/route/taken-names.ts'
import { besideTcp, type TcpServices } from '../../shared/route/tcp-services.ts'
import { parseRoute, type Route } from '../../shared/traefik/route.ts'
import type { Review } from './review.ts'

/** What shapes a patch, or may withhold it. */
export type MutateContext = {
  readonly cluster: ClusterSettings
  /** See `TcpServices`: one of the two things for which the index may withhold a whole patch. */
  readonly servedByTcp: TcpServices['servedBy']
  /** The other one. */
  readonly takenNames: Pick<TakenNames, 'isCompanionTaken'>
}

/** The patch for a request: a function of object, old object and flags alone (no clock, and no index
 * but to withhold it), so that asking twice gives nothing new. A new route gets its Secret's name; an
 * update gets back what the stored object had from us. */
export function mutate(review: Review, context: MutateContext): readonly Operation[] {
  if (review.object === undefined) return []
  const route = parseRoute(review.object)
  if (route === undefined) return []
  const attachment =
    review.operation === 'CREATE'
      ? attach(route, context)
      : putBack({ route, old: parseRoute(review.oldObject), context })
  return attachment === undefined ? [] : attachPatch(review.object, attachment)
}

function attach(route: Route, context: MutateContext): Attachment | undefined {
  const settings = settingsOf(route, context.cluster)
  const alone = besideTcp(decide(route, settings), route, context.servedByTcp)
  const verdict = besideStrangers(alone, { route, settings }, context.takenNames)
  return attachmentFor({ route, settings, verdict })
}

/** Only the same name again, and only where the route would be managed with it. */
function putBack(input: {
  readonly route: Route
  readonly old: Route | undefined
  readonly context: MutateContext
}): Attachment | undefined {
  const { route, old, context } = input
  if (old === undefined || !namesOurSecret(old)) return undefined
  const name = old.spec.tls?.secretName
  const secretName = route.spec.tls?.secretName
  const given = [secretName, route.metadata.annotations[SECRET]].filter(
    (text) => text !== undefined,
  )
  if (name === undefined || given.some((text) => text !== name)) return undefined
  // What had HTTPS before keeps it: no TCP service is taken away that was not taken already, and what a
  // stranger's object would end the controller takes back in the safe order.
  const attachment = attach(withoutSecret(route), {
    ...context,
    servedByTcp: () => undefined,
    takenNames: NOTHING_TAKEN,
  })
  if (attachment === undefined) return undefined
  return { secretName: name, options: secretName === undefined ? attachment.options : undefined }
}

function withoutSecret(route: Route): Route {
  const { tls } = route.spec
  if (tls === undefined) return route
  return { ...route, spec: { ...route.spec, tls: { ...tls, secretName: undefined } } }
}

/** The namespace does not count here: what it says by label is in the webhook's namespaceSelector,
 * and the rest of it changes no patch. */
function settingsOf(route: Route, cluster: ClusterSettings): ReturnType<typeof resolveSettings> {
  return resolveSettings({ cluster, namespace: undefined, route: route.metadata.annotations })
}
