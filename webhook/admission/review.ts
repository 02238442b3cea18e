import type { Operation } from 'fast-json-patch'
import { isJsonObject, objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'

/** The slice of an AdmissionReview request that decides. */
export type Review = {
  readonly uid: string
  readonly operation: string
  readonly namespace: string
  /** The object as it would be stored; undefined for what has none. */
  readonly object: JsonObject | undefined
  /** The object as it is stored, on an update. */
  readonly oldObject: JsonObject | undefined
}

/** A review with what it is about and who asks, which decides nothing, and is told of it. */
export type ReviewRequest = Review & {
  readonly kind: string
  readonly name: string
  readonly username: string
}

/** What admission answers. */
export type Answer = {
  readonly patch: readonly Operation[]
  readonly warnings: readonly string[]
  /** Why the request is denied; undefined: it is allowed. */
  readonly denial: string | undefined
  /** What the API server's audit log gets, each under `<webhook's name>/<key>`. */
  readonly audit?: Readonly<Record<string, string>>
}

/** Allowed, unchanged, without a word. */
export const UNTOUCHED: Answer = { patch: [], warnings: [], denial: undefined }

/** Reads a request body. Throws a RangeError that says what it is instead. */
export function parseReview(body: unknown): ReviewRequest {
  if (!isJsonObject(body)) throw new RangeError('the body is not a JSON object')
  if (body['kind'] !== 'AdmissionReview' || body['apiVersion'] !== 'admission.k8s.io/v1') {
    throw new RangeError('the body is not an AdmissionReview of admission.k8s.io/v1')
  }
  const request = objectAt(body, 'request')
  const uid = textAt(request, 'uid')
  if (uid === undefined) throw new RangeError('the AdmissionReview has no request.uid')
  return {
    uid,
    operation: textAt(request, 'operation') ?? '',
    kind: textAt(objectAt(request, 'kind'), 'kind') ?? '',
    namespace: textAt(request, 'namespace') ?? '',
    name: textAt(request, 'name') ?? '',
    username: textAt(objectAt(request, 'userInfo'), 'username') ?? '',
    object: optional(request['object']),
    oldObject: optional(request['oldObject']),
  }
}

/** The AdmissionReview that answers; a patch travels as base64 of its JSON. */
export function reviewResponse(uid: string, answer: Answer): JsonObject {
  const { patch, warnings, denial, audit } = answer
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: {
      uid,
      allowed: denial === undefined,
      ...(denial === undefined ? {} : { status: { code: 403, message: denial } }),
      ...(warnings.length === 0 ? {} : { warnings }),
      ...(audit === undefined ? {} : { auditAnnotations: audit }),
      ...(patch.length === 0
        ? {}
        : { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') }),
    },
  }
}

function optional(value: unknown): JsonObject | undefined {
  return isJsonObject(value) ? value : undefined
}
