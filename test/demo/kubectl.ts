import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { delimiter, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { ROOT } from '../stack/build-all.ts'
import type { Stack } from '../stack/stack.ts'

export type KubectlRun = {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the real kubectl, which finds `kubectl tlsauto` in dist/, as a user would in the work tree.
 * Each line of its standard output is told as it comes; the signal ends it. */
export async function kubectl(
  stack: Stack,
  args: readonly string[],
  {
    onLine,
    signal,
  }: { readonly onLine?: (line: string) => void; readonly signal?: AbortSignal } = {},
): Promise<KubectlRun> {
  const program = stack.built.program('kubectl')
  const path = [join(ROOT, 'dist'), dirname(program), process.env['PATH'] ?? ''].join(delimiter)
  const child = spawn(program, args, {
    cwd: ROOT,
    env: { ...process.env, PATH: path, KUBECONFIG: stack.kubeconfig },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  signal?.addEventListener('abort', () => child.kill('SIGTERM'))
  const output = { stdout: '', stderr: '' }
  createInterface({ input: child.stdout }).on('line', (line) => {
    output.stdout += `${line}\n`
    onLine?.(line)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text
  })
  await once(child, 'close')
  return { code: child.exitCode, ...output }
}
