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
  /** Ends what it still watches, removes the folder, and ends itself. */
  close(): Promise<void>
}

// Lines of `+ PID` and `- PID`; a whole group gets the signal, since a child of ours leads one.
const SCRIPT = `
pids=' '
while read -r change pid; do
  case $change in
    +) pids="$pids$pid " ;;
    -) pids="\${pids%% $pid *} \${pids#* $pid }" ;;
  esac
done
for pid in $pids; do kill -"$1" "-$pid"; done
if [ -n "$2" ]; then rm -rf "$2"; fi
`

export type GuardOptions = {
  /** What it ends processes with. */
  readonly signal: 'KILL' | 'INT'
  /** Removed when all is ended. */
  readonly folder?: string
}

/** Starts a guard over nothing yet. */
export function startGuard({ signal, folder = '' }: GuardOptions): Guard {
  // No signal to our process group reaches it: it outlives us by design.
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'guard', signal, folder], {
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
