import { parseCertificate } from '../../shared/certmanager/certificate.ts'
import { parseDomainClaim } from '../../shared/claims/domain-claim.ts'
import { NONE, type JsonObject } from '../../shared/json/json.ts'
import { INSTALLATION } from '../../shared/kube/installation.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { parseMeta, type KubeObject } from '../../shared/kube/object.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { parseIngress } from '../../shared/route/seen-hosts.ts'
import { parseRoute } from '../../shared/traefik/route.ts'
import type { OnFault } from '../runtime/faults.ts'
import type { Logger } from '../runtime/logger.ts'
import type { Metrics } from '../runtime/metrics.ts'
import { runReflector, type Pace, type ReflectorInput } from '../runtime/reflector.ts'
import type { Slices } from '../runtime/slices.ts'
import type { Handlers } from './change-handlers.ts'
import { createIngressMemory, createRouteMemory, type Memory } from './index/route-memory.ts'
import { parseMiddleware } from './plan/redirect-middleware.ts'

export type ReflectorsInput = {
  readonly client: KubeClient
  readonly handlers: Handlers
  readonly pace: Pace
  readonly slices: Slices
  readonly metrics: Pick<Metrics, 'listed' | 'watchRestarts'>
  /** Called for each when its first list is in. */
  readonly onSynced: () => void
  readonly onFault: OnFault
  readonly logger: Logger
  readonly signal: AbortSignal
}

/** How many there are: of routes of two kinds, Ingresses, Certificates, Middlewares, DomainClaims, namespaces, and our
 * webhook configuration. */
export const REFLECTORS = 8

/** What follows from a list that fails before it was ever in, and what to do about it. */
const UNLISTED: Readonly<Record<string, string>> = {
  403: ': nothing is written until they are; apply the roles of this version’s manifest',
  404: ': nothing is written until they are; apply this version’s manifest',
}

/** Starts to follow all that the index knows; each ends with the signal. */
export function startReflectors(input: ReflectorsInput): readonly Promise<void>[] {
  const { client, handlers, pace, slices, onFault, logger, signal } = input
  const { onNamespace, onRoute, onCertificate, onConfiguration, onMiddleware } = handlers
  const { onIngress, onClaim } = handlers
  const { namespaces, certificates, middlewares, domainClaims, ingresses } = RESOURCES
  const { ingressRoutes, ingressRouteTCPs, mutatingWebhooks } = RESOURCES
  const fieldSelector = `metadata.name=${INSTALLATION.webhooks}`
  const configuration = { resource: mutatingWebhooks, fieldSelector, parse: parseObject }
  // Not all of the input: what else its caller has, such as a namespace, is none of a reflector's.
  const common = { client, pace, slices, onFault, logger, signal }
  const reflect = async <T extends KubeObject>(one: Reflected<T>): Promise<void> =>
    runReflector({ ...common, ...one, ...tellingLists(input, one.resource.kind) })
  return [
    reflect({ ...configuration, onChange: onConfiguration }),
    reflect({ resource: namespaces, parse: parseObject, onChange: onNamespace }),
    reflect({ resource: ingressRoutes, ...kept(parseRoute, createRouteMemory(), onRoute) }),
    reflect({ resource: ingressRouteTCPs, ...kept(parseRoute, createRouteMemory(), onRoute) }),
    reflect({ resource: ingresses, ...kept(parseIngress, createIngressMemory(), onIngress) }),
    reflect({ resource: domainClaims, parse: parseDomainClaim, onChange: onClaim }),
    reflect({ resource: middlewares, parse: parseMiddleware, onChange: onMiddleware }),
    reflect({ resource: certificates, parse: parseCertificate, onChange: onCertificate }),
  ]
}

type Reflected<T extends KubeObject> = Pick<
  ReflectorInput<T>,
  'resource' | 'parse' | 'onChange'
> & { readonly fieldSelector?: string }

/** Says by metrics which lists are in, and in the log, once for each cause, which can't be. */
function tellingLists(
  { metrics, logger, onSynced }: ReflectorsInput,
  kind: string,
): Required<Pick<ReflectorInput<KubeObject>, 'onInterrupted' | 'onSynced'>> {
  let isListed = false
  let told = ''
  metrics.listed.set({ kind }, 0)
  return {
    onInterrupted: (cause) => {
      metrics.watchRestarts.inc({ kind, cause })
      if (isListed || told === cause) return
      told = cause
      logger.error({ kind, cause }, `${pluralOf(kind)} can't be listed${UNLISTED[cause] ?? ''}`)
    },
    onSynced: () => {
      isListed = true
      metrics.listed.set({ kind }, 1)
      onSynced()
    },
  }
}

/** Objects as they may be kept: see `route-memory.ts`. */
function kept<T extends KubeObject>(
  parse: ReflectorInput<T>['parse'],
  memory: Memory<T>,
  onChange: ReflectorInput<T>['onChange'],
): Pick<ReflectorInput<T>, 'parse' | 'onChange'> {
  return {
    parse: (json) => {
      const object = parse(json)
      return object && memory.fit(object)
    },
    onChange: (change) => {
      if (change.kind === 'deleted') memory.forget(change.object)
      return onChange(change)
    },
  }
}

/** Of a Namespace, or a webhook configuration, metadata is all that is read. */
function parseObject(value: JsonObject): KubeObject | undefined {
  const metadata = parseMeta(value['metadata'])
  if (metadata === undefined) return undefined
  return { apiVersion: 'v1', kind: '', metadata: { ...metadata, managedFields: NONE } }
}

function pluralOf(kind: string): string {
  return kind.endsWith('s') ? `${kind}es` : `${kind}s`
}
