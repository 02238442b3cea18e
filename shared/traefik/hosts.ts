import type { Rule } from './rule.ts'

/**
 * The hosts that a rule can serve: what its host matchers name under no or an even number of `!`,
 * in order, lower-cased and without one trailing dot, as Traefik compares them
 * (pkg/muxer/http/matcher.go, host). Addresses, `*` and wildcards are among them.
 */
export function positiveHosts(rule: Rule): readonly string[] {
  const hosts = new Set<string>()
  addHosts(rule, true, hosts)
  hosts.delete('')
  return [...hosts]
}

/** A host as Traefik compares it: lower case, without one trailing dot. */
export function normalHost(host: string): string {
  return host.toLowerCase().replace(/\.$/, '')
}

const hostMatchers: ReadonlySet<string> = new Set(['Host', 'HostHeader', 'HostSNI'])

function addHosts(rule: Rule, positive: boolean, hosts: Set<string>): void {
  switch (rule.kind) {
    case 'matcher':
      if (!positive || !hostMatchers.has(rule.name)) return
      for (const host of rule.args) hosts.add(normalHost(host))
      return
    case 'not':
      addHosts(rule.rule, !positive, hosts)
      return
    case 'and':
    case 'or':
      for (const inner of rule.rules) addHosts(inner, positive, hosts)
      return
    default:
      rule satisfies never
  }
}
