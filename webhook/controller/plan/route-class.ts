import type { JsonObject } from '../../../shared/json/json.ts'
import type { Route } from '../../../shared/traefik/route.ts'

const CLASS_ANNOTATION = 'kubernetes.io/ingress.class'

/** The class as a route has it, for what we make beside it: by the field, else by the annotation, which
 * Traefik before 3.7 reads alone. */
export function classOf(route: Route | undefined): {
  readonly spec: JsonObject
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> }
} {
  const field = route?.spec.ingressClassName
  if (field !== undefined) return { spec: { ingressClassName: field }, metadata: {} }
  const annotation = route?.metadata.annotations[CLASS_ANNOTATION]
  return {
    spec: {},
    metadata: annotation === undefined ? {} : { annotations: { [CLASS_ANNOTATION]: annotation } },
  }
}
