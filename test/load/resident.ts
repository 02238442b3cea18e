import { readFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'

/** MiB of memory that a process has (RSS). */
export async function residentMiB(pid: number): Promise<number> {
  const [, kilobytes = ''] =
    /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) / 1024
}

/** MiB of memory that a process had at most, when it ends. */
export async function peakMiB(pid: number): Promise<number> {
  let peak = 0
  for (;;) {
    // Of a process that has ended there is no VmHWM any more, and soon no file either.
    const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(text) ?? []
    if (kilobytes === undefined) return peak
    peak = Number(kilobytes) / 1024
    await setTimeout(2)
  }
}
