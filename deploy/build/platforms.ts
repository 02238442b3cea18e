/** A platform that a release has an executable for. */
export type Platform = {
  /** As Go, kubectl and krew call it. */
  readonly os: 'linux' | 'darwin' | 'windows'
  readonly arch: 'amd64' | 'arm64'
  /** As bun calls it. */
  readonly target: string
  /** The npm package with bun for it. */
  readonly runtime: string
  /** What the names of its executables end in. */
  readonly suffix: '' | '.exe'
}

export const PLATFORMS: readonly Platform[] = [
  {
    os: 'linux',
    arch: 'amd64',
    target: 'bun-linux-x64',
    runtime: '@oven/bun-linux-x64',
    suffix: '',
  },
  {
    os: 'linux',
    arch: 'arm64',
    target: 'bun-linux-arm64',
    runtime: '@oven/bun-linux-aarch64',
    suffix: '',
  },
  {
    os: 'darwin',
    arch: 'arm64',
    target: 'bun-darwin-arm64',
    runtime: '@oven/bun-darwin-aarch64',
    suffix: '',
  },
  {
    os: 'windows',
    arch: 'amd64',
    target: 'bun-windows-x64',
    runtime: '@oven/bun-windows-x64',
    suffix: '.exe',
  },
]
