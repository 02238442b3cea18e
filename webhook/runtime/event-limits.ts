import { createShares } from './shares.ts'
import { refilled, type Rate, type TokenBucket } from './token-bucket.ts'

const MINUTE_MS = 60_000

/** As Kubernetes' own recorder has it for each object (client-go, `events_cache.go`: a burst of 25, then one
 * every five minutes). */
const OF_OBJECT: Rate = { burst: 25, every: 5 * MINUTE_MS }
/** Of those, so many are kept for what is wrong: a route with many hosts takes many steps. */
const KEPT_FOR_WARNINGS = 5
/** Of all objects of a namespace together. */
const OF_NAMESPACE: Rate = { burst: 2000, every: 1000 }
const OBJECTS_REMEMBERED = 5000

/** An Event that may be written: about which object, and whether something is wrong. */
export type EventRequest = {
  readonly namespace: string
  readonly uid: string
  readonly isWarning: boolean
}

/** Decides whether one more Event may be written now, in milliseconds, and counts it if so. */
export type EventLimits = (event: EventRequest, now: number) => boolean

/** Limits of which none is used up. */
export function createEventLimits(): EventLimits {
  const objects = createShares<TokenBucket>({ each: OBJECTS_REMEMBERED })
  const namespaces = createShares<TokenBucket>({ each: 1 })
  return ({ namespace, uid, isWarning }, now) => {
    const ofObject = refilled(objects.get(namespace, uid), OF_OBJECT, now)
    const ofNamespace = refilled(namespaces.get(namespace, ''), OF_NAMESPACE, now)
    const least = isWarning ? 1 : 1 + KEPT_FOR_WARNINGS
    if (ofObject.tokens < least || ofNamespace.tokens < 1) return false
    objects.set(namespace, uid, { ...ofObject, tokens: ofObject.tokens - 1 })
    namespaces.set(namespace, '', { ...ofNamespace, tokens: ofNamespace.tokens - 1 })
    return true
  }
}
