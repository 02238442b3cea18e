import type { IncomingMessage } from 'node:http'
import { HttpError, type HttpErrorReason } from './http-error.ts'

/** A body under way. */
export type ArrivingBody = {
  /** All of it. Throws a HttpError when it ends early, or when it is refused. */
  readonly whole: Promise<Buffer>
  /** Gives it up: what came is let go, and nothing more is read. False when it is whole already. */
  refuse(reason: HttpErrorReason): boolean
}

/** Reads a request's body, and tells of each chunk as it comes. */
export function readBody(request: IncomingMessage, onChunk: (bytes: number) => void): ArrivingBody {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const chunks: Buffer[] = []
  const take = (chunk: Buffer): void => {
    chunks.push(chunk)
    onChunk(chunk.length)
  }
  const refuse = (reason: HttpErrorReason): boolean => {
    if (request.complete) return false
    request.off('data', take).pause()
    chunks.length = 0
    reject(new HttpError(reason))
    return true
  }
  request.on('data', take)
  request.once('end', () => resolve(joined(chunks)))
  request.once('close', () => refuse('ended_early'))
  return { whole: promise, refuse }
}

/** Most bodies come in one piece. */
function joined(chunks: readonly Buffer[]): Buffer {
  const [first] = chunks
  return first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks)
}
