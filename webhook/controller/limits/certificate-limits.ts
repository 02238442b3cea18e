import type { Certificate } from '../../../shared/certmanager/certificate.ts'
import { isOurs } from '../../../shared/kube/ours.ts'
import { parseTime } from '../../../shared/json/time.ts'
import { createShares } from '../../runtime/shares.ts'

/** A Certificate that is to be made. */
export type NewCertificate = {
  readonly namespace: string
  readonly name: string
  /** Of the oldest route that needs it: the first in the order of texts goes first. */
  readonly age: string
}

/** How many Certificates each namespace was made in the last hour, and which wait for that. */
export type CertificateLimits = {
  /** Begins to count with what there is. Later on what was made counts, whoever has deleted it since. */
  begin(certificates: Iterable<Certificate>, now: number): void
  /** Milliseconds that it must wait; 0: it may be made. Up to `SHORT_WAIT_MS` it is not for the limit. */
  wait(certificate: NewCertificate, now: number): number
  /** It was made. */
  done(certificate: NewCertificate, now: number): void
  /** It was let through, and could not be made. */
  failed(certificate: NewCertificate): void
  /** How many wait. */
  size(now: number): number
}

const HOUR_MS = 3_600_000
/** Those that wait look again so often at the least: an older one may have gone. */
const LOOK_AGAIN_MS = 600_000
/** Milliseconds after which it is known what became of one that was let through. */
export const SHORT_WAIT_MS = 1000
/** Who did not come back by then has gone. */
const LATE_MS = 60_000
/** Within this time the watch brings what was made: until then it looks as if it had to be made once more. */
const JUST_MADE_MS = 5000
const WAITING_PER_NAMESPACE = 10_000
/** Whoever was let through has made it by then, or failed. */
const UNDER_WAY_MS = 30_000

type Waiting = { readonly age: string; readonly until: number }

/** So many an hour for each namespace; 0: no limit. */
export function createCertificateLimits(most: number): CertificateLimits {
  let made = createShares<readonly number[]>({ each: 1 })
  const madeAt = createShares<number>({ each: WAITING_PER_NAMESPACE })
  const waiting = createWaiting()
  /** Let through, and not made yet: several are made at once. */
  const underWay = createShares<number>({ each: WAITING_PER_NAMESPACE })
  const recent = (namespace: string, now: number): readonly number[] =>
    (made.get(namespace, '') ?? []).filter((at) => at > now - HOUR_MS)
  const add = (namespace: string, at: number, now: number): void => {
    made.set(namespace, '', [...recent(namespace, now), at].slice(-most))
  }

  return {
    begin: (certificates, now) => {
      made = createShares({ each: 1 })
      if (most === 0) return
      for (const { namespace, at } of birthsOf(certificates)) {
        if (at > now - HOUR_MS) add(namespace, at, now)
      }
    },
    wait: ({ namespace, name, age }, now) => {
      if (most === 0) return 0
      if ((madeAt.get(namespace, name) ?? -Infinity) + JUST_MADE_MS > now) return SHORT_WAIT_MS
      const older = waiting
        .of(namespace, now)
        .filter(([other, one]) => other !== name && one.age < age)
      const others = [...underWay.entries(namespace)].filter(
        ([other, at]) => other !== name && at + UNDER_WAY_MS > now,
      )
      const wait = turnOf({
        made: recent(namespace, now),
        older: older.length,
        underWay: others.length,
        most,
        now,
      })
      if (wait === 0) underWay.set(namespace, name, now)
      else waiting.set(namespace, name, { age, until: now + wait })
      return wait
    },
    done: ({ namespace, name }, now) => {
      waiting.delete(namespace, name)
      underWay.delete(namespace, name)
      if (most === 0) return
      add(namespace, now, now)
      madeAt.set(namespace, name, now)
    },
    failed: ({ namespace, name }) => underWay.delete(namespace, name),
    size: waiting.size,
  }
}

/** Those that wait, until nobody has asked for them for a while. */
function createWaiting() {
  const waiting = createShares<Waiting>({ each: WAITING_PER_NAMESPACE })
  const namespaces = new Set<string>()
  const of = (namespace: string, now: number): readonly (readonly [string, Waiting])[] =>
    [...waiting.entries(namespace)].filter(([, { until }]) => until + LATE_MS > now)
  return {
    of,
    set: (namespace: string, name: string, one: Waiting): void => {
      waiting.set(namespace, name, one)
      namespaces.add(namespace)
    },
    delete: waiting.delete,
    size: (now: number): number => {
      let size = 0
      for (const namespace of namespaces) {
        const count = of(namespace, now).length
        if (count === 0) namespaces.delete(namespace)
        size += count
      }
      return size
    },
  }
}

/** When it is a Certificate's turn, in milliseconds from now: each of the last hour's makes room for one, an
 * hour after it was made; so many others go first. Of those under way some may fail, which is known soon. */
export function turnOf(input: {
  /** The times of the last hour at which one was made, the oldest first. */
  readonly made: readonly number[]
  /** How many older ones wait. */
  readonly older: number
  /** How many are being made. */
  readonly underWay: number
  readonly most: number
  readonly now: number
}): number {
  const { made, older, underWay, most, now } = input
  const place = made.length + older - most
  if (place + underWay < 0) return 0
  if (place < 0) return SHORT_WAIT_MS
  const room = (made[place] ?? now) + HOUR_MS
  return Math.min(Math.max(room - now, SHORT_WAIT_MS), LOOK_AGAIN_MS)
}

/** When the Certificates of ours were made, the oldest first. */
function birthsOf(
  certificates: Iterable<Certificate>,
): readonly { readonly namespace: string; readonly at: number }[] {
  return [...certificates]
    .filter(isOurs)
    .flatMap(({ metadata }) => {
      const at = parseTime(metadata.creationTimestamp)
      return at === undefined ? [] : [{ namespace: metadata.namespace, at }]
    })
    .sort((a, b) => a.at - b.at)
}
