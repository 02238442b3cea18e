/** An answer of the API server that is not a success, or a request that got none. */
export class KubeError extends Error {
  /** The HTTP status, or 0 when no answer came. */
  readonly status: number
  /** Kubernetes' own word, such as `AlreadyExists` or `Conflict`; empty when it gave none. */
  readonly reason: string
  /** Seconds that the server asks to wait, or undefined. */
  readonly retryAfter: number | undefined

  constructor(
    message: string,
    detail: { status: number; reason?: string; retryAfter?: number; cause?: unknown },
  ) {
    super(message, { cause: detail.cause })
    this.name = 'KubeError'
    this.status = detail.status
    this.reason = detail.reason ?? ''
    this.retryAfter = detail.retryAfter
  }
}

/** The reason of a KubeError: the answer has more bytes than are read at once. */
export const TOO_LARGE = 'AnswerTooLarge'

/** Whether an error is the API server's answer with that status. */
export function isStatus(error: unknown, status: number): error is KubeError {
  return error instanceof KubeError && error.status === status
}
