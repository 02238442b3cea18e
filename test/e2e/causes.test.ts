import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { startTlsauto, type Tlsauto } from '../stack/tlsauto.ts'
import { until } from '../stack/until.ts'
import {
  breakAll,
  breakDns,
  denyRequests,
  routeName,
  routeOf,
  startBrokenCluster,
  type BrokenCluster,
} from './broken-cluster.ts'
import { CAUSE_ROWS, type CauseRow } from './cause-rows.ts'
import { look, standings, type Look } from './look.ts'
import { kubectlTlsauto } from './plugin.ts'

const GOLDEN = join(import.meta.dirname, '..', 'golden', 'causes.txt')
/** For everything to be as broken as it gets. */
const PATIENCE_MS = 120_000

suite('every cause, made by breaking the cluster', () => {
  const ending = new AbortController()
  const looks = new Map<string, Look>()
  let cluster: BrokenCluster
  let tlsauto: Tlsauto

  before(async () => {
    cluster = await startBrokenCluster(ending.signal)
    const { stack } = cluster
    tlsauto = await startTlsauto(stack, { flags: ['--annotations=all'] })
    denyRequests(stack, ending.signal).catch(() => undefined)
    const later = CAUSE_ROWS.filter((row) => row.later !== undefined)
    // First, since what is broken keeps cert-manager busy.
    await cluster.apply(...later.map((row) => routeOf(row)))
    await Promise.all(later.map(breakLater))
    await breakAll(
      cluster,
      CAUSE_ROWS.filter((row) => row.later === undefined),
    )
    await until('all to be broken', allBroken, PATIENCE_MS).catch(() => undefined)
    for (const row of CAUSE_ROWS) looks.set(row.name, await look(stack, row))
    if (process.env['TLSAUTO_GOLDEN'] !== 'write') return
    await writeFile(GOLDEN, [...looks.values()].map(({ text }) => text).join(''))
  })

  after(async () => {
    ending.abort()
    await tlsauto?.stop()
    await cluster?.stack.stop()
  })

  /** Breaks what has a certificate. */
  const breakLater = async (row: CauseRow): Promise<void> => {
    const { stack } = cluster
    const route = routeName(row.domain)
    const secret = `tls-${route}-${row.domain.replaceAll('.', '-')}`
    await until(
      `${row.domain} to be issued`,
      async () => {
        const { stdout } = await stack.kubectl(['get', 'secret', secret, '--ignore-not-found'])
        return stdout !== '' || undefined
      },
      PATIENCE_MS,
    )
    await breakDns(cluster, row)
    if (row.later === 'Secret deleted') await stack.kubectl(['delete', 'secret', secret])
    if (row.later === 'renewed') {
      await kubectlTlsauto(stack, ['wait', route])
      const { code, stderr } = await kubectlTlsauto(stack, ['renew', route, '--force', '--yes'])
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    }
  }

  const allBroken = async (): Promise<true | undefined> => {
    const known = await standings(cluster.stack)
    const open = CAUSE_ROWS.filter(({ domain, namespace = 'default', want }) => {
      const found = known.get(`${namespace}/${routeName(domain)}`)
      return found?.state !== want.state || found.cause !== (want.status ?? want.cause)
    })
    return open.length === 0 || undefined
  }

  for (const { name, want } of CAUSE_ROWS) {
    test(name, async () => {
      assert.deepEqual(looks.get(name)?.verdict, want)
      // If a difference is meant: TLSAUTO_GOLDEN=write, and read it.
      assert.equal(looks.get(name)?.text, await goldenText(name))
    })
  }
})

/** What was said of a row when somebody read it. */
async function goldenText(name: string): Promise<string | undefined> {
  const sections = (await readFile(GOLDEN, 'utf8')).split(/^(?=# )/m)
  return sections.find((text) => text.startsWith(`# ${name}\n`))
}
