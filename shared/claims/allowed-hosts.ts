import { createMultimap } from '../json/multimap.ts'
import { allowedDomainsOf, type NamespaceSettings } from '../settings/settings.ts'
import { hostPatterns } from '../traefik/host-patterns.ts'
import type { HostsBelow } from './hosts-below.ts'

/** The allowed-domains of all namespaces. */
export type AllowedHosts = {
  /** undefined: the namespace is gone. */
  setNamespace(name: string, settings: NamespaceSettings | undefined): void
  /** The only namespace whose allowed-domains name a host. */
  onlyOf(host: string): string | undefined
}

/** None yet. Their hosts are told to `below`. */
export function createAllowedHosts(below: HostsBelow): AllowedHosts {
  const patterns = new Map<string, readonly string[]>()
  const allowing = createMultimap<string, string>()
  const allow = (name: string, allowed: readonly string[], change: 'add' | 'remove'): void => {
    for (const pattern of allowed) {
      allowing[change](pattern, name)
      below[change]({ host: pattern, namespace: name, source: 'allowed' })
    }
  }
  return {
    setNamespace: (name, settings) => {
      allow(name, patterns.get(name) ?? [], 'remove')
      const allowed = settings === undefined ? [] : [...allowedDomainsOf(settings)]
      allow(name, allowed, 'add')
      if (allowed.length === 0) patterns.delete(name)
      else patterns.set(name, allowed)
    },
    onlyOf: (host) => {
      const names = new Set(hostPatterns(host).flatMap((pattern) => [...allowing.get(pattern)]))
      return names.size === 1 ? [...names][0] : undefined
    },
  }
}
