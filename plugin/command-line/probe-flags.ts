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

/** The variables that stand in for flags which a user gives to every look at his cluster. */
export type ProbeEnvironment = Readonly<Record<string, string | undefined>>

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
      describe: `Traefik's HTTPS address, HOST or HOST:PORT; else ${ADDRESS}, else what DNS says`,
    })
    .option('http-port', {
      ...ONCE,
      describe: `the port of plain HTTP there; else ${HTTP_PORT}, else 80`,
    })
    .option('resolver', {
      ...ONCE,
      describe: `DNS server to ask, IP or IP:PORT; else ${RESOLVER}, else this machine's own`,
    })
}

const ADDRESS = 'TLSAUTO_ADDRESS'
const HTTP_PORT = 'TLSAUTO_HTTP_PORT'
const RESOLVER = 'TLSAUTO_RESOLVER'
const CA = 'TLSAUTO_CA'

/** The options of a command that asks DNS alone. */
export function dnsOptions<T>(command: Argv<T>) {
  return command
    .option('address', {
      ...ONCE,
      describe: `with --dns: Traefik's address; else ${ADDRESS}, else its Service's`,
    })
    .option('resolver', {
      ...ONCE,
      describe: `with --dns: the DNS server to ask, IP or IP:PORT; else ${RESOLVER}`,
    })
}

/** The option of a command that looks at certificates. */
export function caOption<T>(command: Argv<T>) {
  return command.option('ca', {
    ...ONCE,
    describe: `PEM file of the CAs to trust, if private; else ${CA}`,
  })
}

/** What they say. */
export function probeFlags(
  args: Parameters<typeof placeFlags>[0] & { readonly timeout: string | undefined },
  env: ProbeEnvironment,
): ProbeFlags {
  return { ...placeFlags(args, env), timeout: milliseconds(args.timeout, 'timeout') }
}

/** What those of `placeOptions` say. */
export function placeFlags(
  args: Parameters<typeof dnsFlags>[0] & { readonly 'http-port': string | undefined },
  env: ProbeEnvironment,
): ProbeFlags {
  return { ...dnsFlags(args, env), httpPort: portOf(args['http-port'], env) }
}

/** What `--address` and `--resolver` say. */
export function dnsFlags(
  args: { readonly address: string | undefined; readonly resolver: string | undefined },
  env: ProbeEnvironment,
): DnsFlags {
  return {
    address: args.address || env[ADDRESS] || undefined,
    resolver: args.resolver || env[RESOLVER] || undefined,
    timeout: LOOK_TIMEOUT_MS,
  }
}

const LOOK_TIMEOUT_MS = 5000

/** What `--ca` says. */
export function caFlag(
  args: { readonly ca: string | undefined },
  env: ProbeEnvironment,
): string | undefined {
  return args.ca || env[CA] || undefined
}

function portOf(given: string | undefined, env: ProbeEnvironment): number {
  const text = given ?? (env[HTTP_PORT] || '80')
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535 || Number(text) === 0) {
    throw new UsageError(`${given === undefined ? HTTP_PORT : '--http-port'} ${text} is no port`)
  }
  return Number(text)
}
