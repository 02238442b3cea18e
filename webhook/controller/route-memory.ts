import { isJsonObject, NONE } from '../../shared/json.ts'
import { kindKeyOf } from '../../shared/kube/object.ts'
import { addedNames } from '../../shared/seen-hosts.ts'
import type { Route } from '../../shared/traefik/route.ts'

/** What the rules of one namespace's routes may take of memory, in bytes: some 20,000 usual routes. One namespace
 * after the other may have as much, so that a quota of IngressRoutes is still a good thing. */
const MOST_PER_NAMESPACE = 32 * 2 ** 20

/** Keeps the routes of each namespace within its share of memory. */
export type RouteMemory = {
  /** The route as it may be kept: without its rules, and marked so, where its namespace has no room for them. */
  fit(route: Route): Route
  /** A route has gone. */
  forget(route: Route): void
}

/** Memory with nothing in it. */
export function createRouteMemory(most = MOST_PER_NAMESPACE): RouteMemory {
  const sizes = new Map<string, number>()
  const totals = new Map<string, number>()
  const set = (route: Route, size: number): void => {
    const { namespace } = route.metadata
    const total = (totals.get(namespace) ?? 0) - (sizes.get(idOf(route)) ?? 0) + size
    if (total === 0) totals.delete(namespace)
    else totals.set(namespace, total)
    if (size === 0) sizes.delete(idOf(route))
    else sizes.set(idOf(route), size)
  }
  return {
    fit: (route) => {
      set(route, 0)
      const size = sizeOfRoute(route)
      const fits = (totals.get(route.metadata.namespace) ?? 0) + size <= most
      if (fits) set(route, size)
      return fits ? route : cut(route)
    },
    forget: (route) => set(route, 0),
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
function idOf(route: Route): string {
  return `${kindKeyOf(route)} ${route.metadata.uid}`
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
