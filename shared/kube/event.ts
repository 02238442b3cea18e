import { isJsonObject, objectAt, textAt, type JsonObject } from '../json/json.ts'
import { countOf } from '../json/number.ts'
import { timeAt, type Time } from '../json/time.ts'
import { messageAt } from './object.ts'

/** The slice of an Event that tlsauto reads. */
export type KubeEvent = {
  /** The uid, kind and name of what it is about. */
  readonly uid: string
  readonly kind: string
  readonly name: string
  /** `Normal` or `Warning`. */
  readonly type: string
  readonly reason: string
  readonly message: string
  /** How often it happened, as far as anybody counted. */
  readonly count: number
  /** When it happened last; undefined: nobody says. */
  readonly time: Time | undefined
}

/** Reads a core/v1 Event from JSON, or undefined when it is none; the old way of telling the time and
 * the new one (`series`, `eventTime`) count alike. */
export function parseEvent(value: unknown): KubeEvent | undefined {
  if (!isJsonObject(value)) return undefined
  const about = objectAt(value, 'involvedObject')
  const series = objectAt(value, 'series')
  return {
    uid: textAt(about, 'uid') ?? '',
    kind: textAt(about, 'kind') ?? '',
    name: textAt(about, 'name') ?? '',
    type: textAt(value, 'type') ?? '',
    reason: textAt(value, 'reason') ?? '',
    message: messageAt(value, 'message'),
    count: countIn(series) ?? countIn(value) ?? 1,
    time: timeIn(value, series),
  }
}

function countIn(parent: JsonObject): number | undefined {
  return countOf(parent['count']) || undefined
}

function timeIn(event: JsonObject, series: JsonObject): Time | undefined {
  return (
    timeAt(series, 'lastObservedTime') ??
    timeAt(event, 'lastTimestamp') ??
    timeAt(event, 'eventTime') ??
    timeAt(objectAt(event, 'metadata'), 'creationTimestamp')
  )
}
