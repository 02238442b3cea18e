import type { Argv } from 'yargs'
import type { ProbeFlags } from '../command.ts'
import { milliseconds } from '../duration.ts'
import { ONCE } from '../options.ts'
import { UsageError } from '../usage-error.ts'

/** The options of a command that looks from outside: DNS, HTTP, TLS. */
export function probeOptions<T>(command: Argv<T>) {
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
    .option('timeout', { ...ONCE, default: '5s', describe: 'for each look' })
}

/** What they say. */
export function probeFlags(args: {
  readonly address: string | undefined
  readonly 'http-port': string | undefined
  readonly resolver: string | undefined
  readonly timeout: string | undefined
}): ProbeFlags {
  const port = args['http-port'] ?? ''
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535 || Number(port) === 0) {
    throw new UsageError(`--http-port ${port} is no port`)
  }
  return {
    address: args.address || undefined,
    httpPort: Number(port),
    resolver: args.resolver || undefined,
    timeout: milliseconds(args.timeout, 'timeout'),
  }
}
