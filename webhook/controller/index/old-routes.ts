import { isOld } from '../../../shared/route/old-route.ts'
import type { IndexedRoute } from './route-store.ts'

/** Which routes are older than tlsauto here, and so left alone. */
export type OldRoutes = {
  /** undefined: it is not known since when tlsauto is here. */
  setInstalledAt(time: string | undefined): void
  /** Has the route with this uid be taken care of all the same. */
  takeOn(uid: string): void
  /** `isOwner`: whether it owns a Certificate of tlsauto's. */
  has(entry: IndexedRoute, isOwner: (namespace: string, uid: string) => boolean): boolean
}

/** None is known yet. */
export function createOldRoutes(): OldRoutes {
  const takenOn = new Set<string>()
  let installedAt: string | undefined
  return {
    setInstalledAt: (time) => {
      installedAt = time
    },
    takeOn: (uid) => void takenOn.add(uid),
    has: ({ route, settings }, isOwner) => {
      const { namespace, uid } = route.metadata
      if (takenOn.has(uid)) return false
      return isOld({ route, settings, installedAt, owned: isOwner(namespace, uid) })
    },
  }
}
