import { isJsonObject, NONE, NOTHING, objectAt, textAt, type JsonObject } from '../json/json.ts'
import {
  messageAt,
  parseConditions,
  parseMeta,
  type Condition,
  type ObjectMeta,
} from '../kube/object.ts'
import type { Certificate } from './certificate.ts'

/** The slice of a CertificateRequest that tlsauto reads. */
export type CertificateRequest = {
  readonly metadata: ObjectMeta
  readonly conditions: readonly Condition[]
}

/** The slice of an ACME Order that tlsauto reads. */
export type Order = {
  readonly metadata: ObjectMeta
  /** As in RFC 8555 7.1.6, and cert-manager's own `errored` and `expired`; empty at first. */
  readonly state: string
  readonly reason: string
}

/** The slice of an ACME Challenge that tlsauto reads. */
export type Challenge = {
  readonly metadata: ObjectMeta
  readonly dnsName: string
  /** `HTTP-01` or `DNS-01`. */
  readonly type: string
  readonly state: string
  readonly reason: string
  readonly presented: boolean
}

/** Reads a CertificateRequest from JSON, or undefined when it is none. */
export function parseCertificateRequest(value: unknown): CertificateRequest | undefined {
  const read = parseParts(value)
  if (read === undefined) return undefined
  return { metadata: read.metadata, conditions: parseConditions(read.status) }
}

/** Reads an Order from JSON, or undefined when it is none. */
export function parseOrder(value: unknown): Order | undefined {
  const read = parseParts(value)
  if (read === undefined) return undefined
  return { metadata: read.metadata, ...stateOf(read.status) }
}

/** Reads a Challenge from JSON, or undefined when it is none. */
export function parseChallenge(value: unknown): Challenge | undefined {
  const read = parseParts(value)
  if (read === undefined) return undefined
  return {
    metadata: read.metadata,
    dnsName: textAt(read.spec, 'dnsName') ?? '',
    type: textAt(read.spec, 'type') ?? '',
    ...stateOf(read.status),
    presented: read.status['presented'] === true,
  }
}

const REVISION = 'cert-manager.io/certificate-revision'

/** Whether a request is of the revision that is being tried, as cert-manager finds it. */
export function isOfComingRevision(
  { metadata }: CertificateRequest,
  { status }: Certificate,
): boolean {
  return metadata.annotations[REVISION] === String(status.revision + 1)
}

/** The uids of an object's owners. */
export function ownerUids(object: { readonly metadata: ObjectMeta }): readonly string[] {
  return object.metadata.ownerReferences.map((owner) => owner.uid)
}

type Parts = {
  readonly metadata: ObjectMeta
  readonly spec: JsonObject
  readonly status: JsonObject
}

function parseParts(value: unknown): Parts | undefined {
  if (!isJsonObject(value)) return undefined
  const metadata = parseMeta(value['metadata'])
  if (metadata === undefined) return undefined
  const spec = objectAt(value, 'spec')
  return { metadata: slimMetadata(metadata), spec, status: objectAt(value, 'status') }
}

/** Of ten thousand domains there are thirty thousand of these: nobody asks for more of theirs. */
function slimMetadata(metadata: ObjectMeta): ObjectMeta {
  const revision = metadata.annotations[REVISION]
  const annotations = revision === undefined ? NOTHING : { [REVISION]: revision }
  return { ...metadata, annotations, labels: NOTHING, managedFields: NONE }
}

function stateOf(status: JsonObject): { readonly state: string; readonly reason: string } {
  return { state: textAt(status, 'state') ?? '', reason: messageAt(status, 'reason') }
}
