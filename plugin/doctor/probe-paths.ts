import { isJsonObject, type JsonObject } from '../../shared/json/json.ts'
import { probeHttp } from '../probe/http.ts'
import type { ProbeOptions } from '../probe/probe-options.ts'
import type { AcmePath } from './path-checks.ts'

/** A path like a challenge's where none is open. */
const MADE_UP = 'tlsauto-doctor-0123456789abcdefghijklmnopqr'

/** What the path of a domain's challenge answers at those hosts: of the open one, if there is any. */
export async function probePaths(
  hosts: readonly string[],
  about: {
    readonly options: ProbeOptions
    readonly domain: string
    readonly open: JsonObject | undefined
  },
): Promise<readonly AcmePath[]> {
  const { options, domain, open } = about
  const { httpPort: port, timeout } = options
  if (domain.startsWith('*')) return []
  const { token, key } = isJsonObject(open?.['spec']) ? open['spec'] : {}
  const path = `/.well-known/acme-challenge/${typeof token === 'string' ? token : MADE_UP}`
  return Promise.all(
    hosts.map(async (host) => {
      const endpoint = { host, port }
      const answer = await probeHttp(endpoint, { host: domain, path, timeout })
      return { endpoint, answer, key: typeof key === 'string' ? key : undefined }
    }),
  )
}
