import { isJsonObject, NONE, objectAt, textAt, textsAt, type JsonObject } from '../json/json.ts'
import {
  findCondition,
  parseConditions,
  parseMeta,
  type Condition,
  type ObjectMeta,
} from '../kube/object.ts'
import { countAt } from '../json/number.ts'
import { isOurs } from '../kube/ours.ts'
import { timeAt, type Time } from '../json/time.ts'
import { optionsIn, ownedOptions } from './options.ts'

export const CERT_MANAGER_API = 'cert-manager.io/v1'

/** Who signs: as in a Certificate's `spec.issuerRef`. */
export type IssuerRef = {
  readonly name: string
  readonly kind: string
  readonly group: string
}

/** The slice of a cert-manager Certificate that tlsauto reads. */
export type Certificate = {
  readonly apiVersion: string
  readonly kind: 'Certificate'
  readonly metadata: ObjectMeta
  readonly spec: {
    readonly secretName: string
    readonly dnsNames: readonly string[]
    readonly issuerRef: IssuerRef
    /** The fields that a route's annotations can set, as they are, whoever set them. */
    readonly options: JsonObject
  }
  /** Which of those fields, and of its annotations, are ours by server-side apply. */
  readonly owned: readonly string[]
  readonly status: CertificateStatus
}

export type CertificateStatus = {
  readonly conditions: readonly Condition[]
  /** The end of the certificate in the Secret. */
  readonly notAfter: Time | undefined
  readonly renewalTime: Time | undefined
  readonly revision: number
  readonly lastFailureTime: Time | undefined
  readonly failedIssuanceAttempts: number
}

/** Reads a Certificate from JSON, or undefined when it is none. */
export function parseCertificate(value: unknown): Certificate | undefined {
  if (!isJsonObject(value)) return undefined
  const metadata = parseMeta(value['metadata'])
  if (metadata === undefined) return undefined
  const spec = objectAt(value, 'spec')
  return {
    apiVersion: CERT_MANAGER_API,
    kind: 'Certificate',
    // Of 10,000 Certificates nobody looks at these again.
    metadata: { ...metadata, managedFields: NONE },
    spec: {
      secretName: textAt(spec, 'secretName') ?? '',
      dnsNames: textsAt(spec, 'dnsNames'),
      issuerRef: parseIssuerRef(objectAt(spec, 'issuerRef')),
      options: optionsIn(spec),
    },
    owned: ownedOptions(metadata),
    status: parseStatus(objectAt(value, 'status')),
  }
}

/** Written by tlsauto on a Certificate: the names in it that are no host's, but a route's annotation
 * asked for. */
export const ADDED_NAMES = 'tlsauto.dev/alt-names'

/** The hosts that a Certificate stands for: its names, without those that an annotation added. */
export function hostsOf({ metadata, spec }: Certificate): readonly string[] {
  const added = new Set(metadata.annotations[ADDED_NAMES]?.split(','))
  return added.size === 0 ? spec.dnsNames : spec.dnsNames.filter((name) => !added.has(name))
}

/** Set by a Certificate's owner: `"true"` hands it over to tlsauto. */
export const ADOPT = 'tlsauto.dev/adopt'

/** Whether its owner has handed it over to tlsauto; it may have been taken over since. */
export function isHandedOver({ metadata }: Certificate): boolean {
  return metadata.annotations[ADOPT] === 'true'
}

/** Whether it is ours and stands for its hosts: made for them, or handed over. One under a Secret name of
 * its user's choice is called like that Secret, and stands for routes. */
export function isForHosts(certificate: Certificate): boolean {
  const { metadata, spec } = certificate
  return isOurs(certificate) && (metadata.name !== spec.secretName || isHandedOver(certificate))
}

/** Whether cert-manager says that the Secret holds the certificate that is wanted, and not expired. */
export function isReady({ status }: Certificate): boolean {
  return findCondition(status.conditions, 'Ready')?.status === 'True'
}

/** Whether an issuance is under way. */
export function isIssuing({ status }: Certificate): boolean {
  return findCondition(status.conditions, 'Issuing')?.status === 'True'
}

/** Reads an issuerRef with cert-manager's own defaults: kind Issuer, its own API group. */
export function parseIssuerRef(ref: JsonObject): IssuerRef {
  return {
    name: textAt(ref, 'name') ?? '',
    kind: textAt(ref, 'kind') ?? 'Issuer',
    group: textAt(ref, 'group') ?? 'cert-manager.io',
  }
}

function parseStatus(status: JsonObject): CertificateStatus {
  return {
    conditions: parseConditions(status),
    notAfter: timeAt(status, 'notAfter'),
    renewalTime: timeAt(status, 'renewalTime'),
    revision: countAt(status, 'revision'),
    lastFailureTime: timeAt(status, 'lastFailureTime'),
    failedIssuanceAttempts: countAt(status, 'failedIssuanceAttempts'),
  }
}
