import { request } from 'node:http'
import type { Endpoint } from './endpoint.ts'

/** What an address answers over plain HTTP. */
export type HttpAnswer =
  | {
      readonly kind: 'answered'
      readonly status: number
      /** Where it redirects to. */
      readonly location: string | null
      /** Its first characters. */
      readonly body: string
    }
  | { readonly kind: 'silent'; readonly error: string }

const BODY_LENGTH = 512

/** Gets a path of a host at an address. Follows no redirect; gives up after so many milliseconds. */
export async function probeHttp(
  endpoint: Endpoint,
  options: { readonly host: string; readonly path: string; readonly timeout: number },
): Promise<HttpAnswer> {
  const { host, path, timeout } = options
  return new Promise((resolve) => {
    const outgoing = request({ ...endpoint, path, headers: { host }, agent: false })
    // Also for who sends byte by byte.
    const timer = setTimeout(() => outgoing.destroy(new Error('no answer in time')), timeout)
    const settle = (answer: HttpAnswer): void => {
      clearTimeout(timer)
      resolve(answer)
      outgoing.destroy()
    }
    outgoing.on('error', (error) => settle({ kind: 'silent', error: error.message }))
    outgoing.once('response', (incoming) => {
      const { statusCode: status = 0, headers } = incoming
      let body = ''
      const end = (): void => {
        const location = headers.location ?? null
        settle({ kind: 'answered', status, location, body: body.slice(0, BODY_LENGTH) })
      }
      incoming.setEncoding('utf8').on('data', (text: string) => {
        body += text
        if (body.length > BODY_LENGTH) end()
      })
      incoming.once('end', end)
    })
    outgoing.end()
  })
}
