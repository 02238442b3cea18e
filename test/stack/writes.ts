import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isJsonObject, objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import type { Stack } from './stack.ts'

/** One write that tlsauto asked for, from the API servers' audit logs. */
export type Write = {
  readonly verb: string
  readonly resource: string
  readonly namespace: string
  readonly name: string
  readonly status: number
  /** Whether RBAC had something against it. */
  readonly forbidden: boolean
}

const TLSAUTO = 'system:serviceaccount:tlsauto:tlsauto'

/** All writes of tlsauto so far, but for those of its Lease, which is written all the time. */
export async function writesOf(stack: Stack): Promise<readonly Write[]> {
  const logs = join(stack.folder, 'logs')
  // Of every API server there is, and what one has put aside.
  const names = (await readdir(logs)).filter((name) => /^audit.*\.log$/.test(name)).toSorted()
  const texts = await Promise.all(names.map(async (name) => readFile(join(logs, name), 'utf8')))
  return texts
    .join('')
    .split('\n')
    .filter((line) => line.includes(TLSAUTO))
    .flatMap(parseEntry)
    .filter(({ resource }) => resource !== 'leases')
}

function parseEntry(line: string): readonly Write[] {
  const entry: unknown = JSON.parse(line)
  if (!isJsonObject(entry)) return []
  if (textAt(objectAt(entry, 'user'), 'username') !== TLSAUTO) return []
  const object = objectAt(entry, 'objectRef')
  return [
    {
      verb: textAt(entry, 'verb') ?? '',
      resource: textAt(object, 'resource') ?? '',
      namespace: textAt(object, 'namespace') ?? '',
      name: textAt(object, 'name') ?? '',
      status: statusOf(entry),
      forbidden: objectAt(entry, 'annotations')['authorization.k8s.io/decision'] === 'forbid',
    },
  ]
}

function statusOf(entry: JsonObject): number {
  const code = objectAt(entry, 'responseStatus')['code']
  return typeof code === 'number' ? code : 0
}
