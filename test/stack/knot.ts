import { randomBytes } from 'node:crypto'
import { Resolver } from 'node:dns/promises'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Run } from './control-plane.ts'

/** Where Debian's package `knot` puts it. */
const KNOTD = '/usr/sbin/knotd'

/** Why there is no Knot DNS on this machine, in a sentence, or undefined when there is. */
export function knotIsMissing(): string | undefined {
  return existsSync(KNOTD) ? undefined : `needs ${KNOTD}: apt-get install knot`
}

/** A DNS server with a zone that takes updates (RFC 2136) from who has the key. */
export type Knot = {
  /** Host and port. */
  readonly address: string
  readonly keyName: string
  /** Base64, for HMAC-SHA256. */
  readonly secret: string
}

/** Starts Knot DNS for one zone, in which every name is 127.0.0.1. */
export async function startKnot(
  { folder, processes }: Run,
  { zone, port }: { readonly zone: string; readonly port: number },
): Promise<Knot> {
  const own = join(folder, 'knot')
  await mkdir(own)
  const secret = randomBytes(32).toString('base64')
  await writeFile(join(own, `${zone}.zone`), ZONE.replaceAll('ZONE', zone))
  const path = join(own, 'knot.conf')
  await writeFile(path, configuration({ folder: own, zone, port, secret }), { mode: 0o600 })
  const knot = await processes.start(KNOTD, {
    log: join(folder, 'logs', 'knot.log'),
    args: ['--config', path],
  })
  const resolver = new Resolver({ timeout: 500, tries: 1 })
  resolver.setServers([`127.0.0.1:${port}`])
  await knot.ready(async () => resolver.resolveSoa(zone))
  return { address: `127.0.0.1:${port}`, keyName: KEY, secret }
}

const KEY = 'updates'

const ZONE = `$ORIGIN ZONE.
$TTL 1
@ SOA ns hostmaster 1 3600 600 86400 1
@ NS ns
@ A 127.0.0.1
* A 127.0.0.1
`

function configuration(input: {
  readonly folder: string
  readonly zone: string
  readonly port: number
  readonly secret: string
}): string {
  const { folder, zone, port, secret } = input
  return `server:
    listen: 127.0.0.1@${port}
    rundir: "${folder}"
log:
  - target: stderr
    any: info
database:
    storage: "${folder}"
key:
  - id: ${KEY}
    algorithm: hmac-sha256
    secret: ${secret}
acl:
  - id: update
    key: ${KEY}
    action: update
zone:
  - domain: ${zone}
    storage: "${folder}"
    file: "${zone}.zone"
    zonefile-sync: -1
    journal-content: changes
    acl: update
`
}
