/** Why a request is not answered as a review, by the label that its metric has. The API server takes
 * each for a fault of the webhook, and with `failurePolicy: Ignore` goes on without it. */
const REFUSALS = {
  too_large: { status: 413, text: 'the body is larger than 7 MiB' },
  too_deep: { status: 400, text: 'the body is nested too deep' },
  too_many_values: { status: 413, text: 'the body has too many values' },
  no_client_certificate: {
    status: 401,
    text: 'a client certificate that a CA of --client-ca has signed is required',
  },
  not_json: { status: 400, text: 'the body is not JSON, or is cut off' },
  not_a_review: { status: 400, text: 'the body is no AdmissionReview' },
  not_found: {
    status: 404,
    text: 'there are POST /mutate, POST /validate, POST /hosts, GET /healthz and GET /readyz',
  },
  compressed: { status: 415, text: 'the body is compressed; send it as it is' },
  ended_early: { status: 400, text: 'the body ended early' },
  incomplete: { status: 408, text: 'the body took too long' },
  late: { status: 503, text: 'too much was under way to check the hosts in time' },
  failed: { status: 500, text: 'the hosts could not be checked' },
  not_synced: { status: 503, text: 'who holds which host is not known yet' },
  unknown_namespace: { status: 503, text: "the namespace's settings could not be read" },
  busy: { status: 503, text: 'too much is under way' },
} as const satisfies Readonly<Record<string, { readonly status: number; readonly text: string }>>

export type HttpErrorReason = keyof typeof REFUSALS

/** A request that is refused: its sender's fault, or more than the server takes at once. */
export class HttpError extends Error {
  readonly reason: HttpErrorReason
  /** Of HTTP. */
  readonly status: number

  constructor(reason: HttpErrorReason, text: string = REFUSALS[reason].text) {
    super(text)
    this.reason = reason
    this.status = REFUSALS[reason].status
  }
}
