/** Where a fault strikes: at the nth such thing since the plan was armed. Writes and watch events count
 * where they are about the plan's namespace; lists and watch requests count for each kind alone. */
const DEEDS = {
  write: [
    'kill-before',
    'kill-after',
    'reset-before',
    'reset-after',
    'late',
    'answer-409',
    'answer-429',
    'answer-500',
    'answer-503',
    // For longer than its Lease lasts tlsauto stands still; for a while etcd does.
    'pause',
    'freeze',
    'elsewhere',
  ],
  // `elsewhere`: from then on everything goes to a second API server, which is behind.
  // `lose`: swallowed, then the connection is cut, and the kind must be listed again (410).
  // `swallow`: as if it had not been. `mute`: from then on nothing more on this connection.
  // `stale`: told again after a later one. `swap`: told after the next one.
  event: [
    'cut',
    'lose',
    'swallow',
    'mute',
    'repeat',
    'stale',
    'swap',
    'gone',
    'error',
    'kill',
    'elsewhere',
  ],
  // `old`: as it was when the plan was armed.
  list: ['old', 'reset', 'answer-429', 'answer-500', 'answer-503'],
  watch: ['answer-410', 'reset', 'answer-429', 'answer-500', 'answer-503'],
} as const

export type Point = keyof typeof DEEDS
export type Deed = (typeof DEEDS)[Point][number]

/** One thing that the proxy does to what passes through it. */
export type Fault = { readonly on: Point; readonly nth: number; readonly does: Deed }

/** A disturbed run: a scenario, and what happens on it. Its name says all of it. */
export type Plan = { readonly scenario: string; readonly faults: readonly Fault[] }

/** `create/write-3-kill-after+list-1-old` */
export function planName({ scenario, faults }: Plan): string {
  return `${scenario}/${faults.map(faultText).join('+')}`
}

/** The plan of a name. Throws when it is none. */
export function parsePlan(name: string): Plan {
  const [scenario = '', faults = ''] = name.split('/')
  return { scenario, faults: faults === '' ? [] : faults.split('+').map(parseFault) }
}

/** `write-3-kill-after` */
export function faultText({ on, nth, does }: Fault): string {
  return `${on}-${nth}-${does}`
}

/** The fault of a text. Throws when it is none. */
export function parseFault(text: string): Fault {
  const [, on, nth, does] = /^(\w+)-(\d+)-(.+)$/.exec(text) ?? []
  if (isPoint(on)) {
    const deed = deedsAt(on).find((one) => one === does)
    if (deed !== undefined) return { on, nth: Number(nth), does: deed }
  }
  throw new Error(`${text} is no fault`)
}

/** Whether for a moment tlsauto knows less of one kind than of the others. */
export function blinds({ on, does }: Fault): boolean {
  // From an API server that is behind nothing comes that was not so once, and writes to it are as to the first.
  return on !== 'write' && does !== 'elsewhere'
}

/** Whether tlsauto ends by it, and starts again. */
export function kills({ does }: Fault): boolean {
  return does === 'kill' || does === 'kill-before' || does === 'kill-after'
}

/** Whether there may be writes when all seems well already: one is held up, or old news still comes. */
export function lingers({ does }: Fault): boolean {
  return does === 'late' || does === 'elsewhere'
}

/** Whether only time can heal it: events are lost, and nothing says so. */
export function needsPace({ does }: Fault): boolean {
  return does === 'swallow' || does === 'mute'
}

/** Whether it needs a second API server. */
export function needsSecond({ does }: Fault): boolean {
  return does === 'elsewhere'
}

/** All that can happen at such a point. */
export function deedsAt(point: Point): readonly Deed[] {
  return DEEDS[point]
}

function isPoint(text: string | undefined): text is Point {
  return text !== undefined && Object.hasOwn(DEEDS, text)
}
