import { isJsonObject, NONE } from '../../../shared/json/json.ts'
import { kindKeyOf, type KubeObject } from '../../../shared/kube/object.ts'
import { addedNames, type Ingress } from '../../../shared/route/seen-hosts.ts'
import type { Route } from '../../../shared/traefik/route.ts'

/** What the rules of one namespace's routes may take of memory, or the hosts of its Ingresses, in bytes: some 20,000
 * usual routes. One namespace after the other may have as much, so that a quota of IngressRoutes is still a good thing. */
const MOST_PER_NAMESPACE = 32 * 2 ** 20

/** Keeps the objects of each namespace within its share of memory. */
export type Memory<T> = {
  /** The object as it may be kept: without its rules, or hosts, and marked so, where its namespace has no room for
   * them. */
  fit(object: T): T
  /** An object has gone. */
  forget(object: T): void
}

/** Memory for routes with nothing in it. */
export function createRouteMemory(most = MOST_PER_NAMESPACE): Memory<Route> {
  return createMemory(most, { sizeOf: sizeOfRoute, cut })
}

/** Memory for Ingresses with nothing in it. */
export function createIngressMemory(most = MOST_PER_NAMESPACE): Memory<Ingress> {
  return createMemory(most, {
    sizeOf: ({ hosts }) => hosts.reduce((sum, { length }) => sum + length + NAME_BYTES, 0),
    cut: (ingress) => ({ ...ingress, hosts: [], isCut: true }),
  })
}

function createMemory<T extends KubeObject>(
  most: number,
  { sizeOf, cut }: { readonly sizeOf: (object: T) => number; readonly cut: (object: T) => T },
): Memory<T> {
  const sizes = new Map<string, number>()
  const totals = new Map<string, number>()
  const set = (object: T, size: number): void => {
    const { namespace } = object.metadata
    const total = (totals.get(namespace) ?? 0) - (sizes.get(idOf(object)) ?? 0) + size
    if (total === 0) totals.delete(namespace)
    else totals.set(namespace, total)
    if (size === 0) sizes.delete(idOf(object))
    else sizes.set(idOf(object), size)
  }
  return {
    fit: (object) => {
      set(object, 0)
      const size = sizeOf(object)
      const fits = (totals.get(object.metadata.namespace) ?? 0) + size <= most
      if (fits) set(object, size)
      return fits ? object : cut(object)
    },
    forget: (object) => set(object, 0),
  }
}

/** Of its annotations those that are short, as settings are. */
function cut({ metadata, spec, ...route }: Route): Route {
  const annotations = Object.entries(metadata.annotations).filter(([, { length }]) => length <= 256)
  const lists = { ownerReferences: NONE, managedFields: NONE }
  return {
    ...route,
    isCut: true,
    metadata: { ...metadata, ...lists, annotations: Object.fromEntries(annotations) },
    spec: { ...spec, entryPoints: [], routes: [], tls: spec.tls && { ...spec.tls, domains: [] } },
  }
}

/** Of two objects of one name, one after the other, the first goes after the second has come. */
function idOf(object: KubeObject): string {
  return `${kindKeyOf(object)} ${object.metadata.uid}`
}

/** What a name takes beside its text: it is looked up by, seen, and claimed. */
const NAME_BYTES = 512

/** What grows with what its author writes. */
function sizeOfRoute(route: Route): number {
  const { metadata, spec } = route
  const { annotations, ownerReferences, managedFields } = metadata
  const parts: readonly unknown[] = [annotations, ownerReferences, managedFields, spec.entryPoints]
  const listed = (spec.tls?.domains ?? []).map(({ name }) => name.length + NAME_BYTES)
  const rules = spec.routes.map(({ match, source }) => {
    return sizeOf(source) + quotedIn(match) * NAME_BYTES
  })
  const added = addedNames(route).length * NAME_BYTES
  return [...parts.map(sizeOf), ...listed, ...rules, added].reduce((sum, size) => sum + size, 0)
}

const QUOTES: ReadonlySet<string> = new Set(['`', '"'])

/** Of what a rule quotes each counts as a name: to know better it would have to be parsed. */
function quotedIn(match: string): number {
  let quotes = 0
  for (const character of match) if (QUOTES.has(character)) quotes += 1
  return quotes / 2
}

const OBJECT_BYTES = 56
const MEMBER_BYTES = 16

/** About what a JSON value takes of memory, in bytes: small objects take more than their text. */
function sizeOf(value: unknown): number {
  let size = 0
  const left: unknown[] = [value]
  while (left.length > 0) {
    const one = left.pop()
    if (typeof one === 'string') size += MEMBER_BYTES + one.length
    else if (Array.isArray(one) || isJsonObject(one)) {
      const members: readonly unknown[] = Object.values(one)
      size += OBJECT_BYTES + MEMBER_BYTES * members.length
      for (const member of members) left.push(member)
    }
  }
  return size
}
