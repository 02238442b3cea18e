import type { Challenge } from '../../shared/certmanager/acme.ts'
import { objectAt, textAt } from '../../shared/json/json.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { listIfAllowed } from './list-if-allowed.ts'

/** cert-manager 1.21 may accept a challenge a second time before it has read its own first result,
 * and the ACME server's complaint about that takes the real cause's place in the status. */
const ACCEPTED_TWICE = /Cannot update challenge with status|challenge is not pending/i
const FAILED = 'Accepting challenge authorization failed: '

/** Challenges whose cause was overwritten get it back from their Events, where they are to be read.
 * Nothing is asked while there are none. */
export async function withRealCauses(
  client: KubeClient,
  namespace: string | undefined,
  challenges: readonly Challenge[],
): Promise<readonly Challenge[]> {
  if (!challenges.some(({ reason }) => ACCEPTED_TWICE.test(reason))) return challenges
  const causes = await causesByUid(client, namespace)
  return challenges.map((challenge) => {
    const cause = causes.get(challenge.metadata.uid)
    if (cause === undefined || !ACCEPTED_TWICE.test(challenge.reason)) return challenge
    return { ...challenge, reason: cause }
  })
}

async function causesByUid(
  client: KubeClient,
  namespace: string | undefined,
): Promise<ReadonlyMap<string, string>> {
  const fieldSelector = 'involvedObject.kind=Challenge,reason=Failed'
  const events = await listIfAllowed(client, {
    resource: RESOURCES.events,
    namespace,
    fieldSelector,
  })
  return new Map(
    (events ?? []).map((event) => [
      textAt(objectAt(event, 'involvedObject'), 'uid') ?? '',
      (textAt(event, 'message') ?? '').replace(FAILED, ''),
    ]),
  )
}
