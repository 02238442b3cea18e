import { hostsOf, type Certificate, type IssuerRef } from '../../shared/certmanager/certificate.ts'
import { objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import type { Lookup } from '../../shared/kube/kube-client.ts'
import { compare, findCondition, parseConditions } from '../../shared/kube/object.ts'

/** One issuer that tlsauto's Certificates use, as `issuer -o json` prints it: an API. What is unknown is
 * null. */
export type IssuerItem = {
  readonly kind: string
  /** Null for a ClusterIssuer. */
  readonly namespace: string | null
  readonly name: string
  readonly group: string
  readonly ready: boolean | null
  readonly reason: string | null
  readonly message: string | null
  /** What it is, in cert-manager's word: acme, ca, selfSigned, vault, venafi. */
  readonly type: string | null
  /** The ACME directory. */
  readonly server: string | null
  /** The URL of the ACME account. */
  readonly account: string | null
  readonly email: string | null
  readonly domains: readonly string[]
}

/** An issuer that Certificates name, with the Certificates of one namespace or, of a ClusterIssuer, of all. */
export type UsedIssuer = {
  readonly ref: IssuerRef
  /** Null for a ClusterIssuer. */
  readonly namespace: string | null
  readonly certificates: readonly Certificate[]
}

/** The issuers that Certificates use, by kind, namespace and name. */
export function usedIssuers(certificates: readonly Certificate[]): readonly UsedIssuer[] {
  const used = new Map<string, UsedIssuer>()
  for (const certificate of certificates) {
    const ref = certificate.spec.issuerRef
    const namespace = ref.kind === 'ClusterIssuer' ? null : certificate.metadata.namespace
    const key = [ref.kind, namespace ?? '', ref.name, ref.group].join('/')
    const others = used.get(key)?.certificates ?? []
    used.set(key, { ref, namespace, certificates: [...others, certificate] })
  }
  return [...used].toSorted(([a], [b]) => compare(a, b)).map(([, issuer]) => issuer)
}

/** How an issuer stands, by what came of looking for it; undefined where it is not cert-manager's own. */
export function issuerItem(
  { ref, namespace, certificates }: UsedIssuer,
  lookup: Lookup | undefined,
): IssuerItem {
  const domains = [...new Set(certificates.flatMap(hostsOf))].toSorted(compare)
  const { kind, name, group } = ref
  return { kind, namespace, name, group, ...standing(ref, lookup), domains }
}

type Standing = Omit<IssuerItem, 'kind' | 'namespace' | 'name' | 'group' | 'domains'>

const NOTHING: Standing = {
  ready: null,
  reason: null,
  message: null,
  type: null,
  server: null,
  account: null,
  email: null,
}

function standing({ kind, name, group }: IssuerRef, lookup: Lookup | undefined): Standing {
  switch (lookup?.kind) {
    case undefined:
      return { ...NOTHING, reason: 'External', message: `it is of ${group}, not of cert-manager` }
    case 'missing': {
      const message = `there is no ${kind} ${name}: create it, and the domains go on by themselves`
      return { ...NOTHING, ready: false, reason: 'NotFound', message }
    }
    case 'forbidden':
      return {
        ...NOTHING,
        reason: 'Forbidden',
        message: `you are not allowed to read it: ${lookup.message}`,
      }
    case 'found':
      return found(lookup.object)
    default:
      return lookup satisfies never
  }
}

function found(object: JsonObject): Standing {
  const spec = objectAt(object, 'spec')
  const status = objectAt(object, 'status')
  const acme = objectAt(spec, 'acme')
  const registered = objectAt(status, 'acme')
  return {
    ...readiness(status),
    type: TYPES.find((type) => spec[type] !== undefined) ?? null,
    server: textAt(acme, 'server') ?? null,
    account: textAt(registered, 'uri') ?? null,
    email: textAt(registered, 'lastRegisteredEmail') ?? textAt(acme, 'email') ?? null,
  }
}

const TYPES = ['acme', 'ca', 'selfSigned', 'vault', 'venafi'] as const

function readiness(status: JsonObject): Pick<Standing, 'ready' | 'reason' | 'message'> {
  const ready = findCondition(parseConditions(status), 'Ready')
  if (ready === undefined) {
    const message = 'cert-manager has not looked at it yet; is it running?'
    return { ready: false, reason: 'NotBegun', message }
  }
  const isReady = ready.status === 'True'
  return { ready: isReady, reason: ready.reason, message: isReady ? null : ready.message }
}
