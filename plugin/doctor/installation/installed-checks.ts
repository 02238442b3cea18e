import { objectAt, textAt, type JsonObject } from '../../../shared/json/json.ts'
import type { Lookup } from '../../../shared/kube/kube-client.ts'
import { fine, unknown, wrong, type Check, type Outcome } from '../../probe/check.ts'
import { differences } from './installed.ts'

/** An object that this version ships, and what the cluster has under its name. */
export type Installed = { readonly shipped: JsonObject; readonly live: Lookup }

export type InstalledFacts = { readonly installed: readonly Installed[] }

/** Whether the webhook configurations and policies are what this version ships. */
export const INSTALLED_CHECKS: readonly Check<InstalledFacts>[] = [
  { name: 'config', look: configurationsAreAsShipped },
  { name: 'policies', look: policiesAreAsShipped },
]

const AGAIN = 'apply the manifest of this version again'

/** Whether an object is one of the webhook configurations; else it is a policy or its binding. */
export function isConfiguration({ shipped }: Installed): boolean {
  return textAt(shipped, 'kind')?.endsWith('WebhookConfiguration') === true
}

/** One that is missing, or not to be read, another check tells. */
function configurationsAreAsShipped({ installed }: InstalledFacts): Outcome | undefined {
  const changed = changesIn(installed.filter(isConfiguration))
  if (changed.length > 0) {
    return wrong(
      'a webhook configuration is not what this version ships',
      changed.join('; '),
      `if nobody changed it on purpose, find out who did, and ${AGAIN}`,
    )
  }
  const isSeen = installed.some((one) => isConfiguration(one) && one.live.kind === 'found')
  return isSeen
    ? fine('rules, selectors and failure policies are what this version ships')
    : undefined
}

function policiesAreAsShipped({ installed }: InstalledFacts): Outcome {
  const policies = installed.filter((one) => !isConfiguration(one))
  const missing = policies.filter(({ live }) => live.kind === 'missing').map(nameOf)
  if (missing.length > 0) {
    return wrong(
      'a policy that limits what tlsauto may write, or what may be done through it, is missing',
      missing.join(', '),
      `${AGAIN} (Kubernetes 1.30 or newer)`,
    )
  }
  const changed = changesIn(policies)
  if (changed.length > 0) {
    return wrong(
      'a policy is not what this version ships',
      changed.join('; '),
      `if nobody changed it on purpose, find out who did, and ${AGAIN}`,
    )
  }
  if (policies.some(({ live }) => live.kind === 'forbidden')) {
    return unknown('you are not allowed to read the policies that guard tlsauto')
  }
  return fine('the policies are what this version ships')
}

/** The objects that are not as shipped, each with its fields. */
function changesIn(installed: readonly Installed[]): readonly string[] {
  return installed.flatMap((one) => {
    if (one.live.kind !== 'found') return []
    const fields = differences(one.shipped, one.live.object)
    return fields.length === 0 ? [] : [`${nameOf(one)}: ${fields.join(', ')}`]
  })
}

function nameOf({ shipped }: Installed): string {
  return `${textAt(shipped, 'kind')} ${textAt(objectAt(shipped, 'metadata'), 'name')}`
}
