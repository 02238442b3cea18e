import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Ends processes when this one is gone, whatever ended it: a process of its own that learns of ours
 * by the end of its input, which even a SIGKILL brings about. */
export type Guard = {
  readonly pid: number
  /** From now on it ends this process and all of its process group. */
  watch(pid: number): void
  /** The process has ended, and its pid may become somebody else's. */
  forget(pid: number): void
  /** Kills what it still watches, removes the folder, and ends. */
  close(): Promise<void>
}

// Lines of `+ PID` and `- PID`; killed by group, since a child of ours leads one.
const SCRIPT = `
pids=' '
while read -r change pid; do
  case $change in
    +) pids="$pids$pid " ;;
    -) pids="\${pids%% $pid *} \${pids#* $pid }" ;;
  esac
done
for pid in $pids; do kill -9 "-$pid"; done
if [ -n "$1" ]; then rm -rf "$1"; fi
`

/** Starts a guard; it removes the folder, if one is given, when all is ended. */
export function startGuard(folder = ''): Guard {
  // No signal to our process group reaches it: it outlives us by design.
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'guard', folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  child.unref()
  const gone = once(child, 'exit')
  // A guard that somebody killed must not take us along.
  child.stdin.on('error', () => undefined)
  return {
    pid: child.pid ?? 0,
    watch: (pid) => child.stdin.write(`+ ${pid}\n`),
    forget: (pid) => child.stdin.write(`- ${pid}\n`),
    close: async () => {
      child.ref()
      child.stdin.end()
      await gone
    },
  }
}
