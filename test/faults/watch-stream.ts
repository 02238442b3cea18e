import type { ServerResponse } from 'node:http'
import { isJsonObject, objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import type { Script } from './script.ts'
import { errorEvent } from './answer.ts'

/** How long a held event waits for the next one to overtake it. */
const HELD_MS = 300
/** A swallowed event stays unknown for a moment before the connection breaks. */
const LOST_MS = 100

/** Takes a watch's lines one by one and passes on what the script lets through. */
export type WatchStream = {
  line(text: string): void
  /** The API server has ended it. */
  end(): void
}

/** The lines of one watch of a kind, on their way to the client. */
export function createWatchStream(input: {
  readonly kind: string
  readonly script: Script
  readonly out: ServerResponse
  readonly kill: () => void
  readonly goElsewhere: () => void
}): WatchStream {
  const { kind, script, out, kill, goElsewhere } = input
  let held: string | undefined
  let isMute = false

  const send = (text: string): void => {
    // A response that has ended still counts as writable.
    if (!out.writableEnded && !out.destroyed && !isMute) out.write(`${text}\n`)
  }
  const hold = (text: string): void => {
    release()
    held = text
    setTimeout(release, HELD_MS)
  }
  const release = (): void => {
    const text = held
    held = undefined
    if (text !== undefined) send(text)
  }
  const pass = (text: string): void => {
    send(text)
    release()
  }
  const fail = (code: number): void => {
    send(errorEvent(code))
    out.end()
  }

  const deeds: Readonly<Record<string, (text: string) => void>> = {
    cut: (text) => {
      if (!out.writableEnded) out.write(text.slice(0, text.length / 2), () => out.destroy())
    },
    swallow: () => undefined,
    mute: () => {
      isMute = true
    },
    lose: () => {
      script.forget(kind, 'answer-410')
      setTimeout(() => out.destroy(), LOST_MS)
    },
    repeat: (text) => {
      pass(text)
      send(text)
    },
    stale: (text) => {
      pass(text)
      hold(text)
    },
    swap: hold,
    gone: () => {
      script.forget(kind, 'gone')
      fail(410)
    },
    error: () => fail(500),
    kill: () => {
      kill()
      out.destroy()
    },
    // With every watch that is open, this one ends.
    elsewhere: goElsewhere,
  }

  return {
    line: (text) => {
      if (!script.concerns(namespaceOf(text))) {
        send(text)
        return
      }
      const deed = deeds[script.next('event') ?? ''] ?? pass
      deed(text)
    },
    end: () => {
      if (!isMute) out.end()
    },
  }
}

/** The namespace that an event is about; a Namespace's own is itself. */
function namespaceOf(line: string): string {
  const event: unknown = JSON.parse(line)
  if (!isJsonObject(event) || event['type'] === 'BOOKMARK') return ''
  const object: JsonObject = objectAt(event, 'object')
  const metadata = objectAt(object, 'metadata')
  return textAt(metadata, object['kind'] === 'Namespace' ? 'name' : 'namespace') ?? ''
}
