import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { FIELD_MANAGER } from '../../shared/kube/ours.ts'
import type { Logger } from './logger.ts'
import { createEventLimits } from './event-limits.ts'
import { WALL_CLOCK, type Clock } from './clock.ts'
import { createBackgroundQueue } from './background-queue.ts'
import { createShares } from './shares.ts'
import { describeNote, isHindrance, isStep, type EventNote } from './event-notes.ts'

/** Writes a note as an Event on its route. */
export type Recorder = {
  record(note: EventNote): void
  /** As if it had been told: what was so before we came is no news. */
  remember(note: EventNote): void
  /** Writes what waits; settles when that is done, or took too long. */
  finish(): Promise<void>
}

/** An API server that is away must not hold the end up. */
const LONGEST_FINISH_MS = 2000
/** What is forgotten may be told once more: memory must not grow with the cluster's history. */
const REMEMBERED_PER_NAMESPACE = 5000
/** A step that is taken again so much later is no retry: its route has left and come back. */
const RETRY_MS = 60_000
/** What hinders a step is told again after so long. */
const REMINDER_MS = 1_800_000

export type RecorderInput = {
  readonly client: KubeClient
  readonly logger: Logger
  /** Whether there is more important work: Events wait for it, for a while. */
  readonly isBusy: () => boolean
  /** Called for each Event that its object or its namespace had no room for. */
  readonly onDropped?: (note: EventNote) => void
  readonly clock?: Clock
}

/** A recorder that tells each note of an object once (a step that is taken again later, once more), as many as the
 * limits allow, and does not wait: what is said about the work must neither hold it up nor fail it. */
export function createRecorder(input: RecorderInput): Recorder {
  const { client, logger, onDropped = () => undefined, clock = WALL_CLOCK } = input
  const { now } = clock
  const told = createShares<number>({ each: REMEMBERED_PER_NAMESPACE })
  const isAllowed = createEventLimits()
  const outbox = createBackgroundQueue(input)
  const isNews = (note: EventNote): boolean => {
    const last = told.get(note.on.namespace, keyOf(note))
    return last === undefined || now() - last > silenceAfter(note)
  }
  const remember = (note: EventNote): void => told.set(note.on.namespace, keyOf(note), now())
  return {
    finish: async () => {
      const left = await outbox.drain(LONGEST_FINISH_MS)
      if (left > 0) logger.warn({ left }, 'Events not written before the end')
    },
    remember,
    record: (note) => {
      if (!isNews(note)) return
      const { namespace, uid } = note.on
      const isWarning = describeNote(note).type === 'Warning'
      // What is not told now is told when it is seen again and there is room.
      if (!isAllowed({ namespace, uid, isWarning }, now())) {
        onDropped(note)
        return
      }
      remember(note)
      const at = new Date(now())
      outbox.add(async () =>
        write(client, note, at).catch((error: unknown) => {
          told.delete(namespace, keyOf(note))
          logger.warn({ error, reason: note.reason, route: note.on.name }, 'Event not written')
        }),
      )
    },
  }
}

/** A recorder for the first look at what there is: it tells what is done, and only remembers what is
 * wrong. */
export function onFirstLook(recorder: Recorder): Recorder {
  const record = (note: EventNote): void =>
    isDone(note) ? recorder.record(note) : recorder.remember(note)
  return { ...recorder, record }
}

/** Whether it tells of something that was done. */
function isDone({ reason }: EventNote): boolean {
  return isStep(reason) && !isHindrance(reason)
}

/** Milliseconds for which it is not told again. */
function silenceAfter({ reason }: EventNote): number {
  if (isHindrance(reason)) return REMINDER_MS
  return isStep(reason) ? RETRY_MS : Infinity
}

/** The message too: of two hosts each is told once, whatever order they come in. Of what hinders a route's
 * Certificates one is enough. */
function keyOf(note: EventNote): string {
  const { on, reason } = note
  return isHindrance(reason)
    ? `${on.uid} ${reason}`
    : `${on.uid} ${reason} ${describeNote(note).message}`
}

/** `at` is when it happened: it may have waited since. */
async function write(client: KubeClient, note: EventNote, at: Date): Promise<void> {
  const { namespace, ...involved } = note.on
  const time = at.toISOString().replace(/\.\d+Z$/, 'Z')
  const { type, message } = describeNote(note)
  await client.create(RESOURCES.events, {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { namespace, generateName: `${involved.name.slice(0, 200)}.` },
    involvedObject: { ...involved, namespace },
    type,
    reason: note.reason,
    message,
    count: 1,
    firstTimestamp: time,
    lastTimestamp: time,
    source: { component: FIELD_MANAGER },
    reportingComponent: FIELD_MANAGER,
    reportingInstance: '',
  })
}
