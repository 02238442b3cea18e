import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'

/** Nothing of who packs, where and when. */
const SAME_FOR_ALL = [
  '--format=ustar',
  '--sort=name',
  '--mtime=2000-01-01 00:00:00Z',
  '--owner=0',
  '--group=0',
  '--numeric-owner',
  '--mode=u=rwX,go=rX',
]

/** Writes a `.tar.gz` of files (or folders) inside of a folder: of the same files the same bytes, always. */
export async function pack({
  folder,
  files,
  outfile,
}: {
  readonly folder: string
  readonly files: readonly string[]
  readonly outfile: string
}): Promise<void> {
  const args = [...SAME_FOR_ALL, '--create', '--directory', folder, ...files.toSorted()]
  const tar = spawn('tar', args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const [stderr] = await Promise.all([
    text(tar.stderr),
    pipeline(tar.stdout, createGzip(), createWriteStream(outfile)),
    once(tar, 'close'),
  ])
  if (tar.exitCode !== 0) throw new Error(`GNU tar could not pack ${outfile}: ${stderr.trim()}`)
}
