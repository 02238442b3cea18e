import type { KubeObject } from './kube/object.ts'

/** Who applies: the field manager of every server-side apply, and the value of our label. */
export const FIELD_MANAGER = 'tlsauto'

/** What everything that tlsauto makes carries. */
export const OUR_LABELS: Readonly<Record<string, string>> = {
  'app.kubernetes.io/managed-by': FIELD_MANAGER,
}

/** Whether tlsauto made an object: it carries our label. */
export function isOurs(object: KubeObject): boolean {
  return object.metadata.labels['app.kubernetes.io/managed-by'] === FIELD_MANAGER
}
