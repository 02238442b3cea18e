import type { Operation } from 'fast-json-patch'
import { attachPatch } from '../../shared/attach-patch.ts'
import { attachmentFor, type Attachment } from '../../shared/attach.ts'
import { decide } from '../../shared/decide.ts'
import { namesOurSecret } from '../../shared/our-choice.ts'
import { resolveSettings, SECRET, type ClusterSettings } from '../../shared/settings.ts'
import { parseIngressRoute, type IngressRoute } from '../../shared/traefik/ingressroute.ts'
import type { Review } from './review.ts'

/** The patch for a request: a function of object, old object and flags alone (no index, no clock),
 * so that asking twice gives nothing new. A new route gets its Secret's name; an update gets back
 * what the stored object had from us. */
export function mutate(review: Review, cluster: ClusterSettings): readonly Operation[] {
  if (review.object === undefined) return []
  const route = parseIngressRoute(review.object)
  if (route === undefined) return []
  const attachment =
    review.operation === 'CREATE'
      ? attach(route, cluster)
      : putBack({ route, old: parseIngressRoute(review.oldObject), cluster })
  return attachment === undefined ? [] : attachPatch(review.object, attachment)
}

function attach(route: IngressRoute, cluster: ClusterSettings): Attachment | undefined {
  const settings = settingsOf(route, cluster)
  return attachmentFor({ route, settings, verdict: decide(route, settings) })
}

/** Only the same name again, and only where the route would be managed with it. */
function putBack(input: {
  readonly route: IngressRoute
  readonly old: IngressRoute | undefined
  readonly cluster: ClusterSettings
}): Attachment | undefined {
  const { route, old, cluster } = input
  if (old === undefined || !namesOurSecret(old)) return undefined
  const name = old.spec.tls?.secretName
  const secretName = route.spec.tls?.secretName
  const given = [secretName, route.metadata.annotations[SECRET]].filter(
    (text) => text !== undefined,
  )
  if (name === undefined || given.some((text) => text !== name)) return undefined
  const attachment = attach(withoutSecret(route), cluster)
  if (attachment === undefined) return undefined
  return { secretName: name, options: secretName === undefined ? attachment.options : undefined }
}

function withoutSecret(route: IngressRoute): IngressRoute {
  const { tls } = route.spec
  if (tls === undefined) return route
  return { ...route, spec: { ...route.spec, tls: { ...tls, secretName: undefined } } }
}

/** The namespace does not count here: what it says by label is in the webhook's namespaceSelector,
 * and the rest of it changes no patch. */
function settingsOf(
  route: IngressRoute,
  cluster: ClusterSettings,
): ReturnType<typeof resolveSettings> {
  return resolveSettings({ cluster, namespace: undefined, route: route.metadata.annotations })
}
