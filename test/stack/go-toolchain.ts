import { runGo, type Environment } from './go-command.ts'

/** The Go that builds the stack, and where it keeps what it downloads and compiles. */
export type GoToolchain = { readonly version: string; readonly folders: readonly string[] }

const OLDEST_MINOR = 26

/** Asks `go` in the folder of a module, where it may fetch the toolchain that the module asks for.
 * Throws an Error that says what to install when there is none, or an old one. */
export async function goToolchain(env: Environment, folder: string): Promise<GoToolchain> {
  const install = `install Go 1.${OLDEST_MINOR} or newer (https://go.dev/doc/install) and put it in PATH`
  const args = ['env', 'GOVERSION', 'GOCACHE', 'GOMODCACHE']
  const answer = await runGo({ args, folder, env }).catch((cause: unknown) => {
    throw new Error(`Go is missing: ${install}`, { cause })
  })
  const [version = '', ...folders] = answer.stdout.trim().split('\n')
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(version) ?? []
  if (major === '1' && Number(minor) >= OLDEST_MINOR) return { version, folders }
  throw new Error(`${version || 'The Go in PATH'} is too old: ${install}`)
}
