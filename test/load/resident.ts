import { readFile } from 'node:fs/promises'

/** MiB of memory that a process has (RSS). */
export async function residentMiB(pid: number): Promise<number> {
  const [, kilobytes = ''] =
    /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) / 1024
}
