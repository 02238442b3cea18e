import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { platform } from 'node:os'
import { basename, join } from 'node:path'
import { installScript } from './install-script.ts'
import type { RunContext } from '../../command-line/run-context.ts'
import { paint } from '../../command-line/terminal.ts'
import type { CompletionFlags } from './usage.ts'

/** kubectl asks the executable of this name for a plugin's completion (kubectl 1.26). */
const NAME = 'kubectl_complete-tlsauto'

const SCRIPT = `#!/bin/sh
# Completion of kubectl's plugin tlsauto, which kubectl runs.
exec kubectl tlsauto __complete "$@"
`

const WINDOWS_SCRIPT = '@kubectl tlsauto __complete %*\r\n'

/** Puts the script that kubectl runs for completion into a folder of PATH, or prints it. */
export async function runCompletion(
  { action, directory }: CompletionFlags,
  context: Pick<RunContext, 'terminal' | 'path' | 'shell'>,
): Promise<number> {
  const { terminal, path = [], shell = '' } = context
  const isWindows = platform() === 'win32'
  const script = isWindows ? WINDOWS_SCRIPT : SCRIPT
  if (action === 'script') {
    terminal.out(script)
    return 0
  }
  const folder = directory ?? (await folderOfPlugin(path, isWindows))
  const name = isWindows ? `${NAME}.cmd` : NAME
  const file = join(folder, name)
  await install({ folder, name }, script)
  terminal.out(`${paint(file, undefined)} is there: kubectl completes tlsauto\n`)
  if (!path.includes(folder)) {
    terminal.error(`${paint(folder, undefined)} is not in PATH, where kubectl looks for it\n`)
  }
  terminal.out(`where kubectl does not complete at all yet: ${kubectlsOwn(basename(shell))}\n`)
  return 0
}

/** The first folder of PATH with the plugin in it: that is the one that kubectl runs. */
async function folderOfPlugin(path: readonly string[], isWindows: boolean): Promise<string> {
  const file = isWindows ? 'kubectl-tlsauto.exe' : 'kubectl-tlsauto'
  for (const folder of path) if (await isThere(join(folder, file))) return folder
  throw new Error(
    'kubectl-tlsauto is in no folder of PATH: put it there, or say --directory FOLDER',
  )
}

async function isThere(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

async function install(
  at: { readonly folder: string; readonly name: string },
  script: string,
): Promise<void> {
  try {
    await installScript(at, script)
  } catch (cause) {
    const isOfSystem = cause instanceof Error && 'code' in cause
    if (!isOfSystem) throw cause
    const file = join(at.folder, at.name)
    throw new Error(
      `${file} cannot be written (${cause.message}): run it with sudo, or say --directory FOLDER, one of PATH`,
      { cause },
    )
  }
}

/** How kubectl's own completion gets into a shell (kubectl completion --help). */
function kubectlsOwn(shell: string): string {
  switch (shell) {
    case 'zsh':
      return 'source <(kubectl completion zsh), in ~/.zshrc'
    case 'fish':
      return 'kubectl completion fish | source, in ~/.config/fish/config.fish'
    case 'bash':
      return 'source <(kubectl completion bash), in ~/.bashrc'
    default:
      return 'kubectl completion --help'
  }
}
