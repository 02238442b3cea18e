import type { Argv } from 'yargs'
import { milliseconds } from './duration.ts'
import { ONCE } from './options.ts'
import { UsageError } from './usage-error.ts'

/** How a command that looks from outside does it. */
export type ProbeFlags = {
  /** `HOST` or `HOST:PORT`. */
  readonly address: string | undefined
  readonly httpPort: number
  /** `IP` or `IP:PORT`. */
  readonly resolver: string | undefined
  /** Milliseconds. */
  readonly timeout: number
}

/** Whom to ask about DNS, and where Traefik is. */
export type DnsFlags = Pick<ProbeFlags, 'address' | 'resolver' | 'timeout'>

/** The options of a command that looks from outside: DNS, HTTP, TLS. */
export function probeOptions<T>(command: Argv<T>) {
  return placeOptions(command).option('timeout', {
    ...ONCE,
    default: '5s',
    describe: 'for each look',
  })
}

/** Those of a command that has another `--timeout`. */
export function placeOptions<T>(command: Argv<T>) {
  return command
    .option('address', {
      ...ONCE,
      describe: "Traefik's HTTPS address, HOST or HOST:PORT; else where DNS leads",
    })
    .option('http-port', { ...ONCE, default: '80', describe: 'the port of plain HTTP there' })
    .option('resolver', {
      ...ONCE,
      describe: "DNS server to ask, IP or IP:PORT; else this machine's own",
    })
}

/** What they say. */
export function probeFlags(args: {
  readonly address: string | undefined
  readonly 'http-port': string | undefined
  readonly resolver: string | undefined
  readonly timeout: string | undefined
}): ProbeFlags {
  return { ...placeFlags(args), timeout: milliseconds(args.timeout, 'timeout') }
}

const LOOK_TIMEOUT_MS = 5000

/** What those of `placeOptions` say. */
export function placeFlags(args: {
  readonly address: string | undefined
  readonly 'http-port': string | undefined
  readonly resolver: string | undefined
}): ProbeFlags {
  const port = args['http-port'] ?? ''
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535 || Number(port) === 0) {
    throw new UsageError(`--http-port ${port} is no port`)
  }
  return {
    address: args.address || undefined,
    httpPort: Number(port),
    resolver: args.resolver || undefined,
    timeout: LOOK_TIMEOUT_MS,
  }
}

/** What `--address` and `--resolver` say. */
export function dnsFlags(args: {
  readonly address: string | undefined
  readonly resolver: string | undefined
}): DnsFlags {
  const { address, resolver } = args
  return {
    address: address || undefined,
    resolver: resolver || undefined,
    timeout: LOOK_TIMEOUT_MS,
  }
}
