import type { DnsFlags, ProbeFlags } from '../command-line/probe-flags.ts'
import { dnsClient, type DnsClient } from './dns.ts'
import { parseEndpoint, type Endpoint } from './endpoint.ts'

/** Whom to ask about DNS, and where Traefik is. */
export type DnsOptions = {
  readonly dns: DnsClient
  /** Where Traefik is; undefined: where DNS says. */
  readonly address: Endpoint | undefined
}

/** Where and how to look. */
export type ProbeOptions = DnsOptions & {
  readonly httpPort: number
  /** PEM of the CAs to trust; undefined: the usual ones. */
  readonly ca: string | undefined
  /** Milliseconds, for each look. */
  readonly timeout: number
}

/** What the flags mean; `ca` is PEM. Throws a UsageError where one can't be read. */
export function readProbeOptions(flags: ProbeFlags, ca?: string): ProbeOptions {
  const { httpPort, timeout } = flags
  return { ...readDnsOptions(flags), httpPort, ca, timeout }
}

/** What the flags mean. Throws a UsageError where one can't be read. */
export function readDnsOptions({ address, resolver, timeout }: DnsFlags): DnsOptions {
  return {
    dns: dnsClient(resolver, timeout),
    address: address === undefined ? undefined : parseEndpoint(address, HTTPS_PORT),
  }
}

const HTTPS_PORT = 443
