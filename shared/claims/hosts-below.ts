import { wildcardOver } from '../certificates/cover.ts'
import { createMultimap } from '../json/multimap.ts'

/** A host that may be a namespace's, and what says so. */
type Below = {
  readonly host: string
  readonly namespace: string
  readonly source: 'claim' | 'allowed'
}

/** The hosts below each wildcard, so that those of other namespaces are found without a look at one's own. */
export type HostsBelow = {
  add(one: Below): void
  remove(one: Below): void
  ofOthers(wildcard: string, namespace: string): Iterable<string>
}

export function createHostsBelow(): HostsBelow {
  const hosts = createMultimap<string, string>()
  const namespaces = createMultimap<string, string>()
  return {
    add: (one) => {
      const wildcard = wildcardOver(one.host)
      if (wildcard === undefined) return
      hosts.add(keyOf(wildcard, one), one.host)
      namespaces.add(wildcard, one.namespace)
    },
    remove: (one) => {
      const wildcard = wildcardOver(one.host)
      if (wildcard === undefined) return
      hosts.remove(keyOf(wildcard, one), one.host)
      const isUsed = SOURCES.some((source) => hosts.has(keyOf(wildcard, { ...one, source })))
      if (!isUsed) namespaces.remove(wildcard, one.namespace)
    },
    ofOthers: function* ofOthers(wildcard, namespace) {
      for (const other of namespaces.get(wildcard)) {
        if (other === namespace) continue
        for (const source of SOURCES) {
          yield* hosts.get(keyOf(wildcard, { namespace: other, source }))
        }
      }
    },
  }
}

function keyOf(wildcard: string, { namespace, source }: Omit<Below, 'host'>): string {
  return `${wildcard} ${namespace} ${source}`
}

const SOURCES = ['claim', 'allowed'] as const
