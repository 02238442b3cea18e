import { objectAt, stringsAt, type JsonObject } from '../../../shared/json/json.ts'
import { KubeError } from '../../../shared/kube/kube-error.ts'
import type { KubeClient } from '../../../shared/kube/kube-client.ts'
import { RESOURCES } from '../../../shared/kube/resources.ts'
import { ATTACH, ENABLED, SECRET, type ClusterSettings } from '../../../shared/settings/settings.ts'
import type { DryRun } from './server-checks.ts'
import type { ServerFlags } from '../../gather/server/server-flags.ts'

/** Sends a plain route that is not stored: what comes back has been through admission. */
export async function tryRoute(
  client: KubeClient,
  namespace: string,
  { settings, unseen }: Pick<ServerFlags, 'settings' | 'unseen'>,
): Promise<DryRun> {
  const lookup = await client.get({ resource: RESOURCES.namespaces, name: namespace })
  const labels =
    lookup.kind === 'found' ? stringsAt(objectAt(lookup.object, 'metadata'), 'labels') : {}
  const attach = labels[ATTACH] ?? (unseen.has('attach') ? undefined : settings.attach)
  if (labels[ENABLED] === 'false' || attach === 'carry') {
    return { kind: 'none', why: `routes of namespace ${namespace} are left as they are` }
  }
  try {
    const answer = await client.create(RESOURCES.ingressRoutes, plainRoute(namespace, settings), {
      dryRun: true,
    })
    return answered(answer, attach !== undefined)
  } catch (error) {
    if (!(error instanceof KubeError) || error.status === 0) throw error
    return refusal(error)
  }
}

function plainRoute(
  namespace: string,
  { ingressClass, tlsEntryPoints }: ClusterSettings,
): JsonObject {
  const annotations =
    ingressClass === undefined ? {} : { 'kubernetes.io/ingress.class': ingressClass }
  const services = [{ name: 'tlsauto-doctor', port: 80 }]
  const match = 'Host(`tlsauto-doctor.example.com`)'
  return {
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'IngressRoute',
    metadata: { name: 'tlsauto-doctor', namespace, annotations },
    // HTTPS alone: no companion could be in the way.
    spec: { entryPoints: tlsEntryPoints, routes: [{ kind: 'Rule', match, services }] },
  }
}

function isOurDenial(line: string): boolean {
  const name = line.indexOf('validate.tlsauto.dev')
  return name >= 0 && line.includes(' denied', name)
}

/** What the answer says; without a Secret's name only where tlsauto should have added one. */
function answered(answer: JsonObject, isExpected: boolean): DryRun {
  const annotations = stringsAt(objectAt(answer, 'metadata'), 'annotations')
  if (annotations[SECRET] !== undefined) return { kind: 'completed' }
  if (isExpected) return { kind: 'untouched' }
  return { kind: 'none', why: 'the flag --attach of the server cannot be read' }
}

function refusal({ message, status }: KubeError): DryRun {
  // Only who is asked can deny.
  if (message.split('\n').some(isOurDenial)) return { kind: 'completed' }
  if (status === 403 && !message.includes('admission webhook')) {
    return {
      kind: 'none',
      why: 'you are not allowed to create routes here, so that none is sent as a dry run',
    }
  }
  return { kind: 'refused', message }
}
