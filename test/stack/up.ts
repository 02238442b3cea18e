import { spawn } from 'node:child_process'
import { mkdir, open } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { buildAll, ROOT } from './build-all.ts'
import { ENV_FILE } from './env-file.ts'
import { connectToSupervisor, readNews, STOP } from './supervisor-socket.ts'
import { until } from './until.ts'

const USAGE = `
  source .tlsauto/env
  kubectl apply -f deploy/examples/plain-route.yaml
  kubectl tlsauto status
  curl --cacert $TLSAUTO_ACME_ROOT --resolve blog.example.com:$TLSAUTO_WEBSECURE:127.0.0.1 \\
    https://blog.example.com:$TLSAUTO_WEBSECURE/

  .tlsauto/env has all addresses, .tlsauto/logs all logs. \`make down\` ends it.
`

/** \`make up\`: a cluster with tlsauto in the background. Nothing is left when it can't start. */
async function up(say: (line: string) => void): Promise<void> {
  const running = await connectToSupervisor()
  if (running !== undefined) {
    await untilReady(running, say)
    return say(`The cluster is already up.\n${USAGE}`)
  }
  const started = Date.now()
  await buildAll({ env: process.env, report: say })
  say('starting the cluster and tlsauto: about 10 s')
  await spawnSupervisor()
  const what = 'the supervisor to listen (its log is .tlsauto/supervisor.log)'
  const supervisor = await until(what, connectToSupervisor, 10_000)
  process.once('SIGINT', () => supervisor.write(STOP))
  process.once('SIGTERM', () => supervisor.write(STOP))
  await untilReady(supervisor, say)
  say(`The cluster is up, after ${((Date.now() - started) / 1000).toFixed(1)} s.\n${USAGE}`)
}

async function untilReady(supervisor: Socket, say: (line: string) => void): Promise<void> {
  for await (const news of readNews(supervisor)) {
    if (news.kind === 'step') say(news.text)
    if (news.kind === 'failed') throw new Error(`${news.text}\nThe logs are in .tlsauto/logs.`)
    if (news.kind === 'ready') return void supervisor.destroy()
  }
  throw new Error('the cluster was ended before it was ready; the logs are in .tlsauto/logs')
}

/** It outlives this process, in a session of its own. */
async function spawnSupervisor(): Promise<void> {
  const folder = dirname(ENV_FILE)
  await mkdir(folder, { recursive: true })
  const log = await open(join(folder, 'supervisor.log'), 'w')
  const child = spawn(process.execPath, [join(import.meta.dirname, 'supervisor.ts')], {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  })
  child.unref()
  await log.close()
}

if (import.meta.main) {
  try {
    await up((line) => process.stdout.write(`${line}\n`))
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}
