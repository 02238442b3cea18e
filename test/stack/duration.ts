/** A number of seconds for people: `45 s`, `5 min 30 s`. */
export function durationText(seconds: number): string {
  const whole = Math.round(seconds)
  return whole < 90 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`
}
