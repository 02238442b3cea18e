import { Resolver } from 'node:dns/promises'
import { isIP } from 'node:net'
import { UsageError } from '../command-line/usage-error.ts'

/** What DNS says of a name. */
export type DnsAnswer =
  | { readonly kind: 'found'; readonly addresses: readonly string[]; readonly alias: string | null }
  /** There is no such name, or none with an address. */
  | { readonly kind: 'missing'; readonly code: 'NXDOMAIN' | 'NODATA' }
  /** The name's servers failed: SERVFAIL, REFUSED and so on. */
  | { readonly kind: 'failed'; readonly code: string }
  /** Nobody answered. */
  | { readonly kind: 'silent'; readonly code: string }

/** A CAA record, and the name that it stands at. */
export type Caa = { readonly at: string; readonly tag: string; readonly value: string }

/** The slice of a resolver of `node:dns` that is used here: a test brings its own. */
export type DnsClient = {
  resolve4(name: string): Promise<readonly string[]>
  resolve6(name: string): Promise<readonly string[]>
  resolveCname(name: string): Promise<readonly string[]>
  resolveCaa(name: string): Promise<readonly Readonly<Record<string, unknown>>[]>
}

/** Asks the DNS servers of this machine, or the one at `IP[:PORT]`; waits so many milliseconds. Throws a
 * UsageError when that is no address. */
export function dnsClient(resolver: string | undefined, timeout: number): DnsClient {
  const client = new Resolver({ timeout, tries: 1 })
  if (resolver !== undefined) {
    const [, host = resolver] = /^\[?(.+?)\]?(?::\d+)?$/.exec(resolver) ?? []
    if (isIP(host) === 0 && isIP(resolver) === 0) {
      throw new UsageError(`--resolver ${resolver} is not an address such as 1.1.1.1 or 1.1.1.1:53`)
    }
    client.setServers([resolver])
  }
  return {
    resolve4: async (name) => client.resolve4(name),
    resolve6: async (name) => client.resolve6(name),
    resolveCname: async (name) => client.resolveCname(name),
    resolveCaa: async (name) => (await client.resolveCaa(name)).map((record) => ({ ...record })),
  }
}

/** The addresses of a name, IPv4 first, and what it is an alias of. */
export async function resolveName(client: DnsClient, name: string): Promise<DnsAnswer> {
  const [four, six, alias] = await Promise.all([
    outcome(client.resolve4(name)),
    outcome(client.resolve6(name)),
    outcome(client.resolveCname(name)),
  ])
  const addresses = [...four.records, ...six.records]
  if (addresses.length > 0) return { kind: 'found', addresses, alias: alias.records[0] ?? null }
  const codes = [four.code, six.code]
  const fault = codes.find((code) => code !== 'NXDOMAIN' && code !== 'NODATA')
  if (fault === undefined) {
    return { kind: 'missing', code: codes.includes('NXDOMAIN') ? 'NXDOMAIN' : 'NODATA' }
  }
  return { kind: SILENCE.has(fault) ? 'silent' : 'failed', code: fault }
}

/** The CAA records that hold for a name: those of the nearest name above it that has any (RFC 8659 3).
 * None where DNS does not say. */
export async function resolveCaa(client: DnsClient, name: string): Promise<readonly Caa[]> {
  const labels = name.replace(/^\*\./, '').split('.')
  for (let cut = 0; cut < labels.length; cut += 1) {
    const at = labels.slice(cut).join('.')
    const { records } = await outcome(client.resolveCaa(at))
    const found = records.flatMap((record) => tags(record).map((one) => ({ at, ...one })))
    if (found.length > 0) return found
  }
  return []
}

function tags(
  record: Readonly<Record<string, unknown>>,
): readonly { readonly tag: string; readonly value: string }[] {
  return ['issue', 'issuewild'].flatMap((tag) => {
    const value = record[tag]
    return typeof value === 'string' ? [{ tag, value }] : []
  })
}

/** Nobody answered, as c-ares names it. */
const SILENCE = new Set(['TIMEOUT', 'CONNREFUSED', 'CANCELLED'])

/** c-ares' ENOTFOUND is NXDOMAIN. */
async function outcome<T>(
  answer: Promise<readonly T[]>,
): Promise<{ readonly records: readonly T[]; readonly code: string }> {
  try {
    const records = await answer
    return { records, code: 'NODATA' }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    const word = code.replace(/^(DNS_)?E/, '')
    return { records: [], code: word === 'NOTFOUND' ? 'NXDOMAIN' : word }
  }
}
