import { CAUSES, NEXT, type Cause, type CauseEntry } from './causes.ts'

/** What somebody says: a status's or an Event's reason and its text. */
export type Saying = { readonly reason: string | null; readonly message: string | null }

/** What a cause means for one domain. */
export type Advice = {
  readonly cause: Cause
  /** One sentence. */
  readonly whatToDo: string
  readonly next: string
}

/** The cause that somebody's words tell, or undefined for words that the catalogue does not know. Of
 * several signs in a text the earliest counts: what comes later may be quoted from a stranger's server.
 * Takes time in proportion to the text. */
export function causeOf({ reason, message }: Saying): Cause | undefined {
  const text = (message ?? '').toLowerCase()
  return (
    earliest(text, PLAIN) ??
    byReason(reason ?? '') ??
    byReason(/urn:ietf:params:acme:error:(\w+)/i.exec(text)?.[1] ?? '') ??
    earliest(text, VAGUE)
  )
}

/** An ACME error's type is a reason in whatever case. */
function byReason(reason: string): Cause | undefined {
  const wanted = reason.toLowerCase()
  return REASONED.find(([, { reasons }]) =>
    reasons?.some((one) => one.toLowerCase() === wanted),
  )?.[0]
}

/** What to do about a cause, for a domain. */
export function adviceOn(cause: Cause, domain: string): Advice {
  const { whatToDo, next } = CAUSES[cause]
  return { cause, whatToDo: whatToDo.replaceAll('{}', () => domain), next: NEXT[next] }
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of a table are its keys
const ENTRIES = Object.entries(CAUSES) as readonly (readonly [Cause, CauseEntry])[]

type Sign = { readonly cause: Cause; readonly fragments: readonly string[] }

const PLAIN = signsOf(ENTRIES.filter(([, { vague }]) => vague !== true))
const VAGUE = signsOf(ENTRIES.filter(([, { vague }]) => vague === true))
const REASONED = ENTRIES.filter(([, { reasons }]) => reasons !== undefined)

function signsOf(entries: typeof ENTRIES): readonly Sign[] {
  return entries.flatMap(([cause, { signs }]) =>
    signs.map((sign) => ({ cause, fragments: sign.toLowerCase().split(' … ') })),
  )
}

function earliest(text: string, signs: readonly Sign[]): Cause | undefined {
  let first = Infinity
  let cause: Cause | undefined
  for (const sign of signs) {
    const start = startOf(sign, text)
    if (start >= first) continue
    first = start
    cause = sign.cause
  }
  return cause
}

/** Where its fragments begin, one after the other; Infinity where they do not. */
function startOf({ fragments }: Sign, text: string): number {
  let start = Infinity
  let end = 0
  for (const fragment of fragments) {
    const found = text.indexOf(fragment, end)
    if (found === -1) return Infinity
    start = Math.min(start, found)
    end = found + fragment.length
  }
  return start
}
