import { appOf, type Verdict } from './decide.ts'
import { SECRET, type Settings } from '../settings/settings.ts'
import { annotationSize, type Route } from '../traefik/route.ts'

/** What a route should say so that Traefik serves its certificate. */
export type Attachment = {
  /** For `spec.tls.secretName` and, so that everyone later knows whose it is, `tlsauto.dev/secret`. */
  readonly secretName: string
  /** The name for `spec.tls.options`, only where the route has none of its own. */
  readonly options: string | undefined
}

/** What to add to a route, or undefined when nothing is: it is left alone, carriers bring its
 * certificates, or it names a Secret already. Neither is anything added before the route has the name
 * that its Secret is named after: the API server makes one of `generateName` after admission. */
export function attachmentFor(input: {
  readonly route: Route
  readonly settings: Settings
  readonly verdict: Verdict
}): Attachment | undefined {
  const { route, settings, verdict } = input
  if (verdict.kind === 'unmanaged' || verdict.attach === 'carry') return undefined
  const { tls } = route.spec
  if (tls?.secretName !== undefined || appOf(route, settings) === '') return undefined
  if (!hasRoomFor(verdict.secret, route)) return undefined
  const options = tls?.hasOptions === true ? undefined : settings.cluster.defaultTlsOptions
  return { secretName: verdict.secret, options }
}

/** What the API server takes of keys and values together, in bytes (apimachinery,
 * `TotalAnnotationSizeLimitB`): one more would cost the user his request. */
const LARGEST_ANNOTATIONS = 256 * 1024

function hasRoomFor(secret: string, { annotationBytes, metadata }: Route): boolean {
  const known = metadata.annotations[SECRET]
  const freed = known === undefined ? 0 : annotationSize(SECRET, known)
  return annotationBytes - freed + annotationSize(SECRET, secret) <= LARGEST_ANNOTATIONS
}
