import { BlockList, isIP } from 'node:net'

/** An environment's variables. */
export type Environment = Readonly<Record<string, string | undefined>>

/** A server, by the port that it is reached at. */
type Place = { readonly host: string; readonly port: string | undefined }

/** The proxy through which a server is reached, by HTTPS_PROXY (of an http server HTTP_PROXY) and NO_PROXY,
 * lower case after upper case; undefined: none. As kubectl takes them, which is as Go does
 * (golang.org/x/net/http/httpproxy): this machine itself is never reached through one. */
export function proxyOf(server: string, env: Environment): string | undefined {
  const { protocol, hostname, port } = new URL(server)
  const scheme = protocol.slice(0, -1)
  const proxy = variable(env, `${scheme}_proxy`)
  if (proxy === undefined || proxy === '') return undefined
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase()
  const at = { host, port: port === '' ? STANDARD_PORTS[scheme] : port }
  if (isHere(host)) return undefined
  const direct = (variable(env, 'no_proxy') ?? '').split(',').map((one) => one.trim().toLowerCase())
  if (direct.some((one) => one !== '' && covers(one, at))) return undefined
  return proxy.includes('://') ? proxy : `http://${proxy}`
}

const STANDARD_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443' }

function variable(env: Environment, name: string): string | undefined {
  return env[name.toUpperCase()] || env[name]
}

function isHere(host: string): boolean {
  return host === 'localhost' || (isIP(host) !== 0 && LOOPBACK.check(host, family(host)))
}

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8)
LOOPBACK.addAddress('::1', 'ipv6')

/** Whether an entry of NO_PROXY means a host: `*`, a network, or a name or address, of one port where it names
 * one. */
function covers(entry: string, { host, port }: Place): boolean {
  if (entry === '*') return true
  const [network = '', bits] = entry.split('/')
  if (bits !== undefined) return isInNetwork(host, { network, bits: Number(bits) })
  const bracketed = isIP(entry) === 6 ? `[${entry}]` : entry
  const [, name = '', only = port] = /^(.+?)(?::(\d+))?$/.exec(bracketed) ?? []
  return only === port && isNamed(host, name.replace(/^\[|\]$/g, ''))
}

/** An address names itself, a domain also all below it, and with a leading dot only those. */
function isNamed(host: string, name: string): boolean {
  if (isIP(host) !== 0 || isIP(name) !== 0) return host === name
  const domain = name.replace(/^\*/, '')
  return domain.startsWith('.')
    ? host.endsWith(domain)
    : host === domain || host.endsWith(`.${domain}`)
}

function isInNetwork(
  host: string,
  { network, bits }: { readonly network: string; readonly bits: number },
): boolean {
  const [kind, most] = [isIP(network), isIP(network) === 6 ? 128 : 32]
  if (kind === 0 || isIP(host) !== kind || !(Number.isInteger(bits) && bits >= 0 && bits <= most))
    return false
  const list = new BlockList()
  list.addSubnet(network, bits, family(network))
  return list.check(host, family(host))
}

function family(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}
