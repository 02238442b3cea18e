import { createHash } from 'node:crypto'
import { isJsonObject, NONE, NOTHING, objectAt, textAt } from '../json/json.ts'
import { compare, parseMeta, type ObjectMeta } from '../kube/object.ts'
import { FIELD_MANAGER, isOurs, OUR_LABELS } from '../kube/ours.ts'
import { timeAt, type Time } from '../json/time.ts'

export const CLAIM_API = 'tlsauto.dev/v1alpha1'

/** The slice of a DomainClaim that tlsauto reads: which namespace holds a host. The kind is cluster-scoped, so
 * that tenants can't write it. */
export type DomainClaim = {
  readonly apiVersion: string
  readonly kind: 'DomainClaim'
  readonly metadata: ObjectMeta
  readonly spec: {
    readonly host: string
    readonly namespace: string
    /** When tlsauto saw the host there first. */
    readonly since: Time | undefined
    /** Since when nothing in that namespace names the host any more; undefined: something does. */
    readonly unusedSince: Time | undefined
    /** An administrator's, of a wildcard: every host below it is that namespace's, too. */
    readonly below: boolean
  }
  /** Whether an administrator made it, or changed it: then tlsauto never writes it. */
  readonly isAdministrators: boolean
}

/** Reads a DomainClaim from JSON, or undefined when it is none. */
export function parseDomainClaim(value: unknown): DomainClaim | undefined {
  if (!isJsonObject(value)) return undefined
  const metadata = parseMeta(value['metadata'])
  const spec = objectAt(value, 'spec')
  const [host, namespace] = [textAt(spec, 'host'), textAt(spec, 'namespace')]
  if (metadata === undefined || host === undefined || namespace === undefined) return undefined
  const isAdministrators = isOfAdministrator(metadata)
  return {
    apiVersion: CLAIM_API,
    kind: 'DomainClaim',
    // Of 10,000 claims nobody looks at these again, but for whether they were tlsauto's once.
    metadata: {
      ...metadata,
      annotations: NOTHING,
      labels: isOurs({ apiVersion: '', kind: '', metadata }) ? OUR_LABELS : NOTHING,
      managedFields: NONE,
    },
    spec: {
      host,
      namespace,
      since: timeAt(spec, 'since'),
      unusedSince: timeAt(spec, 'unusedSince'),
      below: isAdministrators && spec['below'] === true,
    },
    isAdministrators,
  }
}

/** Without our label, or with a field of its spec that another manager owns. Managers may be believed here: who
 * can write this kind may decide whose a host is. */
function isOfAdministrator(metadata: ObjectMeta): boolean {
  return (
    !isOurs({ apiVersion: '', kind: '', metadata }) ||
    metadata.managedFields.some(
      ({ manager, fieldsV1 }) => manager !== FIELD_MANAGER && fieldsV1['f:spec'] !== undefined,
    )
  )
}

/** Which of two claims of one host counts: the administrator's, then the older, then by name. */
export function byRight(a: DomainClaim, b: DomainClaim): number {
  if (a.isAdministrators !== b.isAdministrators) return a.isAdministrators ? -1 : 1
  return (
    compare(a.metadata.creationTimestamp, b.metadata.creationTimestamp) ||
    compare(a.metadata.name, b.metadata.name)
  )
}

/** Whether a claim is older than another. The API server counts whole seconds: of two in one, tlsauto's own word
 * counts. */
export function isOlder(one: DomainClaim, other: DomainClaim): boolean {
  const [a, b] = [one.metadata.creationTimestamp, other.metadata.creationTimestamp]
  return a === b ? (one.spec.since ?? 0) < (other.spec.since ?? 0) : a < b
}

const LONGEST_NAME = 253
const HASH = 64

/** What the claim of a host is called; no two hosts' claims have one name. It is the host itself; of
 * `*.example.com` it is `wildcard.example.com`, and a host that is called like that has one `-x` more. A name
 * that gets too long is cut, and ends in the SHA-256 of the host: no label of a host is so long. */
export function claimName(host: string): string {
  const name = host.replace('*', 'wildcard')
  const whole = host.startsWith('*') ? name : name.replace(/^wildcard(-x)*(?=\.|$)/, '$&-x')
  if (whole.length <= LONGEST_NAME) return whole
  const hash = createHash('sha256').update(host).digest('hex')
  // A dot before the dash would start a label with a dash, which no object name may.
  return `${whole.slice(0, LONGEST_NAME - HASH - 1).replace(/\.$/, '')}-${hash}`
}
