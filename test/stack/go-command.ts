import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { startGuard } from './guard.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** What a Go command came to. */
export type GoResult = { readonly code: number | null; readonly stdout: string }

export type GoInput = {
  readonly args: readonly string[]
  readonly folder: string
  readonly env: Environment
  /** Where its stderr goes; nowhere when absent. */
  readonly log?: number
  readonly signal?: AbortSignal | undefined
}

/** Runs `go`. It ends with all that it started, compilers included, when the signal is given and when
 * this process is gone. Throws when there is no `go`, and on the signal. */
export async function runGo({ args, folder, env, log, signal }: GoInput): Promise<GoResult> {
  signal?.throwIfAborted()
  // Interrupted, not killed: it removes its temporary files.
  const guard = startGuard({ signal: 'INT' })
  const child = spawn('go', args, {
    cwd: folder,
    detached: true,
    env: { ...env, CGO_ENABLED: '0', GOWORK: 'off' },
    stdio: ['ignore', 'pipe', log ?? 'ignore'],
  })
  const endGroup = (): void => {
    const running = child.exitCode === null && child.signalCode === null
    if (child.pid !== undefined && running) process.kill(-child.pid, 'SIGINT')
  }
  signal?.addEventListener('abort', endGroup)
  try {
    let stdout = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    await once(child, 'spawn')
    guard.watch(child.pid ?? 0)
    await once(child, 'close')
    guard.forget(child.pid ?? 0)
    signal?.throwIfAborted()
    return { code: child.exitCode, stdout }
  } finally {
    signal?.removeEventListener('abort', endGroup)
    await guard.close()
  }
}
