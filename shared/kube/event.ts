import { isJsonObject, objectAt, textAt, type JsonObject } from '../json.ts'

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
  /** RFC 3339: when it happened last; empty when nobody says. */
  readonly time: string
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
    message: textAt(value, 'message') ?? '',
    count: countIn(series) ?? countIn(value) ?? 1,
    time: timeIn(value, series),
  }
}

function countIn(parent: JsonObject): number | undefined {
  const { count } = parent
  return typeof count === 'number' && count > 0 ? count : undefined
}

function timeIn(event: JsonObject, series: JsonObject): string {
  return (
    textAt(series, 'lastObservedTime') ??
    textAt(event, 'lastTimestamp') ??
    textAt(event, 'eventTime') ??
    textAt(objectAt(event, 'metadata'), 'creationTimestamp') ??
    ''
  )
}
