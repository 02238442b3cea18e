import { isJsonObject, jsonObjectsAt, objectAt, type JsonObject } from '../../shared/json/json.ts'
import { compare, type ObjectMeta } from '../../shared/kube/object.ts'
import { isContractSecret } from '../../shared/names/names.ts'

/** A Secret that nothing needs any more, as `prune -o json` prints it: an API. */
export type OrphanItem = {
  readonly namespace: string
  readonly secret: string
  /** The Certificate that it was issued for, and that is gone. */
  readonly certificate: string
  readonly domains: readonly string[]
  readonly creationTimestamp: string
}

/** A Secret that may go, with what a deletion must find unchanged. */
export type Orphan = { readonly item: OrphanItem; readonly metadata: ObjectMeta }

/** cert-manager's own, on every Secret that it issues into. */
const CERTIFICATE = 'cert-manager.io/certificate-name'
const DNS_NAMES = 'cert-manager.io/alt-names'

/** The Secrets that cert-manager issued for tlsauto's Certificates that are gone, and that no object names.
 * Both names must be the contract's: what anybody else had issued is not ours to delete. Those that are
 * owned are the garbage collector's. */
export function orphans(input: {
  readonly secrets: readonly ObjectMeta[]
  readonly certificates: readonly ObjectMeta[]
  /** Whatever may name a Secret of its namespace. */
  readonly users: readonly JsonUser[]
}): readonly Orphan[] {
  const known = new Set(input.certificates.map(({ namespace, name }) => `${namespace}/${name}`))
  const left = input.secrets
    .filter(({ deletionTimestamp, ownerReferences }) => {
      return deletionTimestamp === undefined && ownerReferences.length === 0
    })
    .filter(({ namespace, name, annotations }) => {
      const certificate = annotations[CERTIFICATE] ?? ''
      return isContractSecret(name, certificate) && !known.has(`${namespace}/${certificate}`)
    })
  const granted = new Set(input.users.filter(grantsAll).map(({ namespace }) => namespace))
  const named = namesIn(input.users, new Set(left.map(({ name }) => name)))
  return left
    .filter(({ namespace, name }) => !named.has(`${namespace}/${name}`) && !named.has(`/${name}`))
    .filter(({ namespace }) => !granted.has(namespace))
    .map((metadata) => ({ item: itemOf(metadata), metadata }))
    .toSorted(
      ({ item: a }, { item: b }) =>
        compare(a.namespace, b.namespace) || compare(a.secret, b.secret),
    )
}

/** An object that may name Secrets: its namespace, and all of it but metadata and status. Without a namespace, as a ClusterIssuer is,
 * it may mean a Secret of any. */
export type JsonUser = { readonly namespace: string; readonly spec: JsonObject }

/** Every text in an object counts as the name of a Secret: rather one kept too many than one of a field
 * that the next version of a CRD brings. */
function namesIn(users: readonly JsonUser[], secrets: ReadonlySet<string>): ReadonlySet<string> {
  const names = new Set<string>()
  for (const { namespace, spec } of users) {
    for (const text of textsIn(spec)) if (secrets.has(text)) names.add(`${namespace}/${text}`)
  }
  return names
}

/** Whether it is a ReferenceGrant for all Secrets of its namespace: a Gateway elsewhere may name any. */
function grantsAll({ spec }: JsonUser): boolean {
  return jsonObjectsAt(objectAt(spec, 'spec'), 'to').some(
    ({ kind, name }) => kind === 'Secret' && (name === undefined || name === ''),
  )
}

/** Without recursion: what a user stores may be deep. */
function textsIn(spec: JsonObject): readonly string[] {
  const values: unknown[] = [spec]
  const texts: string[] = []
  while (values.length > 0) {
    const value = values.pop()
    if (typeof value === 'string') texts.push(value)
    const inner = Array.isArray(value) ? value : isJsonObject(value) ? Object.values(value) : []
    for (const one of inner) values.push(one)
  }
  return texts
}

function itemOf({ namespace, name, annotations, creationTimestamp }: ObjectMeta): OrphanItem {
  return {
    namespace,
    secret: name,
    certificate: annotations[CERTIFICATE] ?? '',
    domains: (annotations[DNS_NAMES] ?? '').split(',').filter((domain) => domain !== ''),
    creationTimestamp,
  }
}
