import type { KubeObject } from './object.ts'

/** Who applies: the field manager of every server-side apply, and the value of our label. */
export const FIELD_MANAGER = 'tlsauto'

/** What everything that tlsauto makes carries. */
export const OUR_LABELS: Readonly<Record<string, string>> = {
  'app.kubernetes.io/managed-by': FIELD_MANAGER,
}

/** Selects it in a list or a watch. */
export const OURS_SELECTOR = `app.kubernetes.io/managed-by=${FIELD_MANAGER}`

/** Whether tlsauto made an object: it carries our label. */
export function isOurs(object: KubeObject): boolean {
  return object.metadata.labels['app.kubernetes.io/managed-by'] === FIELD_MANAGER
}

/** On a companion, written by tlsauto: the hosts that it redirects, with commas between; also when there
 * are none, which tells a companion from a carrier. */
export const REDIRECTS = 'tlsauto.dev/redirects'

/** Whether an object is the route that answers plain HTTP in another one's place. */
export function isCompanion(object: KubeObject): boolean {
  return isOurs(object) && object.metadata.annotations[REDIRECTS] !== undefined
}
