import type { DnsAnswer } from './dns.ts'
import { UsageError } from '../command-line/usage-error.ts'

/** Where to connect to. */
export type Endpoint = { readonly host: string; readonly port: number }

/** Reads `HOST`, `HOST:PORT`, `[IPv6]:PORT`. Throws a UsageError when it is none of these. */
export function parseEndpoint(text: string, defaultPort: number): Endpoint {
  const isBareIpv6 = /^[\da-f]*:[\da-f]*:[\da-f:.]*$/i.test(text)
  const [, bracketed, plain, port] = isBareIpv6
    ? [undefined, undefined, text, undefined]
    : (/^(?:\[([\da-f:.]+)\]|([^[\]:/\s]+))(?::(\d{1,5}))?$/i.exec(text) ?? [])
  const host = bracketed ?? plain
  if (host === undefined || Number(port ?? 1) > 65_535) {
    throw new UsageError(`--address ${text} is not HOST or HOST:PORT`)
  }
  return { host, port: port === undefined ? defaultPort : Number(port) }
}

/** As it stands in a URL. */
export function endpointText({ host, port }: Endpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Who answers for a name may name thousands of addresses. */
const MOST = 16

/** Traefik's known place, else what DNS names, else what its Services have, and no more of them than a few. */
export function endpointsOf(from: {
  readonly address: Endpoint | undefined
  readonly answer: DnsAnswer
  readonly traefik: readonly string[]
}): readonly Endpoint[] {
  const { address, answer, traefik } = from
  if (address !== undefined) return [address]
  const hosts = answer.kind === 'found' ? answer.addresses : traefik
  return hosts.slice(0, MOST).map((host) => ({ host, port: 443 }))
}
