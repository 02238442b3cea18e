/** What can stand for a host in a certificate or an SNI rule: the host itself, and the wildcard of one
 * label in its place (`*.example.com` for `shop.example.com`). */
export function hostPatterns(host: string): readonly [string, string] {
  const dot = host.indexOf('.')
  return [host, dot < 0 ? '*' : `*${host.slice(dot)}`]
}
