import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { listAt } from '../../shared/json/json.ts'
import type { TlsautoOptions } from './tlsauto.ts'

const ROOT = join(import.meta.dirname, '..', '..')

/** The server as its image has it: the one file that `make build` makes, with the options of Node.js that
 * the Dockerfile gives. */
export async function imageProgram(): Promise<
  Required<Pick<TlsautoOptions, 'program' | 'nodeOptions'>>
> {
  const text = await readFile(join(ROOT, 'deploy', 'Dockerfile'), 'utf8')
  const [, json = '[]'] = /^ENTRYPOINT (\[.*\])$/m.exec(text) ?? []
  const command: unknown = JSON.parse(json)
  const [node, ...args] = listAt({ command }, 'command').filter((one) => typeof one === 'string')
  const [file, ...options] = args.toReversed()
  if (node !== 'node' || file !== '/tlsauto.mjs') throw new Error(`an unknown ENTRYPOINT: ${json}`)
  return { program: join(ROOT, 'dist', 'tlsauto.mjs'), nodeOptions: options.toReversed() }
}
