import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { buildAll, ROOT } from '../stack/build-all.ts'
import { CLUSTER } from '../stack/parts.ts'
import { startWithTlsauto, type StackWithTlsauto } from '../stack/with-tlsauto.ts'
import { createNarrator, seconds, type Narrator } from './narrator.ts'
import { STORY } from './story.ts'

const LOGS = join(ROOT, '.tlsauto', 'demo-logs')

/** The demo: starts a cluster, tells the story on it, and ends it. Gives the exit code: 0 only when
 * every claim that it prints was checked. */
async function demo(narrator: Narrator, signal: AbortSignal): Promise<number> {
  const started = Date.now()
  let running: StackWithTlsauto | undefined
  try {
    narrator.heading('tlsauto: apply a plain Traefik IngressRoute, and it serves HTTPS')
    await narrator.step('Start a real cluster on this machine', async () => {
      running = await startCluster(narrator, signal)
      return 'etcd, Kubernetes, Traefik, cert-manager, an ACME server (Pebble) and tlsauto are up'
    })
    if (running === undefined) throw new Error('the cluster is not there')
    for (const { title, run } of STORY) {
      const scene = { narrator, stack: running.stack }
      await narrator.step(title, async () => run(scene))
    }
  } catch (error) {
    if (!signal.aborted) narrator.failure(error, 'The logs are kept in .tlsauto/demo-logs.')
    return 1
  } finally {
    await running?.stack.stop()
  }
  narrator.ending(`All of it was checked, in ${seconds(Date.now() - started)}. What to try next:`, {
    'make up': 'the same cluster in the background, for routes of your own; `make down` ends it',
    'make test': 'every test there is, on the same real parts',
  })
  return 0
}

async function startCluster(narrator: Narrator, signal: AbortSignal): Promise<StackWithTlsauto> {
  await rm(LOGS, { recursive: true, force: true })
  await buildAll({ env: process.env, report: narrator.note, only: CLUSTER, signal })
  narrator.note('starting: about 10 s')
  return startWithTlsauto({ logs: LOGS, report: narrator.note })
}

if (import.meta.main) {
  const interrupt = new AbortController()
  // Once the cluster runs it ends itself on a signal, and this process with it.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => interrupt.abort())
  }
  // Nobody reads on (`make demo | head`): the same as an interrupt.
  process.stdout.on('error', () => process.kill(process.pid, 'SIGTERM'))
  const code = await demo(createNarrator(process.stdout), interrupt.signal)
  process.exitCode = interrupt.signal.aborted ? 130 : code
}
