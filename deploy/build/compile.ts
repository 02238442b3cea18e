import { execFile } from 'node:child_process'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { installedBun } from './installed-bun.ts'

/** By itself bun would run what a `bunfig.toml` names, and read the `.env`, of the folder that the user is in. */
const NOTHING_OF_THE_FOLDER = ['--no-compile-autoload-bunfig', '--no-compile-autoload-dotenv']

/** Makes a bundle one executable, by putting a runtime around it: this machine's, or that at a path for the
 * platform that bun calls `target`. */
export async function compile({
  bundle,
  outfile,
  platform,
}: {
  readonly bundle: string
  readonly outfile: string
  readonly platform?: { readonly target: string; readonly runtime: string }
}): Promise<void> {
  const other =
    platform === undefined
      ? []
      : [`--target=${platform.target}`, `--compile-executable-path=${platform.runtime}`]
  const args = [
    'build',
    '--compile',
    '--bytecode',
    '--format=esm',
    ...NOTHING_OF_THE_FOLDER,
    ...other,
  ]
  // What bun leaves behind while it works is left beside the bundle.
  const bun = await installedBun()
  await promisify(execFile)(bun, [...args, '--outfile', outfile, bundle], { cwd: dirname(bundle) })
}
