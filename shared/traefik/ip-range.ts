/** Whether Traefik reads the text as an address or a CIDR range (Go's net.ParseIP, net.ParseCIDR). */
export function isIpRange(text: string): boolean {
  const slash = text.indexOf('/')
  const address = slash < 0 ? text : text.slice(0, slash)
  const bits = addressBits(address)
  if (slash < 0 || bits === 0) return bits > 0
  const mask = /^0*([0-9]{1,3})$/.exec(text.slice(slash + 1))?.[1]
  return mask !== undefined && Number(mask) <= bits
}

// 32 or 128, or 0 for what is no address.
function addressBits(address: string): 0 | 32 | 128 {
  if (isIpv4(address)) return 32
  return isIpv6(address) ? 128 : 0
}

function isIpv4(address: string): boolean {
  return ipv4.test(address)
}

const octet = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])'
const ipv4 = new RegExp(`^${octet}(?:\\.${octet}){3}$`)

// Eight groups, the last two of them perhaps an IPv4 address; `::` stands for one or more.
function isIpv6(address: string): boolean {
  if (address.length > 45) return false
  const halves = address.split('::')
  if (halves.length > 2) return false
  const counts = halves.map((half, index) => groupCount(half, index === halves.length - 1))
  if (counts.includes(Number.NaN)) return false
  const groups = counts.reduce((sum, count) => sum + count, 0)
  return halves.length === 2 ? groups < 8 : groups === 8
}

function groupCount(half: string, last: boolean): number {
  if (half === '') return 0
  const groups = half.split(':')
  const tail = groups.at(-1) ?? ''
  const embedded = last && isIpv4(tail)
  const plain = embedded ? groups.slice(0, -1) : groups
  if (!plain.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return Number.NaN
  return plain.length + (embedded ? 2 : 0)
}
