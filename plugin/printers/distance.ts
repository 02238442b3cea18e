import { parseTime } from '../../shared/json/time.ts'

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const

/** How far off a time is: `89d`, `54m`, `-` when there is none, `now` when it is past. */
export function distance(time: string | null, now: Date): string {
  const then = parseTime(time ?? '')
  return then === undefined ? '-' : length(then - now.getTime(), 'now')
}

/** How long ago a time was: `89d`, `54m`, `0s`; `-` when nobody says. */
export function age(time: string | null, now: Date): string {
  const then = parseTime(time ?? '')
  return then === undefined ? '-' : length(now.getTime() - then, '0s')
}

function length(left: number, none: string): string {
  const unit = UNITS.find(([, length]) => left >= length)
  return unit === undefined ? none : `${Math.floor(left / unit[1])}${unit[0]}`
}
