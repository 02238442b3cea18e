import { ownerUids } from '../../shared/certmanager/acme.ts'
import type { Certificate } from '../../shared/certmanager/certificate.ts'
import {
  certificatesForHosts,
  certificatesForNamed,
  hostClaims,
  type ManagedRoute,
} from '../../shared/certificates/desired.ts'
import { decide } from '../../shared/route/decide.ts'
import { byAge } from '../../shared/kube/object.ts'
import { isOld } from '../../shared/route/old-route.ts'
import { isOurs } from '../../shared/kube/ours.ts'
import {
  resolveSettings,
  type ClusterSettings,
  type Settings,
} from '../../shared/settings/settings.ts'
import type { Route } from '../../shared/traefik/route.ts'
import type { Gathered } from '../gather/snapshot.ts'

/** What tlsauto makes of a Certificate that is deleted. */
export type RecreationPreview =
  /** Nothing: without it, its routes count as older than tlsauto, and are left alone. */
  | { readonly kind: 'nothing'; readonly routes: readonly string[] }
  /** Another one; `secret` is undefined where its name hangs on flags of the server. */
  | { readonly kind: 'certificate'; readonly secret: string | undefined }

type Found = { readonly route: Route; readonly settings: Settings }

/** What comes of a Certificate of tlsauto's if it is deleted, and those in `deleted` (uids) with it: a name
 * once chosen goes with it, and its routes may be left with nothing that tells them from old ones. */
export function recreationPreview(
  certificate: Certificate,
  context: {
    readonly gathered: Gathered
    readonly cluster: ClusterSettings
    readonly deleted: ReadonlySet<string>
  },
): RecreationPreview {
  const { gathered, cluster, deleted } = context
  const owners = new Set(ownerUids(certificate))
  const routes = gathered.routes
    .filter(({ metadata }) => owners.has(metadata.uid))
    .sort(byAge)
    .map((route): Found => ({ route, settings: settingsOf(route, gathered, cluster) }))
  const staying = new Set(
    gathered.certificates
      .filter((one) => isOurs(one) && !deleted.has(one.metadata.uid))
      .flatMap(ownerUids),
  )
  const { installedAt } = gathered
  const left = routes.filter(({ route, settings }) => {
    const owned = staying.has(route.metadata.uid)
    return !isOld({ route, settings, installedAt, owned })
  })
  if (routes.length > 0 && left.length === 0) {
    return { kind: 'nothing', routes: routes.map(({ route }) => route.metadata.name) }
  }
  const others = new Set(
    gathered.certificates
      .filter((one) => isOurs(one) && !deleted.has(one.metadata.uid))
      .filter(({ metadata }) => metadata.namespace === certificate.metadata.namespace)
      .map(({ metadata }) => metadata.name),
  )
  others.delete(certificate.metadata.name)
  return { kind: 'certificate', secret: secretNow(certificate, left, others) }
}

function settingsOf(
  { metadata }: Route,
  { namespaces }: Gathered,
  cluster: ClusterSettings,
): Settings {
  const namespace = namespaces.get(metadata.namespace)
  return resolveSettings({ cluster, namespace, route: metadata.annotations })
}

/** The Secret that the contract gives to its names now; `routes` come oldest first, `others` are the names
 * of Certificates that stay. */
function secretNow(
  { spec }: Certificate,
  routes: readonly Found[],
  others: ReadonlySet<string>,
): string | undefined {
  const managed = routes.flatMap(({ route, settings }): readonly ManagedRoute[] => {
    const verdict = decide(route, settings)
    return verdict.kind === 'managed' ? [{ route, settings, verdict }] : []
  })
  const names = new Set<string>(spec.dnsNames)
  const desired = [
    ...certificatesForNamed(managed),
    ...certificatesForHosts(
      hostClaims(managed, () => undefined),
      (name) => others.has(name),
    ),
  ].filter(({ dnsNames }) => dnsNames.some((name) => names.has(name)))
  const same = desired.find(({ secretName }) => secretName === spec.secretName)
  return (same ?? desired[0])?.secretName
}
