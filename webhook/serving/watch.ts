import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { parseMeta, type KubeObject } from '../../shared/kube/object.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import type { JsonObject } from '../../shared/json/json.ts'
import { runReflector, type Change } from '../runtime/reflector.ts'
import type { Logger } from '../runtime/logger.ts'
import { DONE } from '../runtime/slices.ts'
import { INSTALLATION } from '../../shared/kube/installation.ts'
import { bundlesIn, CONFIGURATIONS } from './webhook-configurations.ts'

export type WatchInput = {
  readonly client: KubeClient
  readonly namespace: string
  /** Called when the Secret changed, or what a webhook configuration trusts. */
  readonly onChange: () => void
  readonly logger: Logger
  readonly signal: AbortSignal
}

/** An object, and what in it concerns the serving certificate. */
type Watched = KubeObject & { readonly concern: string }

/** Watches all that the serving certificate depends on, until the signal. */
export async function watchServing(input: WatchInput): Promise<void> {
  const { client, namespace, logger, signal } = input
  const onChange = (change: Change<Watched>): typeof DONE => {
    if (change.kind !== 'updated' || change.before.concern !== change.object.concern) {
      input.onChange()
    }
    return DONE
  }
  const common = { client, onChange, onSynced: () => undefined, logger, signal }
  const configuration = {
    ...common,
    // Not the address: servers with different ones would fight over it as fast as they can.
    parse: (object: JsonObject) => watched(object, bundlesIn(object).join(' ')),
  }
  await Promise.all([
    runReflector({
      ...common,
      resource: RESOURCES.secrets,
      namespace,
      fieldSelector: `metadata.name=${INSTALLATION.servingSecret}`,
      parse: (object) => watched(object, parseMeta(object['metadata'])?.resourceVersion ?? ''),
    }),
    ...CONFIGURATIONS.map(async ({ resource, name }) =>
      runReflector({ ...configuration, resource, fieldSelector: `metadata.name=${name}` }),
    ),
  ])
}

function watched(object: JsonObject, concern: string): Watched | undefined {
  const metadata = parseMeta(object['metadata'])
  return metadata === undefined ? undefined : { apiVersion: 'v1', kind: '', metadata, concern }
}
