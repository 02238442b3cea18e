import type { Route } from '../../../shared/traefik/route.ts'
import { noteOn, type Action } from './action.ts'

/** Tells the owner of a route which of its names belong to another namespace: they get no Certificate. */
export function planConflict(input: {
  readonly route: Route
  /** Its hosts, and the names that an annotation adds. */
  readonly names: readonly string[]
  readonly isHeldElsewhere: (host: string) => boolean
}): readonly Action[] {
  const { route, names, isHeldElsewhere } = input
  const held = names.filter(isHeldElsewhere)
  return held.length === 0 ? [] : [noteOn(route, 'HostHeldElsewhere', held.join(', '))]
}
